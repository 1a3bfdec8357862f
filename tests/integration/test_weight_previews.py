"""Previews of proposed weights: worked out by a job, kept with it, and outdated when others come in force."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Role
from app.domain.transitions import JobStatus
from app.errors import Conflict, NotPermitted
from app.main import job_handlers, worker_config
from app.services.taxonomy import import_release
from app.services.weight_previews import find_preview, is_outdated, request_preview
from app.services.weight_profiles import withdraw_weights
from app.services.worker import work_once
from tests.api.conftest import INDEXES, SETTINGS, read_small_taxonomy
from tests.factories import (
    NOW,
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_partnership,
    make_staff,
    make_vacancy,
    make_vacancy_record,
)
from tests.integration.test_weights import TEXT_ONLY, propose, with_key


def test_a_preview_says_what_would_move(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        import_release(session, read_small_taxonomy(), now=NOW)
        partnership = make_partnership(session)
        record = make_vacancy_record(skills=["arc welding"], description="patience", country="BE")
        vacancy_id = make_vacancy(session, make_employer(session, partnership), record=record).id
        people = [
            make_candidate_record(id="by-skill", skills=["arc welding"]),
            make_candidate_record(id="by-text", text="patience"),
        ]
        make_cohort(session, make_institution(session, partnership), candidates=people)
        admin = with_key(session, partnership)
        row_id = propose(session, admin, parts=TEXT_ONLY["parts"]).id
        asked = request_preview(session, admin, row_id, now=NOW)
        assert request_preview(session, admin, row_id, now=NOW).id == asked.id, "one at a time"
    assert work_once(
        lambda **kind: session_scope(session_factory, **kind),
        job_handlers(INDEXES),
        worker_config(SETTINGS),
        now=lambda: NOW,
    )
    with session_scope(session_factory, write=False) as session:
        job = find_preview(session, admin, row_id)
        assert job is not None
        assert job.status is JobStatus.SUCCEEDED
        assert job.result is not None
        assert job.result["n_vacancies"] == 1
        [effect] = job.result["vacancies"]
        assert effect["vacancy_id"] == str(vacancy_id)
        assert effect["kendall_distance"] == 1.0, "the two change places"
        assert not is_outdated(job, "standard-5")
        assert is_outdated(job, "own-1")


def test_only_a_proposal_has_a_preview_and_only_admins_ask(session: Session):
    import_release(session, read_small_taxonomy(), now=NOW)
    partnership = make_partnership(session)
    admin = with_key(session, partnership)
    row = propose(session, admin)
    with pytest.raises(NotPermitted):
        request_preview(session, make_staff(partnership, role=Role.AUDITOR), row.id, now=NOW)
    withdraw_weights(session, admin, row.id, now=NOW)
    with pytest.raises(Conflict, match="decided"):
        request_preview(session, admin, row.id, now=NOW)
