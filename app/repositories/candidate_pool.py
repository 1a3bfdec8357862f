"""Queries that keep a ranked pool in step with the candidates it is made of.

Not scoped to a role: a pool is the partnership's, and who reads rankings of it is
decided where they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, selectinload

from app.domain.transitions import CohortStatus
from app.models import CandidateProfile, Cohort, Organisation, Partnership, PreparedCandidate
from app.repositories.candidates import RANKABLE_STATUSES
from app.repositories.scoped import chunks


@dataclass(frozen=True, slots=True)
class PoolMember:
    """A candidate as the pool sees it: who, at which version, and whether to be ranked."""

    candidate_id: UUID
    version: int
    external_id: str
    institution: str
    cohort: str
    is_rankable: bool


class CandidatePoolRepository:
    """Changes and linked forms of one partnership's candidates."""

    def __init__(self, session: Session, partnership_id: UUID) -> None:
        self.session = session
        self.partnership_id = partnership_id

    def note_changes(self, *, cohort_id: UUID | None = None, ids: Iterable[UUID] = ()) -> None:
        """Say that candidates changed: those of a cohort, and those named.

        The partnership's row stays locked until the transaction ends, so numbers become
        visible in their order and a reader that has seen one has seen all before it.
        Candidates are locked before it, here and by who changes one: else two wait for each other.
        """
        if cohort_id is not None:
            of_cohort = select(CandidateProfile.id).where(CandidateProfile.cohort_id == cohort_id)
            in_order = of_cohort.order_by(CandidateProfile.id).with_for_update(key_share=True)
            self.session.execute(in_order).all()
        self.session.execute(
            update(Partnership)
            .where(Partnership.id == self.partnership_id)
            .values(pool_change=Partnership.pool_change + 1)
            .execution_options(synchronize_session=False)
        )
        number = self.change_number()
        changed = update(CandidateProfile).values(pool_change=number)
        if cohort_id is not None:
            self._execute(changed.where(CandidateProfile.cohort_id == cohort_id))
        for chunk in chunks(ids):
            self._execute(changed.where(CandidateProfile.id.in_(chunk)))

    def _execute(self, statement: object) -> None:
        self.session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]

    def change_number(self) -> int:
        """The number of the last change."""
        query = select(Partnership.pool_change).where(Partnership.id == self.partnership_id)
        return self.session.scalars(query).one()

    def list_changed(self, since: int) -> list[PoolMember]:
        """List the candidates that changed after a number; with -1 all, by id."""
        return self._members(CandidateProfile.pool_change > since)

    def find_member(self, candidate_id: UUID) -> PoolMember | None:
        """Find one candidate as the pool sees it."""
        found = self._members(CandidateProfile.id == candidate_id)
        return found[0] if found else None

    def list_members(self, cohort_id: UUID) -> list[PoolMember]:
        """List the candidates of a cohort as the pool sees them, by id."""
        return self._members(CandidateProfile.cohort_id == cohort_id)

    def _members(self, where: ColumnElement[bool]) -> list[PoolMember]:
        query = (
            select(
                CandidateProfile.id,
                CandidateProfile.version,
                CandidateProfile.external_id,
                Organisation.external_id,
                Cohort.external_id,
                CandidateProfile.status,
                Cohort.status,
            )
            .join(Cohort, CandidateProfile.cohort_id == Cohort.id)
            .join(Organisation, CandidateProfile.institution_id == Organisation.id)
            .where(CandidateProfile.partnership_id == self.partnership_id, where)
            .order_by(CandidateProfile.id)
        )
        return [
            PoolMember(*row[:5], row[5] in RANKABLE_STATUSES and row[6] is CohortStatus.COMMITTED)
            for row in self.session.execute(query)
        ]

    def iter_prepared(self, basis: str, ids: Sequence[UUID]) -> Iterator[tuple[UUID, int, str]]:
        """Give (candidate id, version, content) of those that are kept on this basis, as they are now."""
        for chunk in chunks(ids):
            query = (
                select(CandidateProfile.id, CandidateProfile.version, PreparedCandidate.content)
                .join(PreparedCandidate, PreparedCandidate.candidate_id == CandidateProfile.id)
                .where(
                    PreparedCandidate.basis == basis,
                    PreparedCandidate.candidate_id.in_(chunk),
                    PreparedCandidate.candidate_version == CandidateProfile.version,
                )
            )
            for row in self.session.execute(query):
                yield row[0], row[1], row[2]

    def versions(self, ids: Sequence[UUID]) -> dict[UUID, int]:
        """Say at which version candidates are; those that are gone are left out."""
        found: dict[UUID, int] = {}
        for chunk in chunks(ids):
            # By id alone: with the partnership in it SQLite reads all of the partnership.
            query = select(
                CandidateProfile.id, CandidateProfile.version, CandidateProfile.partnership_id
            ).where(CandidateProfile.id.in_(chunk))
            found |= {row[0]: row[1] for row in self.session.execute(query) if row[2] == self.partnership_id}
        return found

    def texts(self, ids: Sequence[UUID]) -> dict[UUID, tuple[str, list[Any], list[Any]]]:
        """Find the running text of profiles: text, education and experience as stored."""
        found: dict[UUID, tuple[str, list[Any], list[Any]]] = {}
        for chunk in chunks(ids):
            # By id alone: with the partnership in it SQLite reads all of the partnership.
            query = select(
                CandidateProfile.id,
                CandidateProfile.text,
                CandidateProfile.education,
                CandidateProfile.experience,
                CandidateProfile.partnership_id,
            ).where(CandidateProfile.id.in_(chunk))
            found |= {
                row[0]: (row[1], row[2], row[3])
                for row in self.session.execute(query)
                if row[4] == self.partnership_id
            }
        return found

    def load(self, ids: Sequence[UUID]) -> list[CandidateProfile]:
        """Load profiles with their children, without identity."""
        found: list[CandidateProfile] = []
        children = (CandidateProfile.occupations, CandidateProfile.claims, CandidateProfile.languages)
        for chunk in chunks(ids):
            query = (
                select(CandidateProfile)
                .where(CandidateProfile.partnership_id == self.partnership_id, CandidateProfile.id.in_(chunk))
                .options(*(selectinload(child) for child in children))
                .order_by(CandidateProfile.id)
            )
            found += self.session.scalars(query)
        return found

    def store_prepared(self, basis: str, rows: Sequence[tuple[UUID, int, str]]) -> None:
        """Keep linked forms, in place of older ones; several processes may do so at once."""
        make = postgresql.insert if self.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        statement = make(PreparedCandidate)
        kept = {name: statement.excluded[name] for name in ("candidate_version", "basis", "content")}
        statement = statement.on_conflict_do_update(
            index_elements=[PreparedCandidate.candidate_id],
            set_=kept,
            where=PreparedCandidate.candidate_version <= statement.excluded.candidate_version,
        )
        # All go through the rows in one order, so that nobody waits for who waits for them.
        for chunk in chunks(sorted(rows)):
            ids = [candidate_id for candidate_id, _, _ in chunk]
            # A profile may have gone meanwhile; those that are left stay until these forms are kept.
            left = select(CandidateProfile.id).where(CandidateProfile.id.in_(ids))
            is_left = set(self.session.scalars(left.with_for_update(read=True, key_share=True)))
            values = [
                {"candidate_id": each, "candidate_version": version, "basis": basis, "content": content}
                for each, version, content in chunk
                if each in is_left
            ]
            if values:
                self.session.execute(statement, values)
