"""Staff accounts: who keeps them, what a change ends, and that nothing personal is logged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.accounts import Locale
from app.domain.actor import Actor, Role
from app.domain.ids import new_id
from app.errors import AppError, Conflict, InvalidInput, NotFound, NotPermitted, VersionMismatch
from app.models import AuditEvent, Partnership, StaffAccount
from app.services.accounts import (
    account_names,
    change_role,
    create_account,
    disable_account,
    enable_account,
    find_account,
    get_account,
    get_own_account,
    list_accounts,
    reset_password,
    set_locale,
    set_preferences,
)
from app.services.api_keys import issue_api_key
from app.services.audit import list_audit_events
from app.services.password_hashing import is_password
from app.services.staff_sessions import SessionEnded, demo_reviewer, open_session, resume_session
from tests.factories import NOW, make_account, make_employer, make_partnership, make_staff

EMAIL, NAME, PASSWORD = "amal@invented.example", "Amal Invented", "rivet lemon tram"


@pytest.fixture
def partnership(session: Session) -> Partnership:
    return make_partnership(session)


@pytest.fixture
def admin(session: Session, partnership: Partnership) -> Actor:
    return make_account(session, partnership, role=Role.ADMIN)


@pytest.fixture
def person(session: Session, partnership: Partnership) -> Actor:
    return make_account(session, partnership, email=EMAIL, display_name=NAME, password=PASSWORD)


def id_of(actor: Actor) -> UUID:
    assert actor.account_id is not None
    return actor.account_id


def create(session: Session, actor: Actor, **options: Any) -> StaffAccount:
    values = {"email": EMAIL, "display_name": NAME, "role": Role.REVIEWER, "now": NOW}
    return create_account(session, actor, **{**values, **options})


def test_an_admin_gives_somebody_an_account(session: Session, admin: Actor):
    account = create(session, admin, email=" Amal@Invented.example", password=PASSWORD, locale=Locale.FR)

    assert (account.email, account.display_name, account.role) == (EMAIL, NAME, Role.REVIEWER)
    assert (account.partnership_id, account.locale) == (admin.partnership_id, Locale.FR)
    assert is_password(account.password_hash, PASSWORD)
    assert not account.must_change_password
    assert [row.id for row in list_accounts(session, admin).items] == [admin.account_id, account.id]
    assert get_account(session, admin, account.id) is account
    assert find_account(session, admin, EMAIL.upper()) is account


def test_an_account_may_have_no_password(session: Session, admin: Actor):
    account = create(session, admin)

    assert (account.password_hash, account.password_changed_at) == (None, None)


@pytest.mark.parametrize(
    "wrong", [{"email": "amal"}, {"display_name": ""}, {"role": Role.EMPLOYER}, {"password": "password1234"}]
)
def test_what_an_account_may_not_hold_is_refused(session: Session, admin: Actor, wrong: dict[str, Any]):
    with pytest.raises(InvalidInput):
        create(session, admin, **wrong)

    assert find_account(session, admin, EMAIL) is None


def test_an_address_has_one_account_in_all_partnerships(session: Session, admin: Actor, person: Actor):
    elsewhere = make_staff(make_partnership(session))

    for actor in (admin, elsewhere):
        with pytest.raises(Conflict, match="account already"):
            create(session, actor, email=EMAIL.upper())


def test_two_who_give_one_address_an_account_at_once_do_not_both(
    session_factory: SessionFactory, monkeypatch: pytest.MonkeyPatch
):
    with session_scope(session_factory) as session:
        admin = make_staff(make_partnership(session))
        create(session, admin)
    # As the second of them sees it, whose look came before the first one's commit.
    monkeypatch.setattr("app.services.accounts.find_account_by_email", lambda _session, _email: None)

    with pytest.raises(Conflict, match="account already"), session_scope(session_factory) as session:
        create(session, admin)


# Every service for administrators, on somebody's account.
MANAGED: dict[str, Callable[[Session, Actor, UUID], Any]] = {
    "get": lambda s, a, i: get_account(s, a, i),
    "role": lambda s, a, i: change_role(s, a, i, Role.AUDITOR, now=NOW),
    "disable": lambda s, a, i: disable_account(s, a, i, now=NOW),
    "enable": lambda s, a, i: enable_account(s, a, i, now=NOW),
    "reset": lambda s, a, i: reset_password(s, a, i, now=NOW),
}


def refused(call: Callable[..., Any], *arguments: Any, **options: Any) -> type[AppError] | None:
    try:
        call(*arguments, **options)
    except AppError as error:
        return type(error)
    return None


@pytest.mark.parametrize("name", MANAGED)
def test_accounts_are_kept_by_admins_of_their_partnership(
    session: Session, partnership: Partnership, person: Actor, name: str
):
    call = MANAGED[name]
    stranger = make_account(session, make_partnership(session), role=Role.ADMIN)

    assert refused(call, session, stranger, id_of(person)) is NotFound
    assert refused(call, session, stranger, new_id()) is NotFound
    for actor in (
        person,
        make_staff(partnership, role=Role.AUDITOR),
        make_employer(session, partnership),
    ):
        assert refused(call, session, actor, id_of(person)) is NotPermitted


def test_nobody_else_makes_or_lists_accounts(session: Session, partnership: Partnership, person: Actor):
    for actor in (person, make_staff(partnership, role=Role.AUDITOR), make_employer(session, partnership)):
        assert refused(create, session, actor, email="x@invented.example") is NotPermitted
        assert refused(list_accounts, session, actor) is NotPermitted
        assert refused(find_account, session, actor, EMAIL) is NotPermitted


def test_lists_and_names_end_at_the_partnership(session: Session, partnership: Partnership, person: Actor):
    stranger = make_account(session, make_partnership(session), role=Role.ADMIN, display_name="Stranger")
    ids = [id_of(person), id_of(stranger), new_id()]

    assert account_names(session, person, ids) == {id_of(person): NAME}
    assert account_names(session, stranger, ids) == {id_of(stranger): "Stranger"}
    assert [row.id for row in list_accounts(session, stranger).items] == [stranger.account_id]
    assert find_account(session, stranger, EMAIL) is None
    with pytest.raises(NotPermitted):
        account_names(session, make_employer(session, partnership), ids)


def sign_in(session: Session, actor: Actor) -> Callable[[], bool]:
    """Open a session; the answer says whether it still holds."""
    token = open_session(session, session.get_one(StaffAccount, actor.account_id), now=NOW).token

    def holds() -> bool:
        try:
            resume_session(session, token, now=NOW)
        except SessionEnded:
            return False
        return True

    return holds


@pytest.mark.parametrize("name", ["role", "disable", "reset"])
def test_a_change_signs_out_at_once(session: Session, admin: Actor, person: Actor, name: str):
    theirs, mine = [sign_in(session, person), sign_in(session, person)], sign_in(session, admin)
    assert [holds() for holds in theirs] == [True, True]

    MANAGED[name](session, admin, id_of(person))

    assert [holds() for holds in theirs] == [False, False]
    assert mine()


def test_another_role_holds_from_the_next_sign_in(session: Session, admin: Actor, person: Actor):
    account = change_role(session, admin, id_of(person), Role.AUDITOR, now=NOW)

    opened = open_session(session, account, now=NOW)
    assert resume_session(session, opened.token, now=NOW).actor.role is Role.AUDITOR
    holds = sign_in(session, person)
    change_role(session, admin, id_of(person), Role.AUDITOR, now=NOW)
    assert holds(), "the same role again changes nothing"
    with pytest.raises(InvalidInput):
        change_role(session, admin, id_of(person), Role.INSTITUTION, now=NOW)


def test_an_account_is_disabled_and_enabled_in_turn(session: Session, admin: Actor, person: Actor):
    with pytest.raises(Conflict):
        enable_account(session, admin, id_of(person), now=NOW)
    disable_account(session, admin, id_of(person), now=NOW)
    with pytest.raises(Conflict):
        disable_account(session, admin, id_of(person), now=NOW)

    assert enable_account(session, admin, id_of(person), now=NOW).disabled_at is None
    assert sign_in(session, person)()


def test_a_reset_gives_a_password_for_one_sign_in(session: Session, admin: Actor, person: Actor):
    given = reset_password(session, admin, id_of(person), now=NOW, random_bytes=lambda n: bytes(range(n)))

    assert given.secret == "aaaqea-yeauda-ocajbi-fqydio"
    assert given.secret not in repr(given)
    assert is_password(given.account.password_hash, given.secret)
    assert given.account.must_change_password


def test_the_demo_gets_no_password(session: Session, admin: Actor):
    demo = demo_reviewer(session, admin.partnership_id, now=NOW)

    with pytest.raises(Conflict):
        reset_password(session, admin, demo.account.id, now=NOW)


@pytest.mark.parametrize("name", ["role", "disable", "enable", "reset"])
def test_admins_do_not_shut_themselves_out(session: Session, admin: Actor, name: str):
    with pytest.raises(Conflict, match="your own"):
        MANAGED[name](session, admin, id_of(admin))


def test_an_admin_changes_what_they_have_seen(session: Session, admin: Actor, person: Actor):
    seen = get_account(session, admin, id_of(person)).version
    change_role(session, admin, id_of(person), Role.AUDITOR, expected_version=seen, now=NOW)

    for call in (
        lambda: change_role(session, admin, id_of(person), Role.ADMIN, expected_version=seen, now=NOW),
        lambda: disable_account(session, admin, id_of(person), expected_version=seen, now=NOW),
        lambda: reset_password(session, admin, id_of(person), expected_version=seen, now=NOW),
    ):
        assert refused(call) is VersionMismatch


def test_people_choose_their_own_language_and_keys(session: Session, person: Actor):
    hotkeys = {"hotkeys": {"next": "n", "shortlist": "j"}, "hotkeys_on": True}

    set_locale(session, person, Locale.AR, now=NOW)
    set_preferences(session, person, hotkeys, now=NOW)
    session.expire_all()

    account = get_own_account(session, person)
    assert (account.locale, account.preferences) == (Locale.AR, hotkeys)
    with pytest.raises(InvalidInput):
        set_preferences(session, person, {"hotkeys": {"next": "n", "undo": "n"}}, now=NOW)


def test_keys_and_operators_have_no_account_of_their_own(session: Session, partnership: Partnership):
    issued = issue_api_key(session, make_staff(partnership), role=Role.REVIEWER, label="", now=NOW)
    by_key = Actor(key_id=issued.row.id, role=Role.REVIEWER, partnership_id=partnership.id)

    for actor in (by_key, make_staff(partnership)):
        assert refused(get_own_account, session, actor) is NotPermitted
        assert refused(set_locale, session, actor, Locale.FR, now=NOW) is NotPermitted
        assert refused(set_preferences, session, actor, {}, now=NOW) is NotPermitted


def test_every_change_is_audited_without_anything_personal(session: Session, admin: Actor, person: Actor):
    change_role(session, admin, id_of(person), Role.AUDITOR, now=NOW)
    disable_account(session, admin, id_of(person), now=NOW)
    enable_account(session, admin, id_of(person), now=NOW)
    secret = reset_password(session, admin, id_of(person), now=NOW).secret
    set_locale(session, person, Locale.FR, now=NOW)
    set_preferences(session, person, {"x": 1}, now=NOW)

    events = [e for e in list_audit_events(session, admin).items if e.subject_id == person.account_id]

    assert [(e.operation, e.actor_account_id) for e in reversed(events)] == [
        ("account.created", None),
        ("account.role_changed", admin.account_id),
        ("account.disabled", admin.account_id),
        ("account.enabled", admin.account_id),
        ("account.password_reset", admin.account_id),
        ("account.locale_changed", person.account_id),
        ("account.preferences_changed", person.account_id),
    ]
    written = " ".join(str(event.details) for event in session.scalars(select(AuditEvent)))
    assert "auditor" in written
    for personal in (EMAIL, "amal", NAME, "Amal", PASSWORD, secret):
        assert personal not in written
    account = get_own_account(session, person)
    assert not any(word in repr(account) for word in (EMAIL, NAME, str(account.password_hash)))


@pytest.mark.parametrize(
    "broken", [{"role": Role.EMPLOYER}, {"password_hash": "x"}, {"email": "@"}, {"display_name": ""}]
)
def test_the_table_itself_refuses_what_no_account_may_hold(
    session: Session, partnership: Partnership, broken: dict[str, Any]
):
    values = {
        "partnership_id": partnership.id,
        "email": EMAIL,
        "display_name": NAME,
        "role": Role.REVIEWER,
        "must_change_password": False,
        "locale": Locale.EN,
        "preferences": {},
        "is_demo": False,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    session.add(StaffAccount(**{**values, **broken}))

    with pytest.raises(IntegrityError):
        session.flush()
