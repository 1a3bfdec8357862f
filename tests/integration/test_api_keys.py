"""API keys: what is kept, who may issue them, and who is let in."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.domain.actor import Actor, Role
from app.errors import Conflict, InvalidInput, NotAuthenticated, NotFound, NotPermitted
from app.models import ApiKey, AuditEvent
from app.services.api_keys import (
    authenticate,
    issue_api_key,
    list_api_keys,
    record_key_use,
    revoke_api_key,
)
from tests.factories import NOW, make_employer, make_institution, make_partnership, make_staff


@pytest.fixture
def admin(session: Session) -> Actor:
    return make_staff(make_partnership(session, is_test=True))


def issue(session: Session, actor: Actor, role: Role = Role.REVIEWER, **options):
    return issue_api_key(session, actor, role=role, label="Laptop", now=NOW, **options)


def test_a_key_lets_its_actor_in(session: Session, admin: Actor):
    issued = issue(session, admin)

    actor = authenticate(session, issued.secret, now=NOW)

    assert actor == Actor(
        key_id=issued.row.id, role=Role.REVIEWER, partnership_id=admin.partnership_id, organisation_id=None
    )


def test_only_a_digest_of_the_key_is_kept(session: Session, admin: Actor):
    issued = issue(session, admin, random_bytes=lambda n: bytes(range(n)))

    secret_part = issued.secret.split("_", 3)[3]
    stored = {c.key: getattr(issued.row, c.key) for c in inspect(ApiKey).column_attrs}
    assert issued.secret == f"tp_test_0001020304050607_{secret_part}"
    assert len(secret_part) == 43
    assert stored["secret_sha256"] == hashlib.sha256(issued.secret.encode()).hexdigest()
    assert not any(secret_part in str(value) for value in stored.values())
    assert secret_part not in repr(issued)


def test_keys_of_a_live_partnership_say_so(session: Session):
    live = make_staff(make_partnership(session, is_test=False))

    assert issue(session, live).secret.startswith("tp_live_")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "",
        lambda key: key + "x",
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key.replace("tp_test_", "tp_live_"),
        lambda key: key[:8] + "0" * 16 + key[24:],
        lambda key: "tp_test_é" + key[9:],
        lambda key: key + "\n",
    ],
    ids=["empty", "longer", "other-secret", "other-prefix", "other-public-id", "not-ascii", "newline"],
)
def test_a_spoilt_key_is_refused(session: Session, admin: Actor, spoil):
    issued = issue(session, admin)

    with pytest.raises(NotAuthenticated, match="unknown, expired or revoked"):
        authenticate(session, spoil(issued.secret), now=NOW)


def test_an_expired_key_is_refused_from_that_moment(session: Session, admin: Actor):
    end = NOW + timedelta(days=1)
    issued = issue(session, admin, expires_at=end)

    authenticate(session, issued.secret, now=end - timedelta(microseconds=1))
    with pytest.raises(NotAuthenticated):
        authenticate(session, issued.secret, now=end)


def test_a_revoked_key_is_refused(session: Session, admin: Actor):
    issued = issue(session, admin)

    revoke_api_key(session, admin, issued.row.id, now=NOW)

    with pytest.raises(NotAuthenticated):
        authenticate(session, issued.secret, now=NOW)
    with pytest.raises(Conflict, match="revoked already"):
        revoke_api_key(session, admin, issued.row.id, now=NOW)


def test_an_employer_issues_keys_for_itself_only(session: Session, admin: Actor):
    partnership = make_partnership(session)
    employer, rival = make_employer(session, partnership), make_employer(session, partnership)

    own = issue(session, employer, Role.EMPLOYER)
    assert own.row.organisation_id == employer.organisation_id
    for role, organisation_id in (
        (Role.EMPLOYER, rival.organisation_id),
        (Role.INSTITUTION, None),
        (Role.ADMIN, None),
    ):
        with pytest.raises(NotPermitted):
            issue(session, employer, role, organisation_id=organisation_id)
    assert [key.id for key in list_api_keys(session, employer).items] == [own.row.id]
    assert list_api_keys(session, rival).items == []


def test_a_reviewer_manages_no_keys(session: Session):
    reviewer = make_staff(make_partnership(session), role=Role.REVIEWER)

    with pytest.raises(NotPermitted):
        issue(session, reviewer)


def test_a_keys_role_goes_with_its_organisation(session: Session):
    partnership = make_partnership(session)
    admin, institution = make_staff(partnership), make_institution(session, partnership)

    with pytest.raises(Conflict, match="institution"):
        issue(session, admin, Role.EMPLOYER, organisation_id=institution.organisation_id)
    with pytest.raises(InvalidInput):
        issue(session, admin, Role.EMPLOYER)
    with pytest.raises(InvalidInput):
        issue(session, admin, Role.AUDITOR, organisation_id=institution.organisation_id)
    with pytest.raises(InvalidInput, match="future"):
        issue(session, admin, expires_at=NOW)


def test_an_admin_issues_no_keys_for_another_partnership(session: Session, admin: Actor):
    stranger = make_employer(session, make_partnership(session))

    with pytest.raises(NotFound):
        issue(session, admin, Role.EMPLOYER, organisation_id=stranger.organisation_id)


def test_use_is_noted_once_an_hour(session: Session, admin: Actor):
    issued = issue(session, admin)
    actor = authenticate(session, issued.secret, now=NOW)
    seen = []

    for minutes in (0, 59, 60):
        record_key_use(session, actor, now=NOW + timedelta(minutes=minutes))
        seen.append(issued.row.last_used_at)

    assert seen == [NOW, NOW, NOW + timedelta(hours=1)]


def test_issuing_and_revoking_are_audited_without_the_secret(session: Session, admin: Actor):
    issued = issue(session, admin)
    revoke_api_key(session, admin, issued.row.id, now=NOW)

    events = [e for e in session.query(AuditEvent) if e.subject_id == issued.row.id]

    assert sorted(e.operation for e in events) == ["api_key.issued", "api_key.revoked"]
    assert not any(issued.row.public_id in str(e.details) for e in events)
