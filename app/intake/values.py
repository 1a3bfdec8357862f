"""Convert one raw value, or raise the fault that says what is wrong with it.

A fault shows the value only where it is plainly meant for a closed vocabulary: a
shifted column could have put a person's name into any field.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from calendar import monthrange
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from app.domain.enums import Cefr, EvidenceGrade, Importance, Need, PhraseKind, SkillLevel
from app.domain.reviews import ReviewReason
from app.domain.transitions import ReviewState
from app.intake.codes import country_code, language_code
from app.intake.columns import header_key
from app.intake.source import has_bad_characters

MAX_ID_CHARS = 200
MAX_PHRASE_CHARS = 200
MAX_LABEL_CHARS = 1_000
MAX_TEXT_CHARS = 200_000

_CEFR_LIKE = re.compile(r"[A-Za-z][0-9][+-]?")
_WHOLE_NUMBER = re.compile(r"([0-9]{1,9})(?:\.0+)?")
_WORD_BREAK = re.compile(r"[\s_-]+")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{4})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")

_LEVELS = {level.name.lower(): level for level in SkillLevel} | {
    str(int(level)): level for level in SkillLevel
}
_CEFR = {level.value: level for level in Cefr}
_EVIDENCE = {grade.value: grade for grade in EvidenceGrade}
_PHRASE_KINDS = {kind.value: kind for kind in PhraseKind}
_REVIEW_STATES = {state.value: state for state in ReviewState}
_REVIEW_REASONS = {reason.value: reason for reason in ReviewReason}
_IMPORTANCE = {importance.value: importance for importance in Importance}
_NEEDS = {need.value: need for need in Need}
_FLAGS = {"true": True, "yes": True, "oui": True, "1": True} | {
    "false": False, "no": False, "non": False, "0": False
}  # fmt: skip

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


class Fault(Exception):
    """One value is not what its field asks for; the message never holds a personal value."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def to_text(value: object, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Give text without outer white space."""
    if not isinstance(value, str):
        raise Fault("not-text", "The value is not text.")
    text = value.strip()
    if len(text) > max_chars:
        raise Fault("too-long", f"The text is longer than {max_chars:,} characters.")
    if has_bad_characters(text):
        raise Fault("invalid-text", "The text holds NUL or half a character, which cannot be stored.")
    return text


def to_label(value: object) -> str:
    """Give a short text; a bare number, such as an ISCO code, counts as one."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return str(value)
    return to_text(value, MAX_LABEL_CHARS)


def to_phrase(value: object) -> str:
    """Give the words for one skill or occupation."""
    return to_text(value, MAX_PHRASE_CHARS)


def to_phrase_kind(value: object) -> PhraseKind:
    """Give what a phrase names."""
    return to_choice(value, _PHRASE_KINDS, "invalid-kind", "a kind of phrase")


def to_review_state(value: object) -> ReviewState:
    """Give what somebody decided."""
    return to_choice(value, _REVIEW_STATES, "invalid-decision", "a decision")


def to_review_reason(value: object) -> ReviewReason:
    """Give why somebody decided so."""
    return to_choice(value, _REVIEW_REASONS, "invalid-reason", "a reason of a decision")


def to_id(value: object) -> str:
    """Give an id: text, or a whole number as spreadsheets make of it ("12.0" is 12)."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Fault("invalid-id", "The id is neither text nor a whole number.")
    if isinstance(value, (int, float)):
        number = _whole(value)
        if number is None or abs(number) >= 10**15:
            raise Fault(
                "invalid-id", "The id is not a whole number of at most 15 digits.", "Write it as text."
            )
        return str(number)
    text = to_text(value, MAX_ID_CHARS)
    if not text.isprintable():
        raise Fault("invalid-id", "The id holds a control character.")
    whole = _WHOLE_NUMBER.fullmatch(text)
    return whole[1] if whole else text


def to_whole_number(value: object, least: int, most: int) -> int:
    """Give a whole number within bounds; ``3``, ``3.0`` and ``"3"`` are all 3."""
    number: int | None = None
    if isinstance(value, str):
        match = _WHOLE_NUMBER.fullmatch(value.strip())
        number = int(match[1]) if match else None
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = _whole(value)
    if number is None or not least <= number <= most:
        raise Fault("invalid-number", f"The value is not a whole number from {least} to {most:,}.")
    return number


def to_language(value: object) -> str:
    """Give the ISO 639-1 code of a language tag."""
    code = language_code(value) if isinstance(value, str) and len(value) < 40 else None
    if code is None:
        hint = "Use an ISO 639-1 code such as fr, ar or de."
        raise Fault("invalid-language", "The value is not a known language code.", hint)
    return code


def to_country(value: object) -> str:
    """Give the ISO 3166-1 alpha-2 code of a country code."""
    code = country_code(value) if isinstance(value, str) and len(value) < 40 else None
    if code is None:
        hint = "Use an ISO 3166-1 code of two letters such as MA, TN or DE."
        raise Fault("invalid-country", "The value is not a known country code.", hint)
    return code


def to_cefr(value: object) -> Cefr:
    """Give a CEFR level, whatever its case."""
    word = value.strip() if isinstance(value, str) else ""
    level = _CEFR.get(word.upper())
    if level is not None:
        return level
    seen = f"'{word}'" if _CEFR_LIKE.fullmatch(word) else "The value"
    raise Fault("invalid-cefr", f"{seen} is not a CEFR level.", "Use A1, A2, B1, B2, C1 or C2.")


def to_level(value: object) -> SkillLevel:
    """Give a skill level from its number or its name."""
    level = level_word(value) if isinstance(value, str) else None
    if level is not None:
        return level
    try:
        return SkillLevel(to_whole_number(value, 1, 4))
    except Fault:
        hint = "Use 1 to 4, or basic, intermediate, advanced, expert."
        raise Fault("invalid-level", "The value is not a skill level.", hint) from None


def level_word(text: str) -> SkillLevel | None:
    """Give the skill level that a text names or numbers, None when it is about something else."""
    return _LEVELS.get(text) or _LEVELS.get(_word(text))


def to_evidence(value: object) -> EvidenceGrade:
    """Give an evidence grade, whatever its case, spaces and hyphens."""
    return to_choice(value, _EVIDENCE, "invalid-evidence", "an evidence grade")


def to_importance(value: object) -> Importance:
    """Give the importance of a requirement."""
    return to_choice(value, _IMPORTANCE, "invalid-importance", "an importance")


def to_date(value: object) -> dt.date:
    """Give a date from ISO 8601, or day first, as the countries concerned write it."""
    text = to_text(value, 40) if isinstance(value, str) else ""
    match = _DAY_FIRST.fullmatch(text)
    try:
        if match:
            return dt.date(int(match[3]), int(match[2]), int(match[1]))
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        raise Fault("invalid-date", "The value is not a date.", "Use YYYY-MM-DD.") from None


def to_month_or_date(value: object) -> dt.date:
    """Give a date; of a month alone its first day.

    >>> to_month_or_date("2024-03"), to_month_or_date("3/2024")
    (datetime.date(2024, 3, 1), datetime.date(2024, 3, 1))
    """
    text = to_text(value, 40)
    year_first, month_first = _MONTH.fullmatch(text), _MONTH_FIRST.fullmatch(text)
    try:
        if year_first:
            return dt.date(int(year_first[1]), int(year_first[2]), 1)
        if month_first:
            return dt.date(int(month_first[2]), int(month_first[1]), 1)
        return to_date(text)
    except (ValueError, Fault):
        hint = "Use YYYY-MM-DD or YYYY-MM."
        raise Fault("invalid-date", "The value is neither a date nor a month.", hint) from None


def to_last_month_or_date(value: object) -> dt.date:
    """Give a date; of a month alone its last day.

    >>> to_last_month_or_date("2024-02"), to_last_month_or_date("2024-02-01")
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 1))
    """
    day, text = to_month_or_date(value), to_text(value, 40)
    if _MONTH.fullmatch(text) or _MONTH_FIRST.fullmatch(text):
        return day.replace(day=monthrange(day.year, day.month)[1])
    return day


def to_need(value: object) -> Need:
    """Give how firmly something is asked for."""
    return to_choice(value, _NEEDS, "invalid-need", "a need")


def to_flag(value: object) -> bool:
    """Give a truth value, or the word that a table has for it."""
    if isinstance(value, bool):
        return value
    flag = _FLAGS.get(value.strip().lower()) if isinstance(value, str) and len(value) < 20 else None
    if flag is None:
        raise Fault("invalid-flag", "The value is neither true nor false.", "Use true or false, yes or no.")
    return flag


def to_email(value: object) -> str:
    """Give text that has the shape of an e-mail address."""
    text = to_text(value, MAX_LABEL_CHARS)
    if not _EMAIL.fullmatch(text):
        raise Fault("invalid-email", "The value is not an e-mail address.")
    return text


def _whole(value: int | float) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if value.is_integer() else None


def to_choice(
    value: object,
    choices: Mapping[str, ChoiceT],
    code: str,
    what: str,
    *,
    also: Mapping[str, ChoiceT] | None = None,
) -> ChoiceT:
    """Give the choice of a closed list that a word names, whatever its case, spaces and hyphens.

    ``also`` holds other words for them, in the form of ``header_key``; hints do not list those.
    """
    if not isinstance(value, str):
        raise Fault(code, f"The value is not {what}.", f"Use {', '.join(choices)}.")
    choice = choices.get(value) or choices.get(_word(value))
    if choice is None and also and len(value) < 100:
        choice = also.get(header_key(value))
    if choice is not None:
        return choice
    word = _word(value)
    hint = f"Use {', '.join(choices)}."
    # Loosely alike is not enough: "Assad" is a surname, and half of "assessed".
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.8)
    if close:
        raise Fault(code, f"'{word}' is not {what}.", f"Did you mean {close[0]}? {hint}")
    raise Fault(code, f"The value is not {what}.", hint)


def _word(value: str) -> str:
    return _WORD_BREAK.sub("_", value.strip().lower()) if len(value) < 100 else ""
