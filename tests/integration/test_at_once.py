"""Two who change the same thing at the same moment, in two sessions: nothing of either is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.errors import NotPermitted
from app.models import AuditEvent, ReviewClaim, StaffAccount
from app.services.accounts import change_role, disable_account, get_own_account, set_preferences
from app.services.review_work import ClaimedByAnother, claim_pair
from app.services.saved_views import delete_view, save_view, saved_views
from tests.factories import NOW, make_account, make_partnership
from tests.integration.test_review_work import make_desk

T = TypeVar("T")
# Long enough for the second to come to where it has to wait, or to go past where it had to,
# on a database that does not tell which of it happened.
_MOMENT_S = 1.0


def at_once(factory: SessionFactory, first: Callable[[Session], object], second: Callable[[Session], T]) -> T:
    """Have ``second`` begin, in a session of its own, after ``first`` is done and before it is committed."""

    def run_second() -> T:
        with session_scope(factory) as session:
            return second(session)

    with ThreadPoolExecutor(1) as pool:
        with session_scope(factory) as session:
            first(session)
            later = pool.submit(run_second)
            begun = time.monotonic()
            while time.monotonic() < begun + _MOMENT_S and not later.done() and not somebody_waits(session):
                wait([later], timeout=0.02)
        return later.result()


def somebody_waits(session: Session) -> bool:
    """Whether somebody waits for a lock of this database, where it tells."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    if engine.dialect.name != "postgresql":
        return False
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with engine.connect() as connection:
        return bool(connection.scalar(text(f"SELECT EXISTS ({waiting})")))


@pytest.fixture
def person(session_factory: SessionFactory) -> Actor:
    with session_scope(session_factory) as session:
        return make_account(session, make_partnership(session))


def preferences(factory: SessionFactory, actor: Actor) -> dict[str, object]:
    with session_scope(factory) as session:
        return dict(get_own_account(session, actor).preferences)


def test_views_saved_in_two_tabs_are_both_kept(session_factory: SessionFactory, person: Actor):
    at_once(
        session_factory,
        lambda session: save_view(session, person, "Mine", "tab=mine", now=NOW),
        lambda session: save_view(session, person, "Stale", "tab=all", now=NOW),
    )
    kept = saved_views(preferences(session_factory, person))
    assert [view.name for view in kept] == ["Mine", "Stale"]

    at_once(
        session_factory,
        lambda session: save_view(session, person, "Third", "", now=NOW),
        lambda session: delete_view(session, person, "Mine", now=NOW),
    )
    assert [view.name for view in saved_views(preferences(session_factory, person))] == ["Stale", "Third"]


def test_keys_and_views_changed_in_two_tabs_are_both_kept(session_factory: SessionFactory, person: Actor):
    at_once(
        session_factory,
        lambda session: set_preferences(session, person, {"hotkeys": {"next": "n"}}, now=NOW),
        lambda session: save_view(session, person, "Mine", "tab=mine", now=NOW),
    )
    at_once(
        session_factory,
        lambda session: set_preferences(session, person, {"blind": True}, now=NOW),
        lambda session: set_preferences(session, person, {"hotkeys_on": False}, now=NOW),
    )
    assert preferences(session_factory, person) == {
        "hotkeys": {"next": "n"},
        "hotkeys_on": False,
        "queue_views": [["Mine", "tab=mine"]],
        "blind": True,
    }


def test_a_pair_opened_in_two_tabs_is_claimed_by_the_same_person(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        desk = make_desk(session)
    pair = desk.vacancy.id, desk.people[0].id

    claim = at_once(
        session_factory,
        lambda session: claim_pair(session, desk.first, *pair, now=NOW),
        lambda session: claim_pair(session, desk.first, *pair, now=NOW),
    )

    assert (claim.vacancy_id, claim.candidate_id, claim.account_id) == (*pair, desk.first.account_id)
    with session_scope(session_factory) as session:
        events = select(func.count()).where(AuditEvent.operation == "review.claimed")
        assert session.scalars(events).one() == 1


def test_of_two_pairs_opened_in_two_tabs_the_later_is_claimed(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        desk = make_desk(session)

    at_once(
        session_factory,
        lambda session: claim_pair(session, desk.first, desk.vacancy.id, desk.people[0].id, now=NOW),
        lambda session: claim_pair(session, desk.first, desk.vacancy.id, desk.people[1].id, now=NOW),
    )

    with session_scope(session_factory) as session:
        assert [row.candidate_id for row in session.scalars(select(ReviewClaim))] == [desk.people[1].id]


def test_a_pair_opened_by_two_people_is_claimed_by_one(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        desk = make_desk(session)
    pair = desk.vacancy.id, desk.people[0].id

    with pytest.raises(ClaimedByAnother):
        at_once(
            session_factory,
            lambda session: claim_pair(session, desk.first, *pair, now=NOW),
            lambda session: claim_pair(session, desk.second, *pair, now=NOW),
        )


def disable(session: Session, actor: Actor, account_id: UUID) -> object:
    return disable_account(session, actor, account_id, now=NOW)


def demote(session: Session, actor: Actor, account_id: UUID) -> object:
    return change_role(session, actor, account_id, Role.REVIEWER, now=NOW)


@pytest.mark.parametrize("second", [disable, demote])
@pytest.mark.parametrize("first", [disable, demote])
def test_of_two_administrators_who_take_it_from_each_other_one_stays(
    session_factory: SessionFactory,
    first: Callable[[Session, Actor, UUID], object],
    second: Callable[[Session, Actor, UUID], object],
):
    with session_scope(session_factory) as session:
        partnership = make_partnership(session)
        one, other = (make_account(session, partnership, role=Role.ADMIN) for _ in range(2))
    assert one.account_id is not None
    assert other.account_id is not None
    one_id, other_id = one.account_id, other.account_id

    with pytest.raises(NotPermitted, match="no longer an administrator"):
        at_once(
            session_factory,
            lambda session: first(session, one, other_id),
            lambda session: second(session, other, one_id),
        )

    with session_scope(session_factory) as session:
        admins = select(StaffAccount.id).where(
            StaffAccount.role == Role.ADMIN, StaffAccount.disabled_at.is_(None)
        )
        assert list(session.scalars(admins)) == [one_id]
