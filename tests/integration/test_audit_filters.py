"""The audit log by day, subject and doer, and the names beside it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app.domain.actor import Actor, Role
from app.domain.ids import new_id
from app.services.accounts import create_account
from app.services.api_keys import issue_api_key
from app.services.audit import list_audit_events, record_event
from app.services.doers import Doers, list_doers, name_doers
from app.services.staff_sessions import actor_of
from tests.factories import NOW, make_partnership, make_staff


def staff(session: Session, admin: Actor, email: str, name: str) -> Actor:
    return actor_of(create_account(session, admin, email=email, display_name=name, role=Role.ADMIN, now=NOW))


def test_events_are_found_by_doer_subject_type_and_day(session: Session):
    admin = make_staff(make_partnership(session))
    amina = staff(session, admin, "amina@staff.example", "Amina")
    subject = new_id()
    for days, actor, what in ((0, admin, "vacancy"), (1, amina, "vacancy"), (2, amina, "cohort")):
        record_event(session, actor, f"{what}.changed", what, subject, now=NOW + timedelta(days=days))
    session.flush()

    def found(**filters):
        page = list_audit_events(session, admin, subject_id=subject, **filters)
        return [(event.at - NOW).days for event in page.items]

    assert found() == [2, 1, 0]
    assert found(doer=amina.account_id) == [2, 1]
    assert found(subject_type="vacancy") == [1, 0]
    assert found(since=NOW + timedelta(days=1), before=NOW + timedelta(days=2)) == [1]


def test_names_of_another_partnership_stay_there(session: Session):
    here, there = (make_staff(make_partnership(session)) for _ in range(2))
    amina = staff(session, here, "amina@staff.example", "Amina")
    brahim = staff(session, there, "brahim@staff.example", "Brahim")
    keys = [
        issue_api_key(session, each, role=Role.ADMIN, label=label, now=NOW).row
        for each, label in ((here, "ours"), (there, "theirs"))
    ]

    assert amina.account_id is not None
    ours = Doers({amina.account_id: "Amina"}, {keys[0].id: "ours"})

    accounts = [amina.account_id, brahim.account_id, None]
    assert name_doers(session, here, accounts=accounts, keys=[key.id for key in keys]) == ours
    assert list_doers(session, here) == ours
