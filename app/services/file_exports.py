"""Give stored records and rankings as the plain values that files are written from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.eligibility import Eligibility
from app.domain.enums import EvidenceGrade, Importance, Provenance
from app.domain.permissions import Operation
from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.results import CandidateSide, Contribution, RankedMatch, VacancyRanking
from app.domain.reviews import DecisionBook, PairReview, ReviewEntry
from app.domain.transitions import MatchRunState, VacancyStatus
from app.errors import Conflict
from app.models import CandidateProfile, Match, MatchApart
from app.repositories.match_runs import MatchRepository, MatchRunRepository
from app.repositories.reviews import ReviewRepository
from app.repositories.scoped import Page
from app.services.candidates import list_candidates
from app.services.conversion import candidate_record, vacancy_record
from app.services.decisions import load_decisions
from app.services.vacancies import list_vacancies

_PAGE = 200

RowT = TypeVar("RowT")


def pseudonym(candidate: CandidateProfile) -> str:
    """Name a candidate as everyone but their institution sees them."""
    return candidate.pseudonym


def iter_vacancies(
    session: Session, actor: Actor, *, employer_id: UUID | None = None, status: VacancyStatus | None = None
) -> Iterator[VacancyRecord]:
    """Give the vacancies that the actor may read, oldest first, under their employers' ids."""
    pages = partial(list_vacancies, session, actor, limit=_PAGE, employer_id=employer_id, status=status)
    yield from map(vacancy_record, _every(pages))


def iter_candidates(
    session: Session, actor: Actor, *, cohort_id: UUID | None = None
) -> Iterator[CandidateRecord]:
    """Give the profiles that the actor may read, oldest first, under their pseudonyms."""
    pages = partial(list_candidates, session, actor, limit=_PAGE, cohort_id=cohort_id)
    for candidate in _every(pages):
        yield candidate_record(candidate, record_id=pseudonym(candidate))


def iter_rankings(
    session: Session,
    actor: Actor,
    run_id: UUID,
    *,
    explain: bool = False,
    name_of: Callable[[CandidateProfile], str] = pseudonym,
) -> Iterator[VacancyRanking]:
    """Give the rankings of a run as they were stored, in the order the vacancies were made.

    What people have decided is given as of now: whom they have ruled out since stands apart,
    and the ranks of the others stay.

    Raises
    ------
    NotFound
        The actor's partnership has no such run.
    Conflict
        The run is not complete.
    """
    runs = MatchRunRepository(session, actor)
    run = runs.get(run_id, Operation.RANKING_READ)
    if run.state is not MatchRunState.COMPLETE:
        raise Conflict(f"The match run is {run.state} and has no result.")
    vacancies = _every(partial(list_vacancies, session, actor, limit=_PAGE))
    external_ids = {vacancy.id: vacancy.external_id for vacancy in vacancies}
    apart: dict[UUID, list[MatchApart]] = defaultdict(list)
    for row in MatchRepository(session, actor).list_apart(run_id):
        apart[row.vacancy_id].append(row)
    reviews = _Reviews(load_decisions(session, actor), external_ids)
    found = groupby(
        _iter_matches(session, actor, run_id, explain=explain), key=lambda match: match.vacancy_id
    )
    vacancy_id, matches = next(found, (None, iter(())))
    for ranked in runs.list_ranked_vacancies(run):
        of_vacancy: Iterator[Match] = iter(())
        if ranked.vacancy_id == vacancy_id:
            of_vacancy = matches
        listed = [
            replace(ranked_match(row, name_of(row.candidate), explain=explain), review=reviews.of(row))
            for row in of_vacancy
        ]
        aside = [
            replace(ranked_apart(row, name_of(row.candidate), explain=explain), review=reviews.of(row))
            for row in apart[ranked.vacancy_id]
        ]
        aside += [match for match in listed if match.review.is_ruled_out]
        yield VacancyRanking(
            vacancy_id=external_ids[ranked.vacancy_id],
            matches=tuple(match for match in listed if not match.review.is_ruled_out),
            apart=tuple(sorted(aside, key=lambda match: match.rank)),
            flags=tuple(ranked.flags),
        )
        if ranked.vacancy_id == vacancy_id:
            vacancy_id, matches = next(found, (None, iter(())))


def iter_decisions(session: Session, actor: Actor, *, with_history: bool = False) -> Iterator[ReviewEntry]:
    """Give the decisions of the actor's partnership, newest first: the newest on each pair, or all.

    Raises
    ------
    NotPermitted
        The role does not read them.
    """
    repository = ReviewRepository(session, actor)
    pages = partial(repository.list_page, Operation.REVIEW_READ, with_history=with_history, limit=_PAGE)
    for row in _every(pages):
        yield ReviewEntry(
            vacancy_id=row.vacancy.external_id,
            candidate_id=pseudonym(row.candidate),
            decision=row.state,
            reason=row.reason,
            number=row.number,
            is_override=row.is_override,
            is_stale=row.is_stale,
            decided_at=row.decided_at,
            run_id=row.run_id,
            weight_profile=None if row.run is None else row.run.weight_profile_name,
            rank=row.rank,
            score=row.score,
            verdict=row.verdict,
        )


class _Reviews:
    """What people have decided on stored pairs, with vacancies under the names of the file."""

    def __init__(self, book: DecisionBook, names: Mapping[UUID, str]) -> None:
        self._book = book
        self._names = names

    def of(self, row: Match | MatchApart) -> PairReview:
        review = self._book.review(str(row.vacancy_id), str(row.candidate_id))
        elsewhere = tuple(self._names[UUID(each)] for each in review.introduced_elsewhere)
        return replace(review, introduced_elsewhere=elsewhere)


def _every(pages: Callable[..., Page[RowT]]) -> Iterator[RowT]:
    page = pages(after=None)
    yield from page.items
    while page.next_after is not None:
        page = pages(after=page.next_after)
        yield from page.items


def _iter_matches(session: Session, actor: Actor, run_id: UUID, *, explain: bool) -> Iterator[Match]:
    repository = MatchRepository(session, actor)
    after: tuple[UUID, int] | None = None
    while True:
        matches = repository.list_for_run(run_id, after=after, limit=_PAGE, with_contributions=explain)
        yield from matches
        if len(matches) < _PAGE:
            return
        after = matches[-1].vacancy_id, matches[-1].rank


def ranked_match(match: Match, name: str, *, explain: bool) -> RankedMatch:
    """Give a stored match, loaded with what is asked of it, as the ranking made it; under a name."""
    shares = match.contributions if explain else ()
    return RankedMatch(
        candidate_id=name,
        rank=match.rank,
        score=match.score,
        tied=match.tied,
        parts=dict(match.parts),
        flags=tuple(match.flags),
        eligibility=Eligibility.from_list(match.eligibility),
        candidate_side=CandidateSide(**match.candidate_side),
        near_duplicates=tuple(match.near_duplicates),
        contributions=tuple(
            Contribution(**{field.name: getattr(share, field.name) for field in fields(Contribution)})
            for share in shares
        ),
    )


def ranked_apart(row: MatchApart, name: str, *, explain: bool) -> RankedMatch:
    """Give a stored pair that a must rules out as the ranking made it; under a name."""
    return RankedMatch(
        candidate_id=name,
        rank=row.place,
        score=row.score,
        tied=False,
        parts=dict(row.parts),
        flags=tuple(row.flags),
        eligibility=Eligibility.from_list(row.eligibility),
        candidate_side=CandidateSide(**row.candidate_side),
        contributions=tuple(_stored(share) for share in row.contributions) if explain else (),
    )


def _stored(share: Mapping[str, Any]) -> Contribution:
    """What ``dataclasses.asdict`` wrote down of a contribution."""
    kinds = (("importance", Importance), ("provenance", Provenance), ("evidence", EvidenceGrade))
    named = {name: kind(share[name]) if share[name] else None for name, kind in kinds}
    return Contribution(**{**share, **named})
