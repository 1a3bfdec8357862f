"""Weight profiles in the database: two persons, one in force, and what rankings keep of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.domain.transitions import WeightsState
from app.errors import Conflict, InvalidInput, NotFound, NotPermitted, VersionMismatch, WrongTransition
from app.main import job_handlers, worker_config
from app.matching.weights import DEFAULT_WEIGHTS, PARTS
from app.models import Match, MatchRun, Partnership, StoredWeights
from app.services.api_keys import issue_api_key
from app.services.audit import list_audit_events
from app.services.live_pools import LivePools, external_id_of
from app.services.live_ranking import rank_now
from app.services.live_vacancies import rank_vacancies_now
from app.services.match_runs import request_match_run
from app.services.taxonomy import import_release
from app.services.weight_profiles import (
    approve_weights,
    get_weights,
    label_of,
    list_weights,
    propose_weights,
    weights_in_force,
    weights_of,
    withdraw_weights,
)
from app.services.worker import work_once
from tests.api.conftest import INDEXES, SETTINGS, read_small_taxonomy
from tests.factories import (
    NOW,
    TODAY,
    make_account,
    make_candidate_record,
    make_cohort,
    make_employer,
    make_institution,
    make_partnership,
    make_staff,
    make_vacancy,
    make_vacancy_record,
)

TEXT_ONLY = {"parts": {**dict.fromkeys(PARTS, 0.0), "text": 1.0}}


def with_key(session: Session, partnership: Partnership, role: Role = Role.ADMIN) -> Actor:
    issued = issue_api_key(session, make_staff(partnership), role=role, label="", now=NOW)
    return Actor(key_id=issued.row.id, role=role, partnership_id=partnership.id)


@pytest.fixture
def partnership(session: Session) -> Partnership:
    import_release(session, read_small_taxonomy(), now=NOW)
    return make_partnership(session)


@pytest.fixture
def first(session: Session, partnership: Partnership) -> Actor:
    return with_key(session, partnership)


@pytest.fixture
def second(session: Session, partnership: Partnership) -> Actor:
    return with_key(session, partnership)


def propose(session: Session, actor: Actor, name: str = "own", **values: Any) -> StoredWeights:
    return propose_weights(session, actor, name, values or {"title": 3.0}, reason="to try", now=NOW)


def put_in_force(session: Session, first: Actor, second: Actor, **values: Any) -> StoredWeights:
    return approve_weights(session, second, propose(session, first, **values).id, now=NOW)


def test_only_approved_weights_are_in_force(session: Session, first: Actor, second: Actor) -> None:
    row = propose(session, first, parts={"text": 0.3}, title=3)
    assert weights_in_force(session, first) == DEFAULT_WEIGHTS

    approve_weights(session, second, row.id, now=NOW)

    held = weights_in_force(session, first)
    assert (held.name, held.version, held.title, held.parts["text"]) == ("own", 1, 3.0, 0.3)
    # What was left out is as it was in force before.
    assert (held.parts["skills"], held.evidence) == (
        DEFAULT_WEIGHTS.parts["skills"],
        DEFAULT_WEIGHTS.evidence,
    )
    assert (row.proposed_by_key_id, row.approved_by_key_id) == (first.key_id, second.key_id)


def test_nobody_approves_what_they_proposed(session: Session, partnership: Partnership, first: Actor) -> None:
    with pytest.raises(Conflict, match="second person"):
        approve_weights(session, first, propose(session, first).id, now=NOW)
    operator = make_staff(partnership)
    by_operator = propose(session, operator)
    with pytest.raises(Conflict, match="second person"):
        approve_weights(session, operator, by_operator.id, now=NOW)
    assert approve_weights(session, first, by_operator.id, now=NOW).state is WeightsState.APPROVED


@pytest.mark.parametrize("of_key", [True, False])
def test_the_table_itself_wants_two_persons(
    session: Session, partnership: Partnership, first: Actor, of_key: bool
) -> None:
    row = propose(session, first if of_key else make_staff(partnership))
    change = update(StoredWeights).where(StoredWeights.id == row.id)
    with pytest.raises(IntegrityError):
        session.execute(
            change.values(state="approved", approved_at=NOW, approved_by_key_id=row.proposed_by_key_id)
        )


def test_an_account_is_a_person_like_a_key(session: Session, partnership: Partnership, first: Actor) -> None:
    one, two = (make_account(session, partnership, role=Role.ADMIN) for _ in range(2))
    proposed = propose(session, one)
    with pytest.raises(Conflict, match="second person"):
        approve_weights(session, one, proposed.id, now=NOW)
    change = update(StoredWeights).where(StoredWeights.id == proposed.id)
    alone = change.values(state="approved", approved_at=NOW, approved_by_account_id=one.account_id)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(alone)

    approved = approve_weights(session, two, proposed.id, now=NOW)

    assert (approved.proposed_by_account_id, approved.approved_by_account_id) == (
        one.account_id,
        two.account_id,
    )
    assert (approved.proposed_by_key_id, approved.approved_by_key_id) == (None, None)
    ended = withdraw_weights(session, one, proposed.id, now=NOW)
    assert (ended.ended_by_account_id, ended.ended_by_key_id) == (one.account_id, None)


@pytest.mark.parametrize("others", ["key", "operator"])
def test_an_account_and_a_key_or_operator_are_two(
    session: Session, partnership: Partnership, first: Actor, others: str
) -> None:
    account = make_account(session, partnership, role=Role.ADMIN)
    other = first if others == "key" else make_staff(partnership)

    approve_weights(session, other, propose(session, account).id, now=NOW)
    again = propose(session, other, parts={**dict.fromkeys(PARTS, 0.0), "occupation": 1.0})

    assert approve_weights(session, account, again.id, now=NOW).approved_by_account_id == account.account_id


def test_later_weights_supersede_and_count_by_name(session: Session, first: Actor, second: Actor) -> None:
    one = put_in_force(session, first, second, title=3.0)
    two = put_in_force(session, first, second, title=4.0)
    assert (one.state, one.ended_by_key_id, two.number) == (WeightsState.SUPERSEDED, second.key_id, 2)
    assert weights_in_force(session, first).title == 4.0
    assert [each.number for each in list_weights(session, first).items] == [2, 1]
    assert [each.number for each in list_weights(session, first, state=WeightsState.APPROVED).items] == [2]


def test_withdrawn_weights_give_way_to_the_built_in(session: Session, first: Actor, second: Actor) -> None:
    row = put_in_force(session, first, second)
    withdraw_weights(session, first, row.id, now=NOW)
    assert weights_in_force(session, first) == DEFAULT_WEIGHTS
    for change in (approve_weights, withdraw_weights):
        with pytest.raises(WrongTransition):
            change(session, second, row.id, now=NOW)


def test_an_older_version_is_not_approved(session: Session, first: Actor, second: Actor) -> None:
    row = propose(session, first)
    with pytest.raises(VersionMismatch):
        approve_weights(session, second, row.id, expected_version=7, now=NOW)


def test_proposals_that_cannot_be(session: Session, first: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        propose(session, first, parts={"skills": 1.5, "smell": 0.1}, title=0.5, isco=[0.1])
    assert [(issue.pointer, issue.code) for issue in refused.value.issues] == [
        ("/values/parts/skills", "out-of-bounds"),
        ("/values/parts/smell", "unknown-field"),
        ("/values/title", "out-of-bounds"),
        ("/values/isco", "wrong-type"),
    ]
    assert "between 1 and 10" in refused.value.issues[2].message
    with pytest.raises(Conflict, match="weights in force"):
        propose(session, first, title=DEFAULT_WEIGHTS.title)
    with pytest.raises(Conflict, match="built-in"):
        propose(session, first, DEFAULT_WEIGHTS.name, title=3.0)
    with pytest.raises(InvalidInput):
        propose_weights(session, first, "Bad name", {"title": 3.0}, reason=" ", now=NOW)


def test_weights_are_for_administrators_of_the_partnership(
    session: Session, partnership: Partnership, first: Actor
) -> None:
    row = propose(session, first)
    reviewer, auditor = (with_key(session, partnership, role) for role in (Role.REVIEWER, Role.AUDITOR))
    for actor in (reviewer, auditor):
        with pytest.raises(NotPermitted):
            propose(session, actor)
        with pytest.raises(NotPermitted):
            approve_weights(session, actor, row.id, now=NOW)
    assert get_weights(session, auditor, row.id).id == row.id
    with pytest.raises(NotPermitted):
        get_weights(session, reviewer, row.id)
    stranger = with_key(session, make_partnership(session))
    with pytest.raises(NotFound):
        approve_weights(session, stranger, row.id, now=NOW)
    assert weights_in_force(session, stranger) == DEFAULT_WEIGHTS


def test_every_step_is_in_the_audit_trail(session: Session, first: Actor, second: Actor) -> None:
    one, two = (put_in_force(session, first, second, title=title) for title in (3.0, 4.0))
    withdraw_weights(session, first, two.id, now=NOW)
    events = [
        (event.operation, event.subject_id, event.actor_key_id)
        for event in list_audit_events(session, first, limit=200).items
        if event.subject_type == "weight_profile"
    ]
    assert events[::-1] == [
        ("weights.proposed", one.id, first.key_id),
        ("weights.approved", one.id, second.key_id),
        ("weights.proposed", two.id, first.key_id),
        ("weights.superseded", one.id, second.key_id),
        ("weights.approved", two.id, second.key_id),
        ("weights.withdrawn", two.id, first.key_id),
    ]


def _people(session: Session, partnership: Partnership) -> tuple[UUID, dict[str, UUID]]:
    """A vacancy whose text suits one candidate and whose skill suits the other."""
    record = make_vacancy_record(
        title="Reliable helper", description="Reliable helper.", skills=["grind welds"]
    )
    vacancy = make_vacancy(session, make_employer(session, partnership), record=record)
    _, rows = make_cohort(
        session,
        make_institution(session, partnership),
        candidates=[
            make_candidate_record(id="skilled", skills=["grind welds"]),
            make_candidate_record(id="wordy", text="A reliable helper."),
        ],
    )
    return vacancy.id, {row.external_id: row.id for row in rows}


def test_a_run_keeps_the_weights_it_was_asked_for_with(
    session_factory: SessionFactory, session: Session, partnership: Partnership, first: Actor, second: Actor
) -> None:
    _, people = _people(session, partnership)
    reviewer = make_staff(partnership, role=Role.REVIEWER)
    before, _ = request_match_run(session, reviewer, k=2, now=NOW)
    row = put_in_force(session, first, second, **TEXT_ONLY)
    after, _ = request_match_run(session, reviewer, k=2, now=NOW)
    ids = before.id, after.id
    session.commit()

    def transaction(*, write: bool = True) -> Any:
        return session_scope(session_factory, write=write)

    for _ in range(2):
        assert work_once(transaction, job_handlers(INDEXES), worker_config(SETTINGS), now=lambda: NOW)
    pins, best = [], []
    for run_id in ids:
        run = session.get_one(MatchRun, run_id, populate_existing=True)
        pins.append((run.weight_profile_name, run.weight_profile))
        query = select(Match.candidate_id).where(Match.run_id == run_id, Match.rank == 1)
        best.append(session.scalars(query).one())
    assert pins == [
        (label_of(DEFAULT_WEIGHTS), DEFAULT_WEIGHTS.as_dict()),
        ("own-1", weights_of(row).as_dict()),
    ]
    assert best == [people["skilled"], people["wordy"]]


def test_what_was_cached_with_other_weights_is_not_used(
    session_factory: SessionFactory, session: Session, partnership: Partnership, first: Actor, second: Actor
) -> None:
    vacancy_id, people = _people(session, partnership)
    session.commit()

    def transaction(*, write: bool = True) -> Any:
        return session_scope(session_factory, write=write)

    pools = LivePools(transaction, INDEXES)
    reviewer = make_staff(partnership, role=Role.REVIEWER)

    def best() -> tuple[str, str, float]:
        live = rank_now(transaction, pools, reviewer, vacancy_id, k=2, today=TODAY, explain=True)
        of_one = rank_vacancies_now(
            transaction, pools, reviewer, people["wordy"], k=1, today=TODAY, explain=True
        )
        scores = {external_id_of(match.candidate_id): match.score for match in live.ranking.matches}
        # Both directions go by the same weights.
        assert of_one.best[0].match.score == scores["wordy"]
        assert of_one.weights == live.weights
        return live.weights.name, external_id_of(live.ranking.matches[0].candidate_id), scores["wordy"]

    name, leader, score = best()
    assert (name, leader) == ("standard", "skilled")
    row = put_in_force(session, first, second, **TEXT_ONLY)
    session.commit()
    assert best()[:2] == ("own", "wordy")
    withdraw_weights(session, first, row.id, now=NOW)
    session.commit()
    assert best() == ("standard", "skilled", score)
