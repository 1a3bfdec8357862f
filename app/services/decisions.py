"""What people have decided, as rankings are told: one query for all pairs that are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.reviews import DecisionBook, PairReview
from app.repositories.reviews import ReviewRepository
from app.services.live_pools import candidate_of


def load_decisions(
    session: Session,
    actor: Actor,
    *,
    vacancy_id: UUID | None = None,
    candidate_ids: Iterable[UUID] | None = None,
) -> DecisionBook:
    """Load the newest decision on each pair, by the stored ids as text.

    Parameters
    ----------
    vacancy_id
        The only vacancy that the book will be asked for; any when None.
    candidate_ids
        The only candidates; anybody when None.
    """
    rows = ReviewRepository(session, actor).newest_decisions(
        vacancy_id=vacancy_id, candidate_ids=candidate_ids
    )
    return DecisionBook((str(vacancy), str(candidate), decision) for vacancy, candidate, decision in rows)


def load_named_decisions(
    session: Session, actor: Actor, vacancies: Mapping[UUID, str], candidates: Mapping[UUID, str]
) -> DecisionBook:
    """Load the newest decision on each pair of named records, by their names."""
    return DecisionBook(
        (vacancies[vacancy], candidates[candidate], decision)
        for vacancy, candidate, decision in ReviewRepository(session, actor).newest_decisions()
        if vacancy in vacancies and candidate in candidates
    )


def reviews_of_vacancy(
    session: Session, actor: Actor, vacancy_id: UUID, rows: Sequence[str]
) -> dict[str, PairReview]:
    """What was decided on a vacancy's pairs with candidates of a pool, by row id."""
    ids = {row: candidate_of(row) for row in rows}
    book = load_decisions(session, actor, vacancy_id=vacancy_id, candidate_ids=ids.values())
    return {row: book.review(str(vacancy_id), str(candidate)) for row, candidate in ids.items()}


def reviews_of_candidate(session: Session, actor: Actor, candidate_id: UUID) -> Callable[[UUID], PairReview]:
    """What was decided on a candidate's pairs, by vacancy."""
    book = load_decisions(session, actor, candidate_ids=[candidate_id])
    return lambda vacancy_id: book.review(str(vacancy_id), str(candidate_id))
