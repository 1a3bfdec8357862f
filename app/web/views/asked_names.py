"""What a part of the score asks for in codes, in the reader's words."""

from __future__ import annotations

from app.domain.enums import Contract, Shift
from app.web.wording import Words
from app.wording import term


def asked_name(part: str, code: str, words: Words) -> str:
    """A language with its level, or a wish; what is no code of the part's stays as it is."""
    if part == "languages":
        lang, _, level = code.partition(" ")
        return f"{words.language(lang)} {level}".strip() if lang.isalpha() and lang.islower() else code
    if part == "preferences":
        if code in tuple(Shift):
            return term("shift", code, words.locale)
        if code in tuple(Contract):
            return term("contract", code, words.locale)
        return words.country(code) if len(code) == 2 and code.isupper() else code
    return code
