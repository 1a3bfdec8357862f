from __future__ import annotations

import pytest

from app.domain.actor import Actor, Role
from app.domain.ids import new_id
from app.domain.permissions import PERMISSIONS, Operation, Scope, require, scope_of
from app.errors import NotPermitted
from tests.factories import make_unsaved_actor

# DESIGN section 5, row by row: employer, institution, reviewer, admin, auditor. O own, P published,
# Y the partnership, p the partnership by pseudonym, - denied.
EXPECTED = {
    Operation.VACANCY_WRITE: "O----",
    Operation.VACANCY_CLOSE: "O--Y-",
    Operation.VACANCY_READ: "OPYYY",
    Operation.REQUIREMENT_CONFIRM: "--Y--",
    Operation.SKILLS_NEED_WRITE: "O----",
    Operation.SKILLS_NEED_CLOSE: "O--Y-",
    Operation.SKILLS_NEED_READ: "O-YYY",
    Operation.PROGRAMME_WRITE: "-O---",
    Operation.PROGRAMME_WITHDRAW: "-O-Y-",
    Operation.PROGRAMME_READ: "-OYYY",
    Operation.COHORT_WRITE: "-O---",
    Operation.COHORT_RELAY: "--YY-",
    Operation.COHORT_WITHDRAW: "-O-Y-",
    Operation.COHORT_READ: "-OYYY",
    Operation.CANDIDATE_READ: "-OYY-",
    Operation.CANDIDATE_WITHDRAW: "-OYY-",
    Operation.IDENTITY_READ: "-OYY-",
    Operation.RANKING_RUN: "--YY-",
    Operation.RANKING_READ: "--YYp",
    Operation.REVIEW_WRITE: "--Y--",
    Operation.REVIEW_READ: "--YYp",
    Operation.INTRODUCTION_READ: "O-YYp",
    Operation.INTRODUCTION_ANSWER: "O----",
    Operation.ALIAS_WRITE: "--YY-",
    Operation.ALIAS_WRITE_SHARED: "---Y-",
    Operation.ALIAS_READ: "--YYY",
    Operation.QUEUE_WRITE: "--YY-",
    Operation.QUEUE_READ: "--YY-",
    Operation.WEIGHTS_WRITE: "---Y-",
    Operation.WEIGHTS_READ: "---YY",
    Operation.ORGANISATION_WRITE: "---Y-",
    Operation.ORGANISATION_READ: "OOYYY",
    Operation.KEY_MANAGE: "OO-Y-",
    Operation.ACCOUNT_MANAGE: "---Y-",
    Operation.ACCOUNT_READ: "--YYY",
    Operation.TAXONOMY_WRITE: "---Y-",
    Operation.TAXONOMY_READ: "YYYYY",
    Operation.TAXONOMY_COMPARE: "--YYY",
    Operation.JOB_READ: "OOYYY",
    Operation.JOB_CANCEL: "OOYY-",
    Operation.AUDIT_READ: "---YY",
}
SCOPES = {"O": Scope.OWN, "P": Scope.PUBLISHED, "Y": Scope.ALL, "p": Scope.PSEUDONYMOUS, "-": None}


@pytest.mark.parametrize("operation", Operation, ids=lambda operation: operation.name)
def test_every_role_reaches_what_the_design_says(operation: Operation):
    reached = [scope_of(make_unsaved_actor(role=role), operation) for role in Role]

    assert reached == [SCOPES[letter] for letter in EXPECTED[operation]]


def test_what_the_table_does_not_name_is_denied(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(PERMISSIONS, Operation.VACANCY_READ)

    with pytest.raises(NotPermitted, match="vacancy read"):
        require(make_unsaved_actor(role=Role.ADMIN), Operation.VACANCY_READ)


@pytest.mark.parametrize("role", Role)
def test_an_actor_has_an_organisation_exactly_when_its_role_needs_one(role: Role):
    wrong = None if role.is_organisation else new_id()

    with pytest.raises(ValueError, match="organisation"):
        Actor(key_id=None, role=role, partnership_id=new_id(), organisation_id=wrong)


def test_an_actor_uses_a_key_or_an_account():
    with pytest.raises(ValueError, match="account"):
        Actor(key_id=new_id(), role=Role.ADMIN, partnership_id=new_id(), account_id=new_id())


@pytest.mark.parametrize("role", [Role.EMPLOYER, Role.INSTITUTION])
def test_an_account_is_for_staff(role: Role):
    with pytest.raises(ValueError, match="staff"):
        Actor(key_id=None, role=role, partnership_id=new_id(), organisation_id=new_id(), account_id=new_id())


def test_who_did_something_is_told_by_key_and_account():
    some_id, other_id = new_id(), new_id()
    by_key = Actor(key_id=some_id, role=Role.ADMIN, partnership_id=new_id())
    by_account = Actor(key_id=None, role=Role.ADMIN, partnership_id=new_id(), account_id=some_id)
    operator = Actor(key_id=None, role=Role.ADMIN, partnership_id=new_id())

    told = {
        pair: [actor.is_who(*pair) for actor in (by_key, by_account, operator)]
        for pair in ((some_id, None), (None, some_id), (None, None), (other_id, None), (None, other_id))
    }

    assert told == {
        (some_id, None): [True, False, False],
        (None, some_id): [False, True, False],
        (None, None): [False, False, True],
        (other_id, None): [False, False, False],
        (None, other_id): [False, False, False],
    }
