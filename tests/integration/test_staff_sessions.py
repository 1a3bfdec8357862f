"""Sessions of staff: how long they last, and that ending one holds at once."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.accounts import IDLE_LIFE, SESSION_LIFE, Locale
from app.domain.actor import Actor, Role
from app.errors import NotAuthenticated, NotPermitted
from app.models import AuditEvent, Partnership, StaffAccount, StaffSession
from app.repositories.accounts import find_demo_account
from app.services import staff_sessions
from app.services.accounts import disable_account
from app.services.staff_sessions import (
    OpenedSession,
    SessionEnded,
    actor_of_session,
    demo_reviewer,
    note_use,
    open_session,
    resume_session,
    sign_out,
)
from tests.factories import NOW, make_account, make_partnership, make_staff

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def partnership(session: Session) -> Partnership:
    return make_partnership(session)


@pytest.fixture
def actor(session: Session, partnership: Partnership) -> Actor:
    return make_account(session, partnership)


@pytest.fixture
def opened(session: Session, actor: Actor) -> OpenedSession:
    return open_for(session, actor)


def open_for(session: Session, actor: Actor, **options) -> OpenedSession:
    return open_session(session, session.get_one(StaffAccount, actor.account_id), now=NOW, **options)


def is_open(session: Session, token: str, *, after: timedelta = timedelta(0)) -> bool:
    try:
        actor_of_session(session, token, now=NOW + after)
    except SessionEnded:
        return False
    return True


def test_a_token_tells_who_is_signed_in(session: Session, actor: Actor, opened: OpenedSession):
    signed_in = resume_session(session, opened.token, now=NOW)

    assert signed_in.actor == actor_of_session(session, opened.token, now=NOW) == actor
    assert (actor.key_id, actor.account_id) == (None, opened.account.id)
    assert (signed_in.display_name, signed_in.locale) == ("Invented Person", Locale.EN)
    flags = (signed_in.must_change_password, signed_in.is_demo, signed_in.use_is_due)
    assert flags == (False, False, False)


def test_only_a_digest_of_the_token_is_kept(session: Session, actor: Actor):
    opened = open_for(session, actor, random_bytes=lambda n: bytes(range(n)))

    stored = {c.key: getattr(opened.row, c.key) for c in inspect(StaffSession).column_attrs}
    assert len(opened.token) == 43
    assert stored["token_sha256"] == hashlib.sha256(opened.token.encode()).hexdigest()
    assert opened.token not in str(stored)
    assert opened.token not in repr(opened)


@pytest.mark.parametrize("token", ["", "x", "é", "\udcff", "0" * 43])
def test_another_token_opens_nothing(session: Session, opened: OpenedSession, token: str):
    assert not is_open(session, token)


def test_a_session_ends_when_nobody_uses_it(session: Session, opened: OpenedSession):
    assert is_open(session, opened.token, after=IDLE_LIFE - SECOND)
    assert not is_open(session, opened.token, after=IDLE_LIFE)


def test_a_session_in_use_ends_after_a_working_day(session: Session, opened: OpenedSession):
    for half_hours in range(1, 24):
        note_use(session, opened.row.id, now=NOW + half_hours * timedelta(minutes=30))

    assert is_open(session, opened.token, after=SESSION_LIFE - SECOND)
    assert not is_open(session, opened.token, after=SESSION_LIFE)


def test_use_is_noted_once_a_minute(session: Session, opened: OpenedSession):
    noted, due = [], []
    for seconds in (0, 59, 60, 61, 120):
        now = NOW + seconds * SECOND
        due.append(resume_session(session, opened.token, now=now).use_is_due)
        note_use(session, opened.row.id, now=now)
        session.refresh(opened.row)
        noted.append((opened.row.last_used_at - NOW).total_seconds())

    assert due == [False, False, True, False, True]
    assert noted == [0, 0, 60, 60, 120]


def test_signing_out_holds_at_once_and_for_this_session_only(session: Session, actor: Actor):
    here, elsewhere = open_for(session, actor), open_for(session, actor)

    sign_out(session, here.token, now=NOW)
    sign_out(session, here.token, now=NOW)
    sign_out(session, "unknown", now=NOW)
    note_use(session, here.row.id, now=NOW + MINUTE)

    assert (is_open(session, here.token), is_open(session, elsewhere.token)) == (False, True)
    events = list(session.scalars(select(AuditEvent.operation).order_by(AuditEvent.id)))
    assert events == ["account.created", "account.signed_in", "account.signed_in", "account.signed_out"]


def test_a_disabled_account_is_out_at_once(session: Session, partnership: Partnership, actor: Actor):
    token = open_for(session, actor).token
    assert actor.account_id is not None

    disable_account(session, make_staff(partnership), actor.account_id, now=NOW)

    assert not is_open(session, token)
    with pytest.raises(NotAuthenticated):
        open_for(session, actor)


def test_ended_sessions_go_with_the_next_sign_in(session: Session, actor: Actor):
    revoked, kept = open_for(session, actor), open_for(session, actor)
    stranger = open_for(session, make_account(session, make_partnership(session)))
    sign_out(session, revoked.token, now=NOW)
    sign_out(session, stranger.token, now=NOW)

    last = open_for(session, actor)

    assert set(session.scalars(select(StaffSession.id))) == {kept.row.id, last.row.id, stranger.row.id}


def test_resuming_is_one_query_and_outlives_its_transaction(session_factory: SessionFactory):
    with session_scope(session_factory) as session:
        actor = make_account(session, make_partnership(session), display_name="Amal")
        token = open_for(session, actor).token

    with session_scope(session_factory, write=False) as session:
        signed_in = resume_session(session, token, now=NOW)

    assert (signed_in.actor, signed_in.display_name, signed_in.preferences) == (actor, "Amal", {})


def test_a_newcomer_reviews_invented_data_without_an_account(session: Session, partnership: Partnership):
    first = demo_reviewer(session, partnership.id, now=NOW)
    second = demo_reviewer(session, partnership.id, now=NOW)

    assert first.account.id == second.account.id
    assert first.token != second.token
    signed_in = resume_session(session, first.token, now=NOW)
    assert signed_in.is_demo
    assert (signed_in.actor.role, signed_in.actor.partnership_id) == (Role.REVIEWER, partnership.id)
    assert first.account.password_hash is None


def test_newcomers_at_the_same_moment_share_one_account(
    session_factory: SessionFactory, monkeypatch: pytest.MonkeyPatch
):
    with session_scope(session_factory) as session:
        partnership = make_partnership(session)
        first = demo_reviewer(session, partnership.id, now=NOW)
    # As the second newcomer sees it at first, whose look came before the first one's commit.
    looks = iter([None])
    monkeypatch.setattr(
        staff_sessions, "find_demo_account", lambda *given: next(looks, find_demo_account(*given))
    )

    with session_scope(session_factory) as session:
        second = demo_reviewer(session, partnership.id, now=NOW)

    assert second.account.id == first.account.id


def test_real_data_is_not_tried(session: Session):
    real = make_partnership(session, is_test=False)

    with pytest.raises(NotPermitted):
        demo_reviewer(session, real.id, now=NOW)

    assert session.scalars(select(StaffAccount)).all() == []


def test_an_administrator_can_close_the_demo(session: Session, partnership: Partnership):
    opened = demo_reviewer(session, partnership.id, now=NOW)

    disable_account(session, make_staff(partnership), opened.account.id, now=NOW)

    assert not is_open(session, opened.token)
    with pytest.raises(NotAuthenticated):
        demo_reviewer(session, partnership.id, now=NOW)
