"""Where records use words for skills and occupations: what aliases and the queue are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from app.domain.enums import LinkMethod, PhraseKind
from app.domain.records import CandidateRecord, VacancyRecord
from app.services.identifiers import is_uri, isco_code
from app.services.linking import link_skills
from app.services.occupations import resolve_occupations
from app.services.taxonomy_index import TaxonomyIndex


class Side(StrEnum):
    """Who uses a phrase: those who ask, or those who offer."""

    VACANCY = "vacancy"
    CANDIDATE = "candidate"


class PhraseUse(NamedTuple):
    """A field of a record that holds words for one skill or occupation."""

    kind: PhraseKind
    phrase: str
    lang: str | None
    side: Side
    record_id: UUID


class FoundConcept(NamedTuple):
    """What a phrase links to; ``score`` in [0, 1]."""

    uri: str
    score: float
    method: LinkMethod


StoredVacancies = Sequence[tuple[UUID, VacancyRecord]]
StoredCandidates = Sequence[tuple[UUID, CandidateRecord]]


def phrase_uses(vacancies: StoredVacancies, candidates: StoredCandidates) -> Iterator[PhraseUse]:
    """Give every field that is linked as a phrase: skills, occupations, titles that stand for one.

    Concept URIs and ISCO-08 codes are no words and are left out.
    """
    for row_id, vacancy in vacancies:
        asked = (requirement.skill for requirement in vacancy.skills)
        yield from _uses(PhraseKind.SKILL, asked, vacancy.lang, Side.VACANCY, row_id)
        title = (vacancy.occupation if vacancy.occupation.strip() else vacancy.title,)
        yield from _uses(PhraseKind.OCCUPATION, title, vacancy.lang, Side.VACANCY, row_id)
    for row_id, candidate in candidates:
        claimed = (claim.skill for claim in candidate.skills)
        yield from _uses(PhraseKind.SKILL, claimed, candidate.lang, Side.CANDIDATE, row_id)
        titles = [*candidate.occupations, *(work.occupation for work in candidate.experience)]
        yield from _uses(PhraseKind.OCCUPATION, titles, candidate.lang, Side.CANDIDATE, row_id)


def link_each(
    index: TaxonomyIndex, kind: PhraseKind, phrases: Sequence[str], langs: Sequence[str | None]
) -> list[FoundConcept | None]:
    """Link phrases of one kind as ranking does; None where the linker abstains."""
    if kind is PhraseKind.SKILL:
        return [
            None if link is None else FoundConcept(index.skills.concepts[link[0]].uri, link[1], link[2])
            for link in link_skills(index, phrases, langs)
        ]
    return [
        None
        if title.row is None or title.method is None
        else FoundConcept(index.occupations.concepts[title.row].uri, title.score, title.method)
        for title in resolve_occupations(index, phrases, langs)
    ]


def _uses(
    kind: PhraseKind, phrases: Iterable[str], lang: str | None, side: Side, record_id: UUID
) -> Iterator[PhraseUse]:
    for phrase in phrases:
        words = phrase.strip()
        if words and not is_uri(words) and not (kind is PhraseKind.OCCUPATION and isco_code(words)):
            yield PhraseUse(kind, words, lang, side, record_id)
