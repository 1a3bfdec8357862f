"""Queries over candidate profiles, and apart from them over identities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation, require
from app.domain.transitions import CandidateStatus, CohortStatus
from app.models import CandidateIdentity, CandidateProfile, Cohort, Organisation
from app.repositories.scoped import Page, ScopedRepository, chunks

# Consent is recorded by institutions outside the service for now: a committed cohort counts as
# consented, so these states are ranked. Paused, placed, withdrawn and erased never are.
RANKABLE_STATUSES = (CandidateStatus.REGISTERED, CandidateStatus.CONSENTED, CandidateStatus.ACTIVE)


class CandidateRepository(ScopedRepository[CandidateProfile]):
    """Candidate profiles within the actor's scope; never with identity."""

    model = CandidateProfile
    noun = "candidate"
    owner = "institution_id"
    children = (CandidateProfile.occupations, CandidateProfile.claims, CandidateProfile.languages)

    def list_page(
        self,
        *,
        after: UUID | None,
        limit: int,
        cohort_id: UUID | None = None,
        status: CandidateStatus | None = None,
        external_id: str | None = None,
        pseudonym: str | None = None,
    ) -> Page[CandidateProfile]:
        where: list[ColumnElement[bool]] = []
        if cohort_id is not None:
            where.append(CandidateProfile.cohort_id == cohort_id)
        if status is not None:
            where.append(CandidateProfile.status == status)
        if external_id is not None:
            where.append(CandidateProfile.external_id == external_id)
        if pseudonym is not None:
            where.append(CandidateProfile.pseudonym == pseudonym)
        return self.page(Operation.CANDIDATE_READ, *where, after=after, limit=limit)

    def list_in_cohort(
        self, cohort_id: UUID, external_ids: Iterable[str], operation: Operation, *, for_update: bool = False
    ) -> dict[str, CandidateProfile]:
        """List the candidates of a cohort with these ids, by id."""
        found: dict[str, CandidateProfile] = {}
        for chunk in chunks(external_ids):
            query = self._with_children(self.visible(operation)).where(
                CandidateProfile.cohort_id == cohort_id, CandidateProfile.external_id.in_(chunk)
            )
            if for_update:
                # In the order in which everybody else locks candidates.
                query = query.order_by(CandidateProfile.id).with_for_update(of=CandidateProfile)
                query = query.execution_options(populate_existing=True)
            found.update((row.external_id, row) for row in self.session.scalars(query))
        return found

    def existing_in_cohort(self, cohort_id: UUID, external_ids: Iterable[str]) -> set[str]:
        """Say which of these ids the cohort holds already."""
        found: set[str] = set()
        for chunk in chunks(external_ids):
            found.update(
                self.session.scalars(
                    select(CandidateProfile.external_id).where(
                        CandidateProfile.cohort_id == cohort_id, CandidateProfile.external_id.in_(chunk)
                    )
                )
            )
        return found

    def list_rankable(self) -> list[tuple[CandidateProfile, str, str]]:
        """List the candidates to rank, each with the external ids of its institution and cohort."""
        query = (
            self._with_children(self.visible(Operation.RANKING_RUN))
            .join(Cohort, CandidateProfile.cohort_id == Cohort.id)
            .join(Organisation, CandidateProfile.institution_id == Organisation.id)
            .where(
                Cohort.status == CohortStatus.COMMITTED,
                CandidateProfile.status.in_(RANKABLE_STATUSES),
            )
            .add_columns(Organisation.external_id, Cohort.external_id)
        )
        return [(row[0], row[1], row[2]) for row in self.session.execute(query)]


class IdentityRepository:
    """The only queries over identities."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session = session
        self.actor = actor

    def birth_dates(self, candidate_ids: Sequence[UUID]) -> dict[UUID, date]:
        """Find birth dates, where known, of candidates whom the actor may rank: for the rule on age alone."""
        require(self.actor, Operation.RANKING_RUN)
        found: dict[UUID, date] = {}
        for chunk in chunks(candidate_ids):
            # By id alone: with the partnership in the condition SQLite reads all of it.
            query = (
                select(
                    CandidateIdentity.candidate_id,
                    CandidateIdentity.birth_date,
                    CandidateProfile.partnership_id,
                )
                .join(CandidateProfile, CandidateProfile.id == CandidateIdentity.candidate_id)
                .where(CandidateIdentity.candidate_id.in_(chunk))
            )
            for candidate_id, birth_date, partnership_id in self.session.execute(query):
                if birth_date is not None and partnership_id == self.actor.partnership_id:
                    found[candidate_id] = birth_date
        return found

    def list_of(self, candidate_ids: Sequence[UUID]) -> dict[UUID, CandidateIdentity]:
        """List who these candidates are, if the actor may know: to compare with what is sent in anew."""
        require(self.actor, Operation.IDENTITY_READ)
        found: dict[UUID, CandidateIdentity] = {}
        for chunk in chunks(candidate_ids):
            query = (
                select(CandidateIdentity)
                .join(CandidateProfile, CandidateProfile.id == CandidateIdentity.candidate_id)
                .where(
                    CandidateIdentity.candidate_id.in_(chunk),
                    CandidateProfile.partnership_id == self.actor.partnership_id,
                )
            )
            found.update((row.candidate_id, row) for row in self.session.scalars(query))
        return found

    def find(self, candidate_id: UUID) -> CandidateIdentity | None:
        """Find who the candidate is, if the actor may know; raises NotPermitted."""
        reachable = (
            CandidateRepository(self.session, self.actor)
            .visible(Operation.IDENTITY_READ)
            .where(CandidateProfile.id == candidate_id)
            .with_only_columns(CandidateProfile.id)
        )
        query = select(CandidateIdentity).where(CandidateIdentity.candidate_id.in_(reachable))
        return self.session.scalars(query).one_or_none()
