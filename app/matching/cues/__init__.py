"""Cue words per language: what a text says about the skills it names.

The words are data, in one TOML file per language beside this module, read when a
language is first met.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from app.domain.enums import SkillLevel
from app.matching.cues.table import PhraseTable
from app.matching.text import canonical

# Adverts everywhere mix English in; its cues count beside those of any language.
_COMMON = "en"
# Letters by which inflected forms of a long word are told to be one.
_STEM = 7


class Signal(Enum):
    """What a cue says."""

    ESSENTIAL = auto()
    OPTIONAL = auto()
    NEGATION_BEFORE = auto()
    NEGATION_AFTER = auto()
    NO_NEGATION = auto()
    WISH = auto()
    LEVEL = auto()
    QUALIFIER = auto()
    BUT = auto()
    YEARS = auto()
    MONTHS = auto()
    AGE = auto()


class Section(Enum):
    """What a stretch of a text is about."""

    BODY = auto()  # under no heading
    REQUIREMENTS = auto()
    TASKS = auto()
    OPTIONAL = auto()
    OFFER = auto()
    EMPLOYER = auto()
    APPLY = auto()
    EQUALITY = auto()
    PRIVACY = auto()
    FACTS = auto()
    CV_SKIP = auto()


class Meaning(NamedTuple):
    """What a cue stands for; ``level`` is set for levels only."""

    signal: Signal
    level: SkillLevel | None = None


@dataclass(frozen=True, slots=True)
class CueTable:
    """The cue words that count in texts of one language, in canonical form."""

    signals: PhraseTable[Meaning]
    boilerplate: PhraseTable[Section]
    headings: Mapping[str, Section]
    function: frozenset[str]
    joining: frozenset[str]
    alternative: frozenset[str]
    numbers: Mapping[str, int]
    abbreviations: frozenset[str]


_SIGNAL_LISTS = {
    "no_negation": Signal.NO_NEGATION,
    "negation_after": Signal.NEGATION_AFTER,
    "negation_before": Signal.NEGATION_BEFORE,
    "wish": Signal.WISH,
    "optional": Signal.OPTIONAL,
    "essential": Signal.ESSENTIAL,
    "years": Signal.YEARS,
    "months": Signal.MONTHS,
    "age": Signal.AGE,
    "but": Signal.BUT,
}
# What an English word means in a text of another language only if it is no word of that language.
_SHARED = ("optional", "essential", "years", "months")
_NOT_EVERYDAY = ("until", "until_now", "learner", "no_learner")
_LEVELS = {
    "basic": SkillLevel.BASIC,
    "intermediate": SkillLevel.INTERMEDIATE,
    "advanced": SkillLevel.ADVANCED,
    "expert": SkillLevel.EXPERT,
}


@lru_cache(maxsize=1)
def cue_languages() -> tuple[str, ...]:
    """ISO 639-1 codes of the languages that have cue words, sorted."""
    names = (file.name for file in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@lru_cache(maxsize=64)
def cue_table(lang: str | None) -> CueTable:
    """Cue words for texts of a language: its own and English ones; English alone if it has none."""
    own = _read(lang if lang in cue_languages() else _COMMON)
    common = _read(_COMMON)
    function = function_words(str(lang)) or function_words(_COMMON)
    signals: PhraseTable[Meaning] = PhraseTable()
    boilerplate: PhraseTable[Section] = PhraseTable()
    headings: dict[str, Section] = {}
    for words, is_own in ((own, True), (common, False)):
        if not is_own and words is own:
            continue
        for name, signal in _SIGNAL_LISTS.items():
            for phrase in words[name] if is_own or name in _SHARED else ():
                if is_own or canonical(phrase) not in function:
                    signals.add(phrase, Meaning(signal))
        for name, level in _LEVELS.items():
            for phrase in words["levels"][name]:
                signals.add(phrase, Meaning(Signal.LEVEL, level))
        for phrase in words["qualifiers"]["words"]:
            if is_own or canonical(phrase) not in function:
                signals.add(phrase, Meaning(Signal.QUALIFIER))
        for name, phrases in words["boilerplate"].items():
            for phrase in phrases:
                boilerplate.add(phrase, Section[name.upper()])
        for name, phrases in words["headings"].items():
            for phrase in phrases:
                headings.setdefault(canonical(phrase), Section[name.upper()])
    numbers = {word: n for n, word in enumerate(_folded(own["numbers"]), start=1)}
    return CueTable(
        signals=signals,
        boilerplate=boilerplate,
        headings=headings,
        function=function,
        joining=frozenset(_folded(own["and"])),
        alternative=frozenset(_folded(own["or"])),
        numbers=numbers,
        abbreviations=frozenset(_folded([*own["abbreviations"], *common["abbreviations"]])),
    )


@dataclass(frozen=True, slots=True)
class TitleCues:
    """What is no part of a job title, in all languages: titles are often in another one than the text."""

    noise: PhraseTable[None]
    ends: frozenset[str]


@lru_cache(maxsize=1)
def title_cues() -> TitleCues:
    """Cue words for job titles."""
    noise: PhraseTable[None] = PhraseTable()
    for lang in cue_languages():
        for phrase in _read(lang)["title_noise"]:
            noise.add(phrase, None)
    ends = frozenset(word for lang in cue_languages() for word in _read(lang)["title_ends"])
    return TitleCues(noise, ends)


@lru_cache(maxsize=64)
def learner_cues(lang: str | None) -> PhraseTable[bool]:
    """What of a job title says that one is learning the trade (True), or only looks so (False).

    Of every language, as titles are often in another one than the text; what a word means in the
    text's own counts first, then in English.
    """
    cues: PhraseTable[bool] = PhraseTable()
    own = [lang] if lang in cue_languages() else []
    for each in dict.fromkeys([*own, _COMMON, *cue_languages()]):
        for name in ("no_learner", "learner"):
            for phrase in _read(each)[name]:
                cues.add(phrase, name == "learner")
    return cues


class PeriodCues(NamedTuple):
    """What stands between the ends of a period, and for the end of one that still goes on; canonical."""

    until: frozenset[str]
    now: frozenset[str]


@lru_cache(maxsize=64)
def period_cues(lang: str | None) -> PeriodCues:
    """Cue words for periods of work in a text of a language, and in English."""
    langs = {_COMMON, lang if lang in cue_languages() else _COMMON}
    return PeriodCues(
        *(
            frozenset(form for each in langs for form in _folded(_read(each)[name]))
            for name in ("until", "until_now")
        )
    )


@lru_cache(maxsize=64)
def function_words(lang: str) -> frozenset[str]:
    """The commonest small words of a language, canonical; none for a language without cue words."""
    if lang not in cue_languages():
        return frozenset()
    own = _read(lang)
    return frozenset(
        form for name in ("function", "and", "or") for form in _folded(own[name]) if " " not in form
    )


class EverydayWords:
    """Words that say little because every advert uses them."""

    def __init__(self, words: frozenset[str]) -> None:
        self._words = words
        self._stems = frozenset(word[:_STEM] for word in words if len(word) >= _STEM)

    def has(self, word: str) -> bool:
        """Whether a canonical word, or a long one that begins alike, is among them."""
        return word in self._words or (len(word) >= _STEM and word[:_STEM] in self._stems)


@lru_cache(maxsize=64)
def everyday_words(lang: str) -> EverydayWords:
    """Every word that the cues of a language hold, headings and boilerplate among them.

    They were collected because adverts and profiles of all trades use them, which is what
    makes a word common. Words of periods count beside years only, and those of learners in titles:
    "current" is a welder's word, too. None for a language without cue words.
    """
    held: set[str] = set()
    pending: list[object] = []
    if lang in cue_languages():
        pending += (words for name, words in _read(lang).items() if name not in _NOT_EVERYDAY)
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            pending += each.values()
        elif isinstance(each, list):
            pending += each
        elif isinstance(each, str):
            held.update(canonical(each).split())
    return EverydayWords(frozenset(held))


def _folded(phrases: list[str]) -> Iterator[str]:
    for phrase in phrases:
        form = canonical(phrase)
        if form:
            yield form


@lru_cache(maxsize=64)
def _read(lang: str | None) -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath(f"{lang}.toml").read_text(encoding="utf-8"))
