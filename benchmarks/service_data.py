"""A database of invented candidates, linked beforehand, for measuring the service over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.domain.actor import Actor, Role
from app.domain.enums import Cefr, EvidenceGrade, SkillLevel
from app.domain.ids import new_id, pseudonym_of
from app.domain.records import (
    CandidateRecord,
    LanguageLevel,
    LanguageRequirement,
    RequirementRecord,
    VacancyRecord,
)
from app.domain.submissions import CohortRecord
from app.domain.transitions import CandidateStatus, VacancyStatus
from app.models import CandidateProfile, OrganisationKind, PreparedCandidate
from app.services.api_keys import issue_api_key
from app.services.cohorts import commit_cohort, create_cohort
from app.services.live_pools import basis_of
from app.services.occupations import ResolvedOccupation
from app.services.organisations import create_organisation, create_partnership
from app.services.preparation import PreparedCandidate as Linked
from app.services.preparation import PreparedClaim
from app.services.prepared_profiles import dump_profile
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancies import change_vacancy_status, create_vacancy

NOW = datetime(2026, 11, 26, tzinfo=UTC)
_PER_COHORT = 1_000
_LANGS = ("en", "fr", "ar", "de", "it")
_N_WORDS = 20_000
_SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
_SENTENCE = 9


class Filled(NamedTuple):
    """What the measurement needs to know of the database."""

    key: str
    vacancy_ids: list[UUID]
    actor: Actor


def fill_database(session: Session, index: TaxonomyIndex, *, n_candidates: int, n_vacancies: int) -> Filled:
    """Add a partnership with candidates (5-40 claims, 30-150 words) and vacancies (5-25 requirements)."""
    random = np.random.default_rng(20261126)
    partnership = create_partnership(session, "Benchmark", is_test=True, now=NOW)
    staff = Actor(key_id=None, role=Role.ADMIN, partnership_id=partnership.id)
    institution = _organisation(session, staff, OrganisationKind.INSTITUTION, Role.INSTITUTION)
    employer = _organisation(session, staff, OrganisationKind.EMPLOYER, Role.EMPLOYER)
    for start in range(0, n_candidates, _PER_COHORT):
        cohort = create_cohort(session, institution, CohortRecord(id=f"cohort-{start:07}"), now=NOW)
        people = list(_people(random, index, start, min(_PER_COHORT, n_candidates - start)))
        rows = [_profile(cohort, institution, person) for person in people]
        session.execute(insert(CandidateProfile), rows)
        session.execute(
            insert(PreparedCandidate),
            [
                {
                    "candidate_id": row["id"],
                    "candidate_version": 1,
                    "basis": basis_of(index),
                    "content": dump_profile(person),
                }
                for row, person in zip(rows, people, strict=True)
            ],
        )
        commit_cohort(session, institution, cohort.id, now=NOW)
    vacancy_ids = []
    for record in _vacancies(random, index, n_vacancies):
        vacancy = create_vacancy(session, employer, record, now=NOW)
        change_vacancy_status(session, employer, vacancy.id, VacancyStatus.PUBLISHED, now=NOW)
        vacancy_ids.append(vacancy.id)
    key = issue_api_key(session, staff, role=Role.REVIEWER, label="benchmark", now=NOW)
    reviewer = Actor(key_id=None, role=Role.REVIEWER, partnership_id=partnership.id)
    return Filled(key.secret, vacancy_ids, reviewer)


def touch_candidate(session: Session, actor: Actor, candidate_id: UUID) -> None:
    """Count a change of one candidate that changes nothing."""
    from app.repositories.candidate_pool import CandidatePoolRepository

    CandidatePoolRepository(session, actor.partnership_id).note_changes(ids=[candidate_id])


def _organisation(session: Session, staff: Actor, kind: OrganisationKind, role: Role) -> Actor:
    made = create_organisation(session, staff, kind.value, kind=kind, name="Invented", country=None, now=NOW)
    return Actor(key_id=None, role=role, partnership_id=staff.partnership_id, organisation_id=made.id)


def _zipf(random: np.random.Generator, n: int, size: int) -> list[int]:
    """Distinct numbers below ``n``, small ones often: the skewed use of skills and words."""
    drawn = np.exp(random.random(size) * np.log(n + 1)).astype(int) - 1
    return sorted({int(each) for each in np.minimum(drawn, n - 1)})


def _words(random: np.random.Generator) -> list[str]:
    """Words of a text in no order, so that nobody seems to have copied."""
    numbers = _zipf(random, _N_WORDS, int(random.integers(30, 151)))
    return [_word(numbers[at]) for at in random.permutation(len(numbers)).tolist()]


def _word(number: int) -> str:
    """A word of four syllables; hardly any two are one typing error apart."""
    # An odd factor without the size's divisors, so that each number has a word of its own.
    mixed = number * 7_368_787 % len(_SYLLABLES) ** 4
    return "".join(_SYLLABLES[mixed // len(_SYLLABLES) ** place % len(_SYLLABLES)] for place in range(4))


def _text(words: list[str]) -> str:
    sentences = (words[start : start + _SENTENCE] for start in range(0, len(words), _SENTENCE))
    return " ".join(f"{' '.join(sentence).capitalize()}." for sentence in sentences)


def _people(random: np.random.Generator, index: TaxonomyIndex, start: int, n: int) -> Iterator[Linked]:
    evidence, levels, cefr = list(EvidenceGrade), [None, *SkillLevel], list(Cefr)
    for number in range(start, start + n):
        claims = [
            PreparedClaim(
                skill,
                index.label(index.skills.concepts[skill].uri),
                evidence[int(random.integers(len(evidence)))],
                levels[int(random.integers(len(levels)))],
            )
            for skill in _zipf(random, len(index.skills), int(random.integers(5, 41)))
        ]
        occupation = _zipf(random, len(index.occupations), 1)[0]
        concept = index.occupations.concepts[occupation]
        langs = [_LANGS[at] for at in _zipf(random, len(_LANGS), 2)]
        words = _words(random)
        yield Linked(
            record=CandidateRecord(
                id=f"person-{number:07}",
                lang="en",
                text=_text(words),
                languages=tuple(LanguageLevel(lang, cefr[int(random.integers(6))]) for lang in langs),
            ),
            claims=claims,
            occupations=[
                (ResolvedOccupation(occupation, concept.isco_group, 1.0, None), index.label(concept.uri))
            ],
            terms=set(words),
        )


def _profile(cohort: Any, institution: Actor, person: Linked) -> dict[str, Any]:
    candidate_id = new_id()
    return {
        "id": candidate_id,
        "partnership_id": institution.partnership_id,
        "institution_id": institution.organisation_id,
        "cohort_id": cohort.id,
        "external_id": person.record.id,
        "pseudonym": pseudonym_of(candidate_id),
        "lang": "en",
        "text": person.record.text,
        "education": [],
        "experience": [],
        "status": CandidateStatus.REGISTERED,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _vacancies(random: np.random.Generator, index: TaxonomyIndex, n: int) -> Iterator[VacancyRecord]:
    for number in range(n):
        skills = _zipf(random, len(index.skills), int(random.integers(5, 26)))
        occupation = _zipf(random, len(index.occupations), 1)[0]
        yield VacancyRecord(
            id=f"vacancy-{number}",
            title=index.label(index.occupations.concepts[occupation].uri),
            lang="en",
            description=_text(_words(random)),
            occupation=index.occupations.concepts[occupation].uri,
            skills=tuple(RequirementRecord(index.label(index.skills.concepts[each].uri)) for each in skills),
            languages=(LanguageRequirement("en", Cefr.B1),),
        )
