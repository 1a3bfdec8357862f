"""What each clause of a text is about: headings, and sentences that are boilerplate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.matching.cues import CueTable, Section, Signal
from app.matching.segmentation import Clause, Cut

# What a vacancy says under these headings is about the employer, not the work.
NOT_WORK = frozenset(
    {Section.OFFER, Section.EMPLOYER, Section.APPLY, Section.EQUALITY, Section.PRIVACY, Section.FACTS}
)
_ABOUT_WORK = frozenset({Section.REQUIREMENTS, Section.TASKS, Section.OPTIONAL})
_LONGEST_HEADING = 8
_LONGEST_LEAD_IN = 12
# What nobody writes as one sentence is cut by force.
_MOST_CLAUSES = 60
_LONGEST_TRAILING = 3
# Share of a heading's words that have to be a known heading's.
_MIN_COLON_SHARE, _MIN_LINE_SHARE = 0.5, 0.75


def sections_of(
    clauses: Sequence[Clause], words: Sequence[str], capitals: Sequence[bool], table: CueTable
) -> list[tuple[Section, bool]]:
    """The section of every clause, and whether the clause is itself a heading.

    A heading holds until the next one. After a part that is not about the work, a
    line of its own that looks like a heading ends that part even if it is unknown.

    Parameters
    ----------
    clauses : sequence of Clause
    words : sequence of str
        Canonical words of the text.
    capitals : sequence of bool
        Whether each is written with a capital letter.
    table : CueTable
        Cue words of the text's language.
    """
    found: list[tuple[Section, bool]] = []
    section = Section.BODY
    outer = Section.BODY
    for clause in clauses:
        if section is Section.FACTS and found and not found[-1][1] and clause.before >= Cut.SENTENCE:
            section = outer  # a fact is one line
        heading = _heading(clause, words, table)
        if heading is None:
            found.append((section, False))
            if clause.colon:
                section = _trailing_heading(clause, words, capitals, table) or section
            continue
        if heading is Section.FACTS and section is not Section.FACTS:
            outer = section
        section = heading
        found.append((section, True))
    return found


def boilerplate_of(
    sentence: Sequence[Clause], section: Section, words: Sequence[str], table: CueTable
) -> Section | None:
    """What else than the work a sentence is about; None if it is about the work.

    Under a heading that is about the work one word is too little evidence.
    """
    weight = 0
    kind = None
    for hit in table.boilerplate.find(words[sentence[0].first : sentence[-1].last]):
        weight += hit.last - hit.first
        kind = kind or hit.value
    return kind if weight >= (2 if section in _ABOUT_WORK else 1) else None


def sentences_of(
    clauses: Sequence[Clause], sections: Sequence[tuple[Section, bool]]
) -> Iterator[tuple[int, int]]:
    """Ranges of clauses that make one sentence; a heading is one by itself."""
    first = 0
    for i in range(1, len(clauses) + 1):
        is_end = i == len(clauses) or clauses[i].before >= Cut.SEMICOLON or i - first >= _MOST_CLAUSES
        if is_end or sections[i] != sections[i - 1] or sections[i][1]:
            yield first, i
            first = i


def _heading(clause: Clause, words: Sequence[str], table: CueTable) -> Section | None:
    is_line = clause.before >= Cut.LINE and clause.after >= Cut.ITEM
    own = list(words[clause.first : clause.last])
    if not (clause.colon and clause.before >= Cut.DASH) and not is_line:
        # "Tasks | What awaits you"
        is_opening = clause.before >= Cut.LINE and clause.after >= Cut.DASH
        return table.headings.get(" ".join(own)) if is_opening and len(own) <= _LONGEST_HEADING else None
    if clause.n_words > _LONGEST_LEAD_IN or clause.in_brackets:
        return None
    if clause.n_words <= _LONGEST_HEADING:
        section = _known_heading(own, table, _MIN_COLON_SHARE if clause.colon else _MIN_LINE_SHARE)
        if section is not None:
            return section
    if clause.colon:
        # "You must have:" rules the list under it.
        for hit in table.signals.find(own):
            if hit.value.signal is Signal.ESSENTIAL:
                return Section.REQUIREMENTS
            if hit.value.signal is Signal.OPTIONAL:
                return Section.OPTIONAL
        if clause.before >= Cut.LINE and clause.after >= Cut.ITEM:
            return Section.BODY
    return None


def _known_heading(own: Sequence[str], table: CueTable, min_share: float) -> Section | None:
    """The section of the longest known heading that begins or ends ``own`` and is most of it."""
    for length in range(len(own), 0, -1):
        if length < min_share * len(own):
            break
        for start in dict.fromkeys((0, len(own) - length)):
            section = table.headings.get(" ".join(own[start : start + length]))
            if section is not None:
                return section
    return None


def _trailing_heading(
    clause: Clause, words: Sequence[str], capitals: Sequence[bool], table: CueTable
) -> Section | None:
    """The heading that ends a clause, where no stop came before it: "… in shifts Requirements: …"."""
    for length in range(min(_LONGEST_TRAILING, clause.n_words - 1), 0, -1):
        first = clause.last - length
        section = table.headings.get(" ".join(words[first : clause.last]))
        if section is not None and capitals[first]:
            return section
    return None
