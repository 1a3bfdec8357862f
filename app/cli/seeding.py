"""Sample data in a database, by the path that real data takes."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from app.cli.console import StageProgress

if TYPE_CHECKING:
    from app.cli.storage import Database
    from app.domain.actor import Actor
    from app.domain.records import CandidateRecord, VacancyRecord
    from app.intake.outcome import ReadOutcome
    from app.services.file_imports import FileReceipt
    from app.services.taxonomy_cache import TaxonomyIndexCache

PARTNERSHIP = "Demo partnership"
_EMPLOYER = "demo-employer"
_INSTITUTION = "demo-institution"
_COHORT = "demo-2026"
_POLL_S = 0.2
# The demo's own process does the work; nobody would take over.
_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with."""

    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seeded:
    """The sample data as it was stored, and who may act on it."""

    vacancies: FileReceipt
    cohort: FileReceipt
    operator: Actor
    employer: Actor
    institution: Actor


def seed(
    database: Database,
    vacancies: ReadOutcome[VacancyRecord],
    candidates: ReadOutcome[CandidateRecord],
    *,
    now: Callable[[], datetime],
) -> Seeded:
    """Set up an empty migrated database: starter taxonomy, partnership, vacancies, cohort.

    The vacancies are published and the cohort is committed, so both are ranked.
    """
    from app.cli.operators import operator, organisation_actor
    from app.cli.storage import read_settings
    from app.domain.actor import Role
    from app.domain.submissions import CohortRecord
    from app.models import OrganisationKind
    from app.services.file_imports import import_cohort, import_vacancies
    from app.services.latent_spaces import learn_release
    from app.services.organisations import create_organisation, create_partnership
    from app.services.taxonomy import import_release
    from app.taxonomy import read_starter

    with database.session() as session:
        release = import_release(session, read_starter(), now=now()).release
    learn_release(database.session, release, now=now, folder=read_settings().cache_dir)
    with database.session() as session:
        owner = create_partnership(session, PARTNERSHIP, is_test=True, now=now())
        admin = operator(owner)
        for external_id, kind, name in (
            (_EMPLOYER, OrganisationKind.EMPLOYER, "Sample employers"),
            (_INSTITUTION, OrganisationKind.INSTITUTION, "Sample training institution"),
        ):
            create_organisation(session, admin, external_id, kind=kind, name=name, now=now())
        employer = organisation_actor(session, owner, _EMPLOYER, Role.EMPLOYER)
        institution = organisation_actor(session, owner, _INSTITUTION, Role.INSTITUTION)
        return Seeded(
            vacancies=import_vacancies(session, employer, vacancies, publish=True, now=now()),
            cohort=import_cohort(
                session,
                institution,
                CohortRecord(_COHORT, title="Sample cohort"),
                candidates,
                commit=True,
                now=now(),
            ),
            operator=admin,
            employer=employer,
            institution=institution,
        )


def run_matching(
    database: Database,
    actor: Actor,
    indexes: TaxonomyIndexCache,
    *,
    k: int,
    now: Callable[[], datetime],
    progress: StageProgress,
) -> UUID:
    """Ask for a match run, let a worker carry it out, and follow its job as a client would.

    Raises
    ------
    RuntimeError
        The job did not succeed.
    """
    from app.domain.transitions import JobStatus
    from app.services.jobs import get_job
    from app.services.match_execution import match_run_handler
    from app.services.match_runs import JOB_KIND, request_match_run
    from app.services.worker import WorkerConfig, work_once

    with database.session() as session:
        run, job = request_match_run(session, actor, k=k, now=now())
    config = WorkerConfig(name="demo", lease=_LEASE, poll_s=_POLL_S)
    worker = threading.Thread(
        target=work_once,
        args=(database.session, {JOB_KIND: match_run_handler(indexes)}, config),
        kwargs={"now": now},
    )
    worker.start()
    while worker.is_alive():
        worker.join(_POLL_S)
        with database.session(write=False) as session:
            seen = get_job(session, actor, job.id)
            if seen.progress_stage:
                progress(seen.progress_stage, seen.progress_done, seen.progress_total)
    with database.session(write=False) as session:
        ended = get_job(session, actor, job.id)
        if ended.status is not JobStatus.SUCCEEDED:
            raise RuntimeError(f"the match run's job is {ended.status}: {ended.error_code}")
    return run.id


def issue_demo_keys(database: Database, seeded: Seeded, *, now: Callable[[], datetime]) -> dict[str, str]:
    """Issue one key per role for the sample data, and give the secrets by role."""
    from app.domain.actor import Role
    from app.services.api_keys import issue_api_key

    organisations = {
        Role.EMPLOYER: seeded.employer.organisation_id,
        Role.INSTITUTION: seeded.institution.organisation_id,
    }
    with database.session() as session:
        return {
            role.value: issue_api_key(
                session,
                seeded.operator,
                role=role,
                label="demo",
                organisation_id=organisations.get(role),
                now=now(),
            ).secret
            for role in (Role.REVIEWER, Role.EMPLOYER, Role.INSTITUTION, Role.ADMIN)
        }


def make_demo_admin(database: Database, seeded: Seeded, *, now: Callable[[], datetime]) -> Credentials:
    """Make an administrator of the sample data, with a password that is known to nobody yet."""
    from app.domain.actor import Role
    from app.services.accounts import create_account

    made = Credentials("admin@demo.invalid", secrets.token_urlsafe(12))
    with database.session() as session:
        create_account(
            session,
            seeded.operator,
            email=made.email,
            display_name="Demo administrator",
            role=Role.ADMIN,
            password=made.password,
            now=now(),
        )
    return made
