"""Occupations of candidates: those that are stated and those that their texts name."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.records import CandidateRecord
from app.matching.titles import first_part
from app.matching.work_history import beside_periods
from app.services.occupations import (
    NO_OCCUPATION,
    ResolvedOccupation,
    first_line_occupations,
    guess_occupations,
    resolve_occupations,
    worked_occupations,
)
from app.services.taxonomy_index import TaxonomyIndex

NamedOccupation = tuple[ResolvedOccupation, str]
"""An occupation and the words that name it."""

# A profile often opens with the occupation.
_TITLE_LINES = 3
_TITLE_WORDS = 6


def candidate_occupations(
    index: TaxonomyIndex, records: Sequence[CandidateRecord]
) -> list[list[NamedOccupation]]:
    """Read each candidate's occupations: stated ones, opening lines, then those beside periods of work."""
    found = _stated(index, records)
    # Also where titles are stated: what is added to a profile never takes away.
    _add_opening(index, records, found)
    _add_first_lines(index, records, found)
    _add_worked(index, records, found)
    return found


def opening_lines(record: CandidateRecord) -> list[str]:
    """The lines of a profile that are its occupation, if they equal the title of one."""
    return [line.strip() for line in record.text.splitlines() if line.strip()][:_TITLE_LINES]


def _stated(index: TaxonomyIndex, records: Sequence[CandidateRecord]) -> list[list[NamedOccupation]]:
    stated = [
        (at, title)
        for at, record in enumerate(records)
        for title in (*record.occupations, *(work.occupation for work in record.experience))
        if title.strip()
    ]
    langs = [records[at].lang for at, _ in stated]
    resolved = resolve_occupations(index, [title for _, title in stated], langs)
    found: list[list[NamedOccupation]] = [[] for _ in records]
    _keep(found, stated, resolved)
    return found


def _add_opening(
    index: TaxonomyIndex, records: Sequence[CandidateRecord], found: list[list[NamedOccupation]]
) -> None:
    opening = [(at, line) for at, record in enumerate(records) for line in opening_lines(record)]
    langs = [records[at].lang for at, _ in opening]
    _keep(found, opening, guess_occupations(index, [line for _, line in opening], langs))


def _add_first_lines(
    index: TaxonomyIndex, records: Sequence[CandidateRecord], found: list[list[NamedOccupation]]
) -> None:
    """Read how the first line begins: a few words that name an occupation, though no label equals them."""
    first = [
        (at, title)
        for at, record in enumerate(records)
        if (lines := opening_lines(record))
        and (title := first_part(lines[0]))
        and len(title.split()) <= _TITLE_WORDS
        and all(words not in (title, lines[0]) for _, words in found[at])
    ]
    langs = [records[at].lang for at, _ in first]
    _keep(found, first, first_line_occupations(index, [title for _, title in first], langs))


def _add_worked(
    index: TaxonomyIndex, records: Sequence[CandidateRecord], found: list[list[NamedOccupation]]
) -> None:
    """Add the occupations beside periods of work in the running text; a must reads stated fields only."""
    for record, held in zip(records, found, strict=True):
        rows = {occupation.row for occupation, _ in held}
        periods = beside_periods(record.text, record.lang)
        for occupation, words in worked_occupations(index, periods, record.lang):
            if occupation.row not in rows:
                held.append((occupation, words))
                rows.add(occupation.row)


def _keep(
    found: list[list[NamedOccupation]],
    named: Sequence[tuple[int, str]],
    read: Sequence[ResolvedOccupation],
) -> None:
    for (at, words), occupation in zip(named, read, strict=True):
        if occupation != NO_OCCUPATION:
            found[at].append((occupation, words))
