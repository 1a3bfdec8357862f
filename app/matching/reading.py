"""A text as the linker reads it: words, clauses, and what is said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from app.domain.enums import Importance, SkillLevel
from app.matching.cues import CueTable, Section, cue_table
from app.matching.scopes import ClauseCues, CueSpan, cues_of
from app.matching.sections import NOT_WORK, boilerplate_of, sections_of, sentences_of
from app.matching.segmentation import Clause, Gap, clauses_of, gaps_between, without_markup
from app.matching.text import Token, tokens

# Under these headings a skill is asked for unless a cue says otherwise.
_IMPORTANCE_OF = {
    Section.REQUIREMENTS: Importance.ESSENTIAL,
    Section.TASKS: Importance.ESSENTIAL,
    Section.OPTIONAL: Importance.OPTIONAL,
}
_NO_CLAIM = frozenset({Section.CV_SKIP, Section.PRIVACY})
Quantity = TypeVar("Quantity", int, SkillLevel)


class Remark(NamedTuple):
    """What a text says of some of its words.

    Attributes
    ----------
    section
        Under which heading they stand.
    importance
        None where neither a cue nor the section tells.
    cue
        Words of the cue that gave the importance, as a range; None where the section did.
    level, months
        Command or time asked for or claimed; None where not stated.
    is_denied, is_wished
        Whether it says that the skill is not needed or absent; or yet to be learned.
    """

    section: Section
    importance: Importance | None
    cue: CueSpan | None
    level: SkillLevel | None
    months: int | None
    is_denied: bool
    is_wished: bool


@dataclass(frozen=True, slots=True)
class ReadClause:
    """A clause about the work, with its section and cues."""

    clause: Clause
    section: Section
    cues: ClauseCues
    is_enumerated: bool

    def remark(self, first: int, last: int) -> Remark:
        """What is said of ``words[first:last]`` of this clause."""
        cues = self.cues
        importance, cue = cues.importance, cues.importance_cue
        if importance is None:
            importance = _IMPORTANCE_OF.get(self.section)
        return Remark(
            section=self.section,
            importance=importance,
            cue=cue,
            level=_nearest(cues.levels, first, last, cues.inherited_level),
            months=_nearest(cues.months, first, last, cues.inherited_months),
            is_denied=_meets(cues.denied, first, last),
            is_wished=_meets(cues.wished, first, last),
        )


@dataclass(frozen=True, slots=True)
class TextReading:
    """A text's words, the gaps before them, and its clauses that are about the work."""

    words: list[Token]
    gaps: list[Gap]
    clauses: list[ReadClause]
    table: CueTable
    lang: str | None


def read_text(text: str, lang: str | None, *, is_profile: bool = False) -> TextReading:
    """Cut a text into clauses and find what it says about them.

    Parameters
    ----------
    lang : str, optional
        Whose cue words count; English ones always do.
    is_profile : bool
        A profile has no boilerplate of employers, but headings of its own.
    """
    table = cue_table(lang)
    plain = without_markup(text)
    words = tokens(plain)
    gaps = gaps_between(plain, words, table.abbreviations)
    clauses = list(clauses_of(gaps)) if words else []
    texts = [word.text for word in words]
    capitals = [plain[word.start].isupper() for word in words]
    sections = sections_of(clauses, texts, capitals, table)
    left_out = _NO_CLAIM if is_profile else NOT_WORK
    found = []
    for first, last in sentences_of(clauses, sections):
        section, is_heading = sections[first]
        sentence = clauses[first:last]
        if is_heading or section in left_out:
            continue
        if not is_profile and boilerplate_of(sentence, section, texts, table):
            continue
        enumerated = last - first >= 3
        for clause, cues in zip(sentence, cues_of(sentence, texts, table), strict=True):
            found.append(ReadClause(clause, section, cues, enumerated))
    return TextReading(words, gaps, found, table, lang)


def _nearest(
    stated: Sequence[tuple[CueSpan, Quantity]] | None, first: int, last: int, inherited: Quantity | None
) -> Quantity | None:
    """The quantity stated last before the words, else the first one right after them."""
    value = None
    for span, quantity in stated or ():
        if span.last <= first:
            value = quantity
        elif span.first >= last and value is None:
            return quantity
    return value if value is not None else inherited


def _meets(spans: Sequence[CueSpan] | None, first: int, last: int) -> bool:
    return any(span.first < last and first < span.last for span in spans or ())
