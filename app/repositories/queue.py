"""Queries over the normalisation queue."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.domain.enums import PhraseKind, QueueReason
from app.domain.permissions import Operation
from app.domain.transitions import AliasState, QueueState
from app.models import ConceptAlias, Partnership, QueuedPhrase
from app.repositories.scoped import Page, ScopedRepository, chunks

_N_USES = QueuedPhrase.n_vacancies + QueuedPhrase.n_candidates


class QueueRepository(ScopedRepository[QueuedPhrase]):
    """The phrases of the actor's partnership that wait for a decision, or had one."""

    model = QueuedPhrase
    noun = "queued phrase"

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        kind: PhraseKind | None = None,
        lang: str | None = None,
        state: QueueState | None = None,
        reason: QueueReason | None = None,
    ) -> Page[QueuedPhrase]:
        """List one page, most frequent first; ``lang`` "" are phrases that declare none.

        Goes on after the row named, wherever that one stands now. After a row that
        is gone the list ends.
        """
        query = self.visible(Operation.QUEUE_READ)
        if kind is not None:
            query = query.where(QueuedPhrase.kind == kind)
        if lang is not None:
            query = query.where(QueuedPhrase.lang == lang)
        if state is not None:
            query = query.where(QueuedPhrase.state == state)
        if reason is not None:
            query = query.where(QueuedPhrase.reason == reason)
        if after is not None:
            query = self._after(query, after)
        query = query.order_by(_N_USES.desc(), QueuedPhrase.canonical, QueuedPhrase.id).limit(limit + 1)
        rows = list(self.session.scalars(query))
        return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

    def count_states(self) -> dict[QueueState, int]:
        """Count the entries in each state; a state without any is left out."""
        counts = self.visible(Operation.QUEUE_READ).with_only_columns(QueuedPhrase.state, func.count())
        rows = self.session.execute(counts.group_by(QueuedPhrase.state))
        return {row[0]: row[1] for row in rows}

    def list_langs(self) -> list[str]:
        """List the languages that entries are in; "" where some declare none."""
        langs = self.visible(Operation.QUEUE_READ).with_only_columns(QueuedPhrase.lang).distinct()
        return sorted(self.session.execute(langs).scalars())

    def _after(self, query: Select[QueuedPhrase], row_id: UUID) -> Select[QueuedPhrase]:
        last = aliased(QueuedPhrase)
        n_uses = last.n_vacancies + last.n_candidates
        return query.join(
            last, and_(last.id == row_id, last.partnership_id == self.actor.partnership_id)
        ).where(
            or_(
                n_uses > _N_USES,
                and_(
                    n_uses == _N_USES,
                    or_(
                        QueuedPhrase.canonical > last.canonical,
                        and_(QueuedPhrase.canonical == last.canonical, QueuedPhrase.id > last.id),
                    ),
                ),
            )
        )

    def lock_all(self) -> list[QueuedPhrase]:
        """List the whole queue of the partnership for its renewal, and keep every other renewal out.

        The partnership is locked first, without its key, which other rows refer to:
        a second renewal would add the same phrases.
        """
        own = select(Partnership.id).where(Partnership.id == self.actor.partnership_id)
        self.session.execute(own.with_for_update(key_share=True))
        query = self.visible(Operation.QUEUE_WRITE).order_by(QueuedPhrase.id).with_for_update()
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    def delete(self, rows: Iterable[QueuedPhrase]) -> None:
        """Forget phrases that no record uses any more."""
        for chunk in chunks(row.id for row in rows):
            self.session.execute(
                delete(QueuedPhrase).where(
                    QueuedPhrase.id.in_(chunk), QueuedPhrase.partnership_id == self.actor.partnership_id
                )
            )


def list_entries_of(session: Session, alias: ConceptAlias) -> list[tuple[QueuedPhrase, bool]]:
    """List the queue entries that an alias speaks of, with whether any alias in force answers them.

    Entries of every partnership for a shared alias: the one query that looks beyond
    the actor's own, and it gives nothing to the caller of a service.
    """
    in_force = exists().where(
        ConceptAlias.state == AliasState.APPROVED,
        ConceptAlias.kind == QueuedPhrase.kind,
        ConceptAlias.canonical == QueuedPhrase.canonical,
        or_(QueuedPhrase.lang == "", QueuedPhrase.lang == ConceptAlias.lang),
        or_(
            ConceptAlias.partnership_id == QueuedPhrase.partnership_id,
            ConceptAlias.partnership_id.is_(None),
        ),
    )
    query = select(QueuedPhrase, in_force).where(
        QueuedPhrase.kind == alias.kind,
        QueuedPhrase.canonical == alias.canonical,
        QueuedPhrase.lang.in_(("", alias.lang)),
    )
    if alias.partnership_id is not None:
        query = query.where(QueuedPhrase.partnership_id == alias.partnership_id)
    return [(row, answered) for row, answered in session.execute(query.order_by(QueuedPhrase.id))]
