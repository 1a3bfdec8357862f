"""Which language a text is in: declared, detected, or told by its small words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from app.matching.cues import cue_languages, function_words
from app.matching.text import canonical

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Shorter texts are told apart by their small words at best: "welder" passes for Dutch.
_MIN_LETTERS = 20
_MIN_CONFIDENCE = 0.6
# More of a text makes it slower and no surer.
_READ_CHARS = 3000
# Shorter paragraphs are in the language of their text.
_MIN_PARAGRAPH = 40
# A paragraph with this share of its text's small words is in its language.
_OWN_SHARE = 0.15
# How much more small words another language has to have, as a share of its own.
_CLEARLY = 0.3
_loading = Lock()


class Detected(NamedTuple):
    """A language (ISO 639-1) and how sure it is, in [0, 1]; None and 0 where nothing tells."""

    lang: str | None
    confidence: float


UNKNOWN = Detected(None, 0.0)


def detect_language(text: str) -> Detected:
    """Detect the language of a text among those that have cue words.

    From 20 letters on by character statistics; of shorter texts, and where these are
    unsure, by the small words that no other language has as many of.
    """
    sample = text[:_READ_CHARS]
    if sum(char.isalpha() for char in sample) >= _MIN_LETTERS:
        lang, confidence = _identifier().classify(sample)
        if confidence >= _MIN_CONFIDENCE:
            return Detected(str(lang), round(float(confidence), 6))
    return by_small_words(canonical(sample).split())


def by_small_words(words: Sequence[str], among: Sequence[str] | None = None) -> Detected:
    """The language with the most small words in ``words``, if one has more than all others."""
    best, most, second = None, 0, 0
    for lang in among or cue_languages():
        small = function_words(lang)
        n_small = sum(word in small for word in words)
        if n_small > most:
            best, most, second = lang, n_small, most
        elif n_small > second:
            second = n_small
    if best is None or most == second:
        return UNKNOWN
    return Detected(best, round((most - second) / most, 6))


def text_language(text: str, declared: str | None) -> Iterator[tuple[int, int, str | None]]:
    """Cut a text into stretches of one language: (start, end, language).

    The declared language, else the detected one, is that of the text; a paragraph of
    at least 40 letters whose small words are clearly those of another is read in that one.
    """
    own = declared or detect_language(text).lang
    start = 0
    langs: list[tuple[int, int, str | None]] = []
    for end in _paragraph_ends(text):
        lang = _paragraph_language(text[start:end], own)
        if langs and langs[-1][2] == lang:
            langs[-1] = (langs[-1][0], end, lang)
        else:
            langs.append((start, end, lang))
        start = end
    yield from langs


def _paragraph_ends(text: str) -> Iterator[int]:
    end = text.find("\n")
    while end >= 0:
        yield end + 1
        end = text.find("\n", end + 1)
    if text and not text.endswith("\n"):
        yield len(text)


def _paragraph_language(paragraph: str, own: str | None) -> str | None:
    if len(paragraph) < _MIN_PARAGRAPH or own not in cue_languages():
        return own
    sample = paragraph[:_READ_CHARS]
    words = canonical(sample).split()
    small = function_words(own or "")
    if sum(word in small for word in words) >= _OWN_SHARE * len(words):
        return own
    other = by_small_words(words)
    if other.lang is None or other.lang == own or other.confidence < _CLEARLY:
        return own
    lang, confidence = _identifier().classify(sample)
    return other.lang if lang == other.lang and confidence >= _MIN_CONFIDENCE else own


@lru_cache(maxsize=1)
def _load() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(cue_languages()))
    return identifier


def _identifier() -> LanguageIdentifier:
    with _loading:
        return _load()
