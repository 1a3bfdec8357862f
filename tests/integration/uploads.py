"""Send a file in, as a test needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.domain.submissions import CohortRecord
from app.main import job_handlers, worker_config
from app.models import CohortUpload
from app.services.cohort_uploads import (
    UploadTarget,
    begin_check,
    begin_commit,
    get_upload,
    receive_upload,
)
from app.services.taxonomy import import_release
from app.services.transactions import Transaction
from app.services.upload_checks import check_upload
from app.services.upload_commits import commit_upload
from app.services.worker import work_once
from tests.api.conftest import INDEXES, SETTINGS, read_small_taxonomy
from tests.factories import NOW, make_account, make_institution, make_partnership

GOOD = b"id,given_name,skills\nA-1,Salma,welding\nA-2,Omar,sewing\n"
MIXED = b"""\
id,given_name,email,evidence,skills
A-1,Salma,,certified,welding
,Omar,,taught,sewing
A-3,Ines,,certifed,welding
"""


@dataclass
class Sending:
    """A database with one institution, and a reviewer who sends its files in."""

    factory: SessionFactory
    reviewer: Actor
    institution: Actor
    at: datetime = NOW

    @property
    def transaction(self) -> Transaction:
        return partial(session_scope, self.factory)

    def now(self) -> datetime:
        return self.at

    @property
    def institution_id(self) -> UUID:
        assert self.institution.organisation_id is not None
        return self.institution.organisation_id

    def send(
        self,
        data: bytes,
        *,
        name: str = "file.csv",
        actor: Actor | None = None,
        cohort_id: UUID | None = None,
        external_id: str = "spring",
        **cohort: Any,
    ) -> UUID:
        target = UploadTarget(
            self.institution_id,
            cohort_id,
            None if cohort_id else CohortRecord(external_id, **cohort),
        )
        with self.transaction() as session:
            return receive_upload(session, actor or self.reviewer, target, data, name=name, now=self.at).id

    def check(self, upload_id: UUID) -> CohortUpload:
        with self.transaction() as session:
            job_id = begin_check(session, self.reviewer, upload_id, now=self.at).job_id
        if job_id is None:
            check_upload(self.transaction, self.reviewer, upload_id, INDEXES, now=self.now)
        else:
            self.work()
        return self.get(upload_id)

    def commit(self, upload_id: UUID) -> CohortUpload:
        with self.transaction() as session:
            job_id = begin_commit(session, self.reviewer, upload_id, now=self.at).job_id
        if job_id is None:
            commit_upload(self.transaction, self.reviewer, upload_id, now=self.now)
        else:
            self.work()
        return self.get(upload_id)

    def work(self) -> None:
        while work_once(self.transaction, job_handlers(INDEXES), worker_config(SETTINGS), now=self.now):
            pass

    def get(self, upload_id: UUID) -> CohortUpload:
        with self.transaction() as session:
            return get_upload(session, self.reviewer, upload_id)


def make_sending(factory: SessionFactory) -> Sending:
    """Set an empty migrated database up."""
    with session_scope(factory) as session:
        import_release(session, read_small_taxonomy(), now=NOW)
        partnership = make_partnership(session)
        reviewer = make_account(session, partnership, role=Role.REVIEWER)
        return Sending(factory, reviewer, make_institution(session, partnership))
