"""Signing in by password: who is let in, what is limited, and what a change of password ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.accounts import ADDRESS_LIMIT, EMAIL_LIMIT, ONE_TIME_LIFE
from app.domain.actor import Actor, Role
from app.errors import InvalidInput, NotPermitted
from app.models import AuditEvent, Partnership, SignInAttempt, StaffAccount, StaffSession
from app.services import sign_in as signing_in
from app.services.accounts import disable_account, reset_password
from app.services.password_hashing import is_password
from app.services.sign_in import SignInRefused, TooManyAttempts, change_own_password, sign_in
from app.services.staff_sessions import (
    OpenedSession,
    PasswordChangeNeeded,
    SessionEnded,
    actor_of_session,
    resume_session,
)
from tests.factories import NOW, make_account, make_partnership, make_staff

EMAIL, PASSWORD, NEW = "amal@invented.example", "rivet lemon tram", "copper violin stairs"
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


class World:
    """A committed account, and transactions as the entry points open them."""

    def __init__(self, factory: SessionFactory) -> None:
        self.factory = factory
        with self.transaction() as session:
            self.partnership = make_partnership(session)
            self.admin = make_staff(self.partnership)
            self.actor = make_account(session, self.partnership, email=EMAIL, password=PASSWORD)

    def transaction(self, *, write: bool = True) -> AbstractContextManager[Session]:
        return session_scope(self.factory, write=write)

    def sign_in(
        self, password: str = PASSWORD, *, email: str = EMAIL, address: str = HERE, now: datetime = NOW
    ) -> OpenedSession:
        return sign_in(self.transaction, email, password, address=address, now=now)

    def refused(self, password: str = "wrong", **options: Any) -> type[Exception] | None:
        try:
            self.sign_in(password, **options)
        except (SignInRefused, TooManyAttempts) as error:
            return type(error)
        return None

    def account(self) -> StaffAccount:
        with self.transaction(write=False) as session:
            account = session.get_one(StaffAccount, self.actor.account_id)
            session.expunge(account)
            return account

    def n_attempts(self) -> int:
        with self.transaction(write=False) as session:
            return len(session.scalars(select(SignInAttempt)).all())

    def actor_of(self, token: str, now: datetime = NOW) -> Actor:
        with self.transaction(write=False) as session:
            return actor_of_session(session, token, now=now)

    def operations(self) -> list[str]:
        with self.transaction(write=False) as session:
            events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
            return [event.operation for event in events]


@pytest.fixture
def world(session_factory: SessionFactory) -> World:
    return World(session_factory)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Record against which stored hash each attempt was compared."""
    compared: list[str | None] = []

    def recording(stored: str | None, password: str) -> bool:
        compared.append(stored)
        return is_password(stored, password)

    monkeypatch.setattr(signing_in, "is_password", recording)
    return compared


def test_address_and_password_open_a_session(world: World):
    opened = world.sign_in(email="  AMAL@Invented.Example ")

    assert world.actor_of(opened.token) == world.actor
    assert world.actor.role is Role.REVIEWER
    assert world.account().last_signed_in_at == NOW
    assert world.operations() == ["account.created", "account.signed_in"]


def test_every_sign_in_opens_a_session_of_its_own(world: World):
    first, second = world.sign_in(), world.sign_in()

    assert first.token != second.token
    assert first.row.id != second.row.id
    assert world.actor_of(first.token) == world.actor_of(second.token)


def test_whatever_is_wrong_is_refused_in_the_same_words(world: World):
    with world.transaction() as session:
        make_account(session, world.partnership, email="open@invented.example")
        disabled = make_account(session, world.partnership, email="off@invented.example", password=PASSWORD)
        assert disabled.account_id is not None
        disable_account(session, world.admin, disabled.account_id, now=NOW)

    details = set()
    for email, password in (
        (EMAIL, "rivet lemon trams"),
        (EMAIL, ""),
        ("nobody@invented.example", PASSWORD),
        ("no address", PASSWORD),
        ("\x00\udcff", PASSWORD),
        ("open@invented.example", PASSWORD),
        ("off@invented.example", PASSWORD),
    ):
        with pytest.raises(SignInRefused) as caught:
            world.sign_in(password, email=email)
        details.add(caught.value.detail)

    assert len(details) == 1
    with world.transaction(write=False) as session:
        assert session.scalars(select(StaffSession)).all() == []


def test_an_unknown_address_costs_as_much_work(world: World, hashes: list[str | None]):
    assert world.refused() is SignInRefused
    assert world.refused(email="nobody@invented.example") is SignInRefused

    # One comparison each; that one without a hash does the work is held by the tests of hashing.
    assert hashes == [world.account().password_hash, None]


def test_an_old_hash_is_renewed_at_the_next_sign_in(world: World):
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with world.transaction() as session:
        session.get_one(StaffAccount, world.actor.account_id).password_hash = old

    world.sign_in()

    renewed = world.account().password_hash
    assert renewed not in (None, old)
    assert is_password(renewed, PASSWORD)
    world.sign_in()
    assert world.account().password_hash == renewed


def test_refused_attempts_count_although_nothing_else_came_of_them(world: World):
    for _ in range(EMAIL_LIMIT.most):
        assert world.refused() is SignInRefused

    with pytest.raises(TooManyAttempts) as caught:
        world.sign_in(address=ELSEWHERE)

    assert caught.value.retry_after_s == EMAIL_LIMIT.within.total_seconds()
    assert "15 min" in caught.value.detail


def test_a_limited_address_is_not_even_compared(world: World, hashes: list[str | None]):
    for _ in range(EMAIL_LIMIT.most + 3):
        world.refused()

    assert len(hashes) == EMAIL_LIMIT.most


def test_the_wait_is_as_long_as_was_said_and_no_longer(world: World):
    for minute in range(EMAIL_LIMIT.most):
        world.refused(now=NOW + timedelta(minutes=minute))
    later = NOW + timedelta(minutes=EMAIL_LIMIT.most)

    with pytest.raises(TooManyAttempts) as caught:
        world.sign_in(now=later)

    wait = timedelta(seconds=caught.value.retry_after_s)
    assert later + wait == NOW + EMAIL_LIMIT.within
    assert world.refused(PASSWORD, now=later + wait - timedelta(seconds=1)) is TooManyAttempts
    assert world.refused(PASSWORD, now=later + wait) is None


def test_many_addresses_tried_from_one_place_are_limited(world: World):
    for number in range(ADDRESS_LIMIT.most):
        assert world.refused(email=f"nobody{number}@invented.example") is SignInRefused

    assert world.refused(PASSWORD) is TooManyAttempts
    assert world.refused(PASSWORD, address=ELSEWHERE) is None


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("testclient", "testclient", True),
    ],
)
def test_an_ipv6_network_is_one_place(
    world: World, monkeypatch: pytest.MonkeyPatch, one: str, other: str, are_one: bool
):
    monkeypatch.setattr(signing_in, "ADDRESS_LIMIT", type(ADDRESS_LIMIT)(1, ADDRESS_LIMIT.within))
    world.refused(email="nobody@invented.example", address=one)

    assert world.refused(PASSWORD, address=other) is (TooManyAttempts if are_one else None)


def test_signing_in_forgets_the_failures_before_it(world: World):
    for _ in range(EMAIL_LIMIT.most - 1):
        world.refused()

    world.sign_in()

    assert world.n_attempts() == 0
    for _ in range(EMAIL_LIMIT.most):
        assert world.refused() is SignInRefused


def test_somebody_elses_success_forgets_no_failures(world: World):
    with world.transaction() as session:
        make_account(session, world.partnership, email="own@invented.example", password=PASSWORD)
    for _ in range(EMAIL_LIMIT.most):
        world.refused()
        world.sign_in(email="own@invented.example")

    assert world.refused(PASSWORD) is TooManyAttempts


def test_attempts_are_kept_as_digests_and_not_for_longer_than_they_count(world: World):
    world.refused()
    with world.transaction(write=False) as session:
        [attempt] = session.scalars(select(SignInAttempt)).all()
        assert len(attempt.email_sha256) == len(attempt.address_sha256) == 64

    world.refused(email="nobody@invented.example", now=NOW + EMAIL_LIMIT.within)

    assert world.n_attempts() == 1


def test_attempts_at_the_same_moment_do_not_get_past_the_limit(world: World):
    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(lambda _: world.refused(), range(EMAIL_LIMIT.most + 6)))

    assert sorted(kind.__name__ for kind in ended if kind) == ["SignInRefused"] * 10 + ["TooManyAttempts"] * 6


def test_people_sign_in_at_the_same_moment(world: World):
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda _: world.sign_in().token, range(6)))

    assert len(set(tokens)) == 6
    assert {world.actor_of(token) for token in tokens} == {world.actor}
    assert world.n_attempts() == 0


def test_a_password_that_was_changed_meanwhile_does_not_let_in(world: World, monkeypatch: pytest.MonkeyPatch):
    def compare_slowly(stored: str | None, password: str) -> bool:
        with world.transaction() as session:
            assert world.actor.account_id is not None
            reset_password(session, world.admin, world.actor.account_id, now=NOW)
        return is_password(stored, password)

    monkeypatch.setattr(signing_in, "is_password", compare_slowly)

    assert world.refused(PASSWORD) is SignInRefused


def one_time(world: World) -> str:
    assert world.actor.account_id is not None
    with world.transaction() as session:
        return reset_password(session, world.admin, world.actor.account_id, now=NOW).secret


def test_a_one_time_password_leads_to_the_choice_of_ones_own_only(world: World):
    before = world.sign_in()
    secret = one_time(world)

    with pytest.raises(SessionEnded):
        world.actor_of(before.token)
    assert world.refused(PASSWORD) is SignInRefused
    opened = world.sign_in(secret)
    with pytest.raises(PasswordChangeNeeded):
        world.actor_of(opened.token)
    with world.transaction(write=False) as session:
        signed_in = resume_session(session, opened.token, now=NOW)
    assert signed_in.must_change_password
    changed = change_own_password(
        world.transaction, signed_in.actor, current=secret, new=NEW, address=HERE, now=NOW
    )

    assert world.actor_of(changed.token) == world.actor
    assert world.refused(secret) is SignInRefused
    assert world.refused(NEW) is None


def test_a_one_time_password_is_good_for_three_days(world: World):
    secret = one_time(world)

    assert timedelta(days=3) == ONE_TIME_LIFE
    assert world.refused(secret, now=NOW + ONE_TIME_LIFE) is SignInRefused
    assert world.refused(secret, now=NOW + ONE_TIME_LIFE - timedelta(seconds=1)) is None


def change(world: World, *, current: str = PASSWORD, new: str = NEW, now: datetime = NOW) -> OpenedSession:
    return change_own_password(
        world.transaction, world.actor, current=current, new=new, address=HERE, now=now
    )


def test_changing_the_password_ends_every_other_session(world: World):
    tokens = [world.sign_in().token for _ in range(2)]

    opened = change(world, now=NOW + timedelta(minutes=1))

    for token in tokens:
        with pytest.raises(SessionEnded):
            world.actor_of(token)
    assert world.actor_of(opened.token) == world.actor
    assert world.account().password_changed_at == NOW + timedelta(minutes=1)
    assert world.refused(PASSWORD) is SignInRefused
    assert world.refused(NEW) is None
    assert "account.password_changed" in world.operations()


def test_the_current_password_is_needed_to_change_it_and_limited_alike(world: World):
    token = world.sign_in().token
    for _ in range(EMAIL_LIMIT.most):
        with pytest.raises(SignInRefused):
            change(world, current="wrong")
    with pytest.raises(TooManyAttempts):
        change(world)

    assert world.actor_of(token) == world.actor


@pytest.mark.parametrize(
    ("new", "code"), [("short", "too-short"), (PASSWORD, "unchanged"), (EMAIL, "own-name")]
)
def test_a_new_password_follows_the_rules(world: World, new: str, code: str):
    with pytest.raises(InvalidInput) as caught:
        change(world, new=new)

    assert [(issue.pointer, issue.code) for issue in caught.value.issues] == [("/new", code)]
    assert world.refused(PASSWORD) is None


def test_a_key_has_no_password(world: World):
    partnership: Partnership = world.partnership
    with pytest.raises(NotPermitted):
        change_own_password(
            world.transaction, make_staff(partnership), current=PASSWORD, new=NEW, address=HERE, now=NOW
        )
