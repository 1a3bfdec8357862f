"""Passages that speak to the machine which reads a profile, in words kept as data by language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from app.matching.vetting.folded import visible_letters, visible_positions
from app.matching.vetting.passages import Passage, Reason
from app.matching.vetting.units import sentences

# Words between the parts of a demand.
_FEW, _SOME, _MANY = 2, 4, 8
_BREAKS = ".!?;:\n"
_OPENING = r"(?:^|[.!?:;\n\[(<{*\u2022-])[^\w\n]*"
_CLOSING = r"\s*(?=[:,.!;\])\n\u2013\u2014-]|$)"
_ONE_WORD = r"[^\w,.;:\n]+(?:\w+[^\w,.;:\n]+)?"
_WORD = re.compile(r"[^\W_]+")
# Marks of the formats in which conversations are handed to language models.
_FRAMES = re.compile(
    r"<\|[a-z_]+\|>|\[/?inst\]|<</?sys>>|^\s*#{2,}\s*(?:system|instruction|assistant|user):"
    r"|^\s*[\[(]?\s*system\s*(?:prompt|message|override|note)\s*[\])]?\s*:",
    re.MULTILINE,
)


def instruction_passages(text: str) -> Iterator[Passage]:
    """Find the sentences that tell a machine what to do.

    A sentence counts if it puts instructions out of force, addresses a machine, or demands
    a place for its writer. What follows in the same paragraph counts if it demands, too.
    """
    letters = visible_letters(text)
    words = set(_WORD.findall(letters))
    # A match never goes past the end of a sentence, so its end tells which one it is in.
    found = [match.end() - 1 for match in _FRAMES.finditer(letters)]
    for demand in _demands():
        if demand.may_be_in(letters, words):
            found += [match.end() - 1 for match in demand.pattern.finditer(letters)]
    if not found:
        return
    position = visible_positions(text)
    ends = [position[end] for end in found]
    for start, end in sentences(text):
        if any(start <= at < end for at in ends):
            yield Passage(start, end, Reason.INSTRUCTION)


class _Demand(NamedTuple):
    """A pattern, and for each of its parts words of which one has to be there.

    Searching for words is fast and for patterns slow, and hardly any text has a word of every part.
    """

    pattern: re.Pattern[str]
    whole: tuple[frozenset[str], ...]
    stems: tuple[tuple[str, ...], ...]

    def may_be_in(self, letters: str, words: AbstractSet[str]) -> bool:
        return all(
            not whole.isdisjoint(words) or any(stem in letters for stem in stems)
            for whole, stems in zip(self.whole, self.stems, strict=True)
        )


@lru_cache(maxsize=1)
def _demands() -> tuple[_Demand, ...]:
    raw = files("app.matching.vetting").joinpath("instructions.toml").read_text(encoding="utf-8")
    return tuple(demand for words in tomllib.loads(raw).values() for demand in _demands_of(words))


def _demands_of(words: Mapping[str, list[str]]) -> Iterator[_Demand]:
    folded = {name: [visible_letters(phrase) for phrase in phrases] for name, phrases in words.items()}
    part = {name: _any_of(phrases) for name, phrases in folded.items()}

    def demand(pattern: str, *names: str) -> _Demand:
        # The longest word of a phrase says most.
        rarest = [{max(phrase.split(), key=len) for phrase in folded[name]} for name in names]
        whole = tuple(frozenset(word for word in of if "*" not in word) for of in rarest)
        stems = tuple(tuple(sorted(word[:-1] for word in of if "*" in word)) for of in rarest)
        return _Demand(re.compile(pattern), whole, stems)

    ignore, prior, rules, person = part["ignore"], part["prior"], part["rules"], part["person"]
    yield demand(rf"{ignore}{_gap(_SOME)}{prior}{_gap(_SOME)}{rules}", "ignore", "prior", "rules")
    # Where adjectives follow.
    yield demand(rf"{ignore}{_gap(_FEW)}{rules}{_gap(_FEW)}{prior}", "ignore", "prior", "rules")
    # A sentence that opens "To the AI:"; not "attention to AI", not "to the AI team".
    yield demand(rf"{_OPENING}{part['note']}{_ONE_WORD}{part['machine']}{_CLOSING}", "note", "machine")
    yield demand(part["role"], "role")
    yield demand(rf"{part['rank']}{_gap(_FEW)}{person}{_gap(_SOME)}{part['top']}", "rank", "person", "top")
    yield demand(rf"{person}{_gap(_FEW)}{part['must']}{_gap(_MANY)}{part['top']}", "person", "must", "top")


def _any_of(phrases: list[str]) -> str:
    forms = sorted({_form(phrase) for phrase in phrases}, key=lambda form: (-len(form), form))
    return rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)"


def _form(phrase: str) -> str:
    return r"[\W_]+".join(re.escape(word).replace(r"\*", r"\w*") for word in phrase.split())


def _gap(most: int) -> str:
    """Up to so many words of the same sentence between two parts."""
    return rf"(?:[^\w{_BREAKS}]+\w+){{0,{most}}}?[^\w{_BREAKS}]+"
