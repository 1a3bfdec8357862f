"""How far a cue reaches: importance, denial, wish, level and months, for every word of a sentence.

A cue rules its clause; it rules the whole sentence where no other cue of its kind
stands in it. A cue at the end of a clause looks back ("Java, C# required"), one at
the beginning looks ahead ("must have Java, C#"), and one by itself in brackets is
about what stands right before ("Docker (a plus)").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.enums import Importance, SkillLevel
from app.matching.cues import CueTable, Meaning, Signal
from app.matching.cues.table import Hit
from app.matching.segmentation import Clause, Cut

_IMPORTANCE = {Signal.ESSENTIAL: Importance.ESSENTIAL, Signal.OPTIONAL: Importance.OPTIONAL}
_MONTHS_PER = {Signal.YEARS: 12, Signal.MONTHS: 1}
# More is an age, a founding year or a slip.
_MOST_MONTHS = 40 * 12
# "Welding, grinding not required": what is enumerated is short.
_SHORT_CLAUSE = 4


class CueSpan(NamedTuple):
    """A cue that decided: ``words[first:last]``."""

    first: int
    last: int


@dataclass(slots=True)
class ClauseCues:
    """What is said of the words of one clause.

    Attributes
    ----------
    marks
        Cues in the clause, by word position in the text; months as ``YEARS`` with their number.
    importance, importance_cue
        What rules the whole clause, and the words that say so.
    denied, wished
        Ranges of words.
    levels, months
        (position, value) of what is stated in the clause itself, ascending.
    inherited_level, inherited_months
        What an earlier clause of the enumeration, or a later one in brackets, hands over.
    """

    marks: list[Hit[Meaning]]
    importance: Importance | None = None
    importance_cue: CueSpan | None = None
    denied: list[CueSpan] | None = None
    wished: list[CueSpan] | None = None
    levels: list[tuple[CueSpan, SkillLevel]] | None = None
    months: list[tuple[CueSpan, int]] | None = None
    inherited_level: SkillLevel | None = None
    inherited_months: int | None = None

    def covers(self, position: int) -> bool:
        """Whether a word is a part of a cue."""
        return any(mark.first <= position < mark.last for mark in self.marks)


def cues_of(sentence: Sequence[Clause], words: Sequence[str], table: CueTable) -> list[ClauseCues]:
    """Find the cues of a sentence and how far each reaches, clause by clause."""
    cues = [_own_cues(clause, words, table) for clause in sentence]
    if any(clause_cues.marks for clause_cues in cues):
        content = [_content(clause, own, table, words) for clause, own in zip(sentence, cues, strict=True)]
        _spread_importance(sentence, cues, content)
        _spread_denial(sentence, cues, content, words, table)
        _spread_wish(sentence, cues)
        _spread_quantities(sentence, cues, content)
    return cues


def _own_cues(clause: Clause, words: Sequence[str], table: CueTable) -> ClauseCues:
    own = words[clause.first : clause.last]
    hits = [
        Hit(clause.first + hit.first, clause.first + hit.last, hit.value) for hit in table.signals.find(own)
    ]
    cues = ClauseCues([])
    for i, hit in enumerate(hits):
        if hit.value.signal in _MONTHS_PER:
            months = _months(hit, hits[i + 1 :], clause, words, table)
            if months is None:
                continue
            span, value = months
            cues.months = [*(cues.months or []), (span, value)]
            hit = Hit(span.first, span.last, hit.value)
        elif hit.value.level is not None:
            cues.levels = [*(cues.levels or []), (CueSpan(hit.first, hit.last), hit.value.level)]
        elif hit.value.signal in (Signal.AGE, Signal.BUT) and clause.n_words == 1:
            continue
        cues.marks.append(hit)
    return cues


def _months(
    unit: Hit[Meaning], later: Sequence[Hit[Meaning]], clause: Clause, words: Sequence[str], table: CueTable
) -> tuple[CueSpan, int] | None:
    """Read the number before a unit of time; None for an age, or without a number."""
    if later and later[0].value.signal is Signal.AGE and later[0].first - unit.last <= 1:
        return None
    first = unit.first
    number = None
    while first > clause.first and unit.first - first < 2:
        value = _number(words[first - 1], table)
        if value is None:
            break
        number = value  # of "2-3 years" the first counts
        first -= 1
    if number is None or not 0 < number * _MONTHS_PER[unit.value.signal] <= _MOST_MONTHS:
        return None
    return CueSpan(first, unit.last), number * _MONTHS_PER[unit.value.signal]


def _number(word: str, table: CueTable) -> int | None:
    digits = word.rstrip("+")
    if digits.isascii() and digits.isdigit() and len(digits) <= 3:
        return int(digits)
    return table.numbers.get(word)


def _content(clause: Clause, cues: ClauseCues, table: CueTable, words: Sequence[str]) -> list[int]:
    """Positions of the words that are neither cues nor small words."""
    covered = {position for mark in cues.marks for position in range(mark.first, mark.last)}
    return [
        position
        for position in range(clause.first, clause.last)
        if position not in covered and words[position] not in table.function and not words[position].isdigit()
    ]


def _spread_importance(
    sentence: Sequence[Clause], cues: Sequence[ClauseCues], content: Sequence[Sequence[int]]
) -> None:
    first_of: dict[int, Hit[Meaning]] = {}
    for i, clause_cues in enumerate(cues):
        for hit in clause_cues.marks:
            if hit.value.signal in _IMPORTANCE:
                first_of.setdefault(i, hit)
    for i, hit in first_of.items():
        _rule(cues[i], hit)
        if not content[i] and sentence[i].in_brackets and i > 0:
            _rule(cues[i - 1], hit)
        elif len(first_of) == 1:
            for clause_cues in cues:
                _rule(clause_cues, hit)
        elif (not content[i] and i > 0) or (content[i] and content[i][-1] < hit.first):
            for earlier in range(i - 1, -1, -1):
                if earlier in first_of:
                    break
                _rule(cues[earlier], hit)
        else:
            for later in range(i + 1, len(sentence)):
                if later in first_of or _opens_anew(sentence[later], cues[later], content[later]):
                    break
                _rule(cues[later], hit)


def _opens_anew(clause: Clause, cues: ClauseCues, content: Sequence[int]) -> bool:
    """Whether a clause is a requirement of its own: long, or with a qualifier in front."""
    return len(content) > _SHORT_CLAUSE or any(mark.first == clause.first for mark in cues.marks)


def _rule(cues: ClauseCues, hit: Hit[Meaning]) -> None:
    if cues.importance is not None:
        return
    cues.importance = _IMPORTANCE[hit.value.signal]
    cues.importance_cue = CueSpan(hit.first, hit.last)


def _spread_denial(
    sentence: Sequence[Clause],
    cues: Sequence[ClauseCues],
    content: Sequence[Sequence[int]],
    words: Sequence[str],
    table: CueTable,
) -> None:
    for i, clause_cues in enumerate(cues):
        for hit in clause_cues.marks:
            if hit.value.signal is Signal.NEGATION_BEFORE:
                _deny(clause_cues, hit.last, _until_but(clause_cues, hit.last, sentence[i].last))
                _deny_enumeration(i, sentence, cues, words, table)
            elif hit.value.signal is Signal.NEGATION_AFTER:
                before = [position for position in content[i] if position < hit.first]
                if before or (i > 0 and not content[i]):
                    _deny(clause_cues, sentence[i].first, hit.first)
                    for earlier in range(i - 1, -1, -1):
                        if len(content[earlier]) > _SHORT_CLAUSE or cues[earlier].importance_cue:
                            break
                        _deny(cues[earlier], sentence[earlier].first, sentence[earlier].last)
                else:
                    _deny(clause_cues, hit.last, sentence[i].last)


def _deny_enumeration(
    i: int, sentence: Sequence[Clause], cues: Sequence[ClauseCues], words: Sequence[str], table: CueTable
) -> None:
    """Carry "no X, Y or Z" over to the last alternative."""
    last = i
    for later in range(i + 1, len(sentence)):
        if _until_but(cues[later], sentence[later].first, sentence[later].last) < sentence[later].last:
            break
        if any(word in table.alternative for word in words[sentence[later].first : sentence[later].last]):
            last = later
    for later in range(i + 1, last + 1):
        _deny(cues[later], sentence[later].first, sentence[later].last)


def _until_but(cues: ClauseCues, first: int, last: int) -> int:
    return min(
        (mark.first for mark in cues.marks if mark.value.signal is Signal.BUT and mark.first >= first),
        default=last,
    )


def _deny(cues: ClauseCues, first: int, last: int) -> None:
    cues.denied = [*(cues.denied or []), CueSpan(first, last)]


def _spread_wish(sentence: Sequence[Clause], cues: Sequence[ClauseCues]) -> None:
    wishing = False
    for clause, clause_cues in zip(sentence, cues, strict=True):
        if wishing:
            clause_cues.wished = [CueSpan(clause.first, clause.last)]
        for hit in clause_cues.marks:
            if hit.value.signal is Signal.WISH:
                wishing = True
                clause_cues.wished = [CueSpan(hit.last, clause.last)]


def _spread_quantities(
    sentence: Sequence[Clause], cues: Sequence[ClauseCues], content: Sequence[Sequence[int]]
) -> None:
    """Hand levels and months on: "good knowledge of Word, Excel", "Excel (advanced)", "Excel: 2 years"."""
    level: SkillLevel | None = None
    months: int | None = None
    for i, (clause, clause_cues) in enumerate(zip(sentence, cues, strict=True)):
        is_alone = not content[i] and i > 0 and clause.before is not Cut.COMMA
        if clause_cues.levels:
            level = None
            if is_alone:
                cues[i - 1].inherited_level = clause_cues.levels[0][1]
            elif content[i] and content[i][-1] > clause_cues.levels[-1][0].first:
                level = clause_cues.levels[-1][1]
        elif level is not None and len(content[i]) <= _SHORT_CLAUSE:
            clause_cues.inherited_level = level
        if clause_cues.months:
            months = None
            if is_alone:
                cues[i - 1].inherited_months = clause_cues.months[0][1]
            elif content[i] and content[i][-1] > clause_cues.months[-1][0].first:
                months = clause_cues.months[-1][1]
        elif months is not None and len(content[i]) <= _SHORT_CLAUSE:
            clause_cues.inherited_months = months
