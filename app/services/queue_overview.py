"""The normalisation queue as people work through it: figures, where a phrase stands, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import PhraseKind, QueueReason
from app.domain.transitions import QueueState
from app.models import QueuedPhrase
from app.repositories.phrases import PhraseRepository
from app.repositories.queue import QueueRepository

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What the queue is narrowed to; ``lang`` "" are phrases that declare none."""

    kind: PhraseKind | None = None
    lang: str | None = None
    reason: QueueReason | None = None
    state: QueueState | None = QueueState.OPEN


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How many entries there are in each state, and in which languages."""

    n_by_state: dict[QueueState, int]
    langs: Sequence[str]


@dataclass(frozen=True, slots=True)
class PhrasePlaces:
    """Some of the records that use a phrase in its most frequent spelling: id and name."""

    vacancies: Sequence[tuple[UUID, str]]
    candidates: Sequence[tuple[UUID, str]]


def queue_figures(session: Session, actor: Actor) -> QueueFigures:
    """Count the queue of the actor's partnership."""
    repository = QueueRepository(session, actor)
    return QueueFigures(repository.count_states(), repository.list_langs())


def phrase_places(session: Session, actor: Actor, entry: QueuedPhrase) -> PhrasePlaces:
    """Find some of the records that use a phrase: vacancies by title, candidates by pseudonym."""
    repository = PhraseRepository(session, actor)
    return PhrasePlaces(
        repository.vacancies_with(entry.kind, entry.wording, _EXAMPLES) if entry.n_vacancies else (),
        repository.candidates_with(entry.kind, entry.wording, _EXAMPLES) if entry.n_candidates else (),
    )


def find_next_entry(
    session: Session, actor: Actor, entry_id: UUID, filters: QueueFilters
) -> QueuedPhrase | None:
    """Find the open entry that comes after one, else the first; None when none is open."""
    repository = QueueRepository(session, actor)
    for after in (entry_id, None):
        page = repository.list_page(
            after=after,
            limit=2,
            kind=filters.kind,
            lang=filters.lang,
            reason=filters.reason,
            state=QueueState.OPEN,
        )
        others = [row for row in page.items if row.id != entry_id]
        if others:
            return others[0]
    return None


def vacancy_titles(session: Session, actor: Actor, vacancy_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the titles of vacancies that a preview names."""
    return PhraseRepository(session, actor).vacancy_titles(vacancy_ids)
