"""Which words of a text say something: what is no number, no single letter and no function word."""

from __future__ import annotations

from collections.abc import Iterable

from app.matching.cues import function_words
from app.matching.text import canonical


def is_term(word: str) -> bool:
    """Whether a canonical word says something: at least two characters, not a number."""
    return len(word) > 1 and not word.isdigit()


def terms_of(texts: Iterable[str]) -> set[str]:
    """Distinct words of some texts: canonical, at least two characters, not a number."""
    words = {word for text in texts for word in canonical(text).split()}
    return {word for word in words if is_term(word)}


def content_words(text: str, lang: str) -> list[str]:
    """Distinct terms of a canonical text but for the function words of its language, in its order."""
    small = function_words(lang)
    return [word for word in dict.fromkeys(text.split()) if is_term(word) and word not in small]
