"""One's own account: its name, its sessions, and what the demo's shared account does not do."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.domain.accounts import SESSION_LIFE
from app.domain.actor import Actor, Role
from app.errors import Conflict, NotFound, NotPermitted
from app.services.accounts import (
    get_own_account,
    list_own_sessions,
    set_display_name,
    sign_account_out,
    sign_out_everywhere,
)
from app.services.staff_sessions import SessionEnded, actor_of, demo_reviewer, open_session, resume_session
from tests.factories import NOW, make_account, make_partnership


def open_for(session: Session, actor: Actor) -> str:
    return open_session(session, get_own_account(session, actor), now=NOW).token


def test_one_names_oneself_and_signs_out_everywhere(session: Session):
    actor = make_account(session, make_partnership(session))
    tokens = [open_for(session, actor) for _ in range(2)]

    assert set_display_name(session, actor, " Amina B. ", now=NOW).display_name == "Amina B."
    assert len(list_own_sessions(session, actor, now=NOW)) == 2
    assert list_own_sessions(session, actor, now=NOW + SESSION_LIFE) == []
    assert sign_out_everywhere(session, actor, now=NOW) == 2
    for token in tokens:
        with pytest.raises(SessionEnded):
            resume_session(session, token, now=NOW)


def test_an_administrator_signs_somebody_else_out(session: Session):
    partnership = make_partnership(session)
    admin = make_account(session, partnership, role=Role.ADMIN)
    person = make_account(session, partnership)
    elsewhere = make_account(session, make_partnership(session), role=Role.ADMIN)
    assert person.account_id is not None
    open_for(session, person)
    with pytest.raises(NotPermitted):
        sign_account_out(session, person, person.account_id, now=NOW)
    with pytest.raises(NotFound):
        sign_account_out(session, elsewhere, person.account_id, now=NOW)
    assert sign_account_out(session, admin, person.account_id, now=NOW) == 1


def test_nobody_changes_the_demo_for_the_others(session: Session):
    demo = actor_of(demo_reviewer(session, make_partnership(session).id, now=NOW).account)
    for change in (
        lambda: set_display_name(session, demo, "Mine", now=NOW),
        lambda: sign_out_everywhere(session, demo, now=NOW),
    ):
        with pytest.raises(Conflict):
            change()
