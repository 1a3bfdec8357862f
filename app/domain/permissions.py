"""Who may do what, on which rows: one table, deny by default (DESIGN section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from app.domain.actor import Actor, Role
from app.errors import NotPermitted


class Operation(Enum):
    """Everything that is guarded."""

    VACANCY_WRITE = auto()
    VACANCY_CLOSE = auto()
    VACANCY_READ = auto()
    REQUIREMENT_CONFIRM = auto()
    SKILLS_NEED_WRITE = auto()
    SKILLS_NEED_CLOSE = auto()
    SKILLS_NEED_READ = auto()
    PROGRAMME_WRITE = auto()
    PROGRAMME_WITHDRAW = auto()
    PROGRAMME_READ = auto()
    COHORT_WRITE = auto()
    COHORT_RELAY = auto()
    COHORT_WITHDRAW = auto()
    COHORT_READ = auto()
    CANDIDATE_READ = auto()
    CANDIDATE_WITHDRAW = auto()
    IDENTITY_READ = auto()
    RANKING_RUN = auto()
    RANKING_READ = auto()
    REVIEW_WRITE = auto()
    REVIEW_READ = auto()
    INTRODUCTION_READ = auto()
    INTRODUCTION_ANSWER = auto()
    ALIAS_WRITE = auto()
    ALIAS_WRITE_SHARED = auto()
    ALIAS_READ = auto()
    QUEUE_WRITE = auto()
    QUEUE_READ = auto()
    WEIGHTS_WRITE = auto()
    WEIGHTS_READ = auto()
    ORGANISATION_WRITE = auto()
    ORGANISATION_READ = auto()
    KEY_MANAGE = auto()
    ACCOUNT_MANAGE = auto()
    ACCOUNT_READ = auto()
    TAXONOMY_WRITE = auto()
    TAXONOMY_READ = auto()
    TAXONOMY_COMPARE = auto()
    JOB_READ = auto()
    JOB_CANCEL = auto()
    AUDIT_READ = auto()

    @property
    def words(self) -> str:
        """The operation as it reads in a sentence."""
        return self.name.lower().replace("_", " ")


class Scope(Enum):
    """Which rows of the partnership an operation reaches."""

    OWN = "own"  # those of the actor's organisation
    PUBLISHED = "published"  # those that employers have published
    ALL = "all"  # the whole partnership
    PSEUDONYMOUS = "pseudonymous"  # the whole partnership, people by pseudonym only


_EMPLOYER, _INSTITUTION = Role.EMPLOYER, Role.INSTITUTION
_REVIEWER, _ADMIN, _AUDITOR = Role.REVIEWER, Role.ADMIN, Role.AUDITOR
_STAFF = {_REVIEWER: Scope.ALL, _ADMIN: Scope.ALL, _AUDITOR: Scope.ALL}
_EVERYONE = dict.fromkeys(Role, Scope.ALL)

PERMISSIONS: Mapping[Operation, Mapping[Role, Scope]] = {
    Operation.VACANCY_WRITE: {_EMPLOYER: Scope.OWN},
    Operation.VACANCY_CLOSE: {_EMPLOYER: Scope.OWN, _ADMIN: Scope.ALL},
    Operation.VACANCY_READ: {_EMPLOYER: Scope.OWN, _INSTITUTION: Scope.PUBLISHED, **_STAFF},
    Operation.REQUIREMENT_CONFIRM: {_REVIEWER: Scope.ALL},
    Operation.SKILLS_NEED_WRITE: {_EMPLOYER: Scope.OWN},
    Operation.SKILLS_NEED_CLOSE: {_EMPLOYER: Scope.OWN, _ADMIN: Scope.ALL},
    Operation.SKILLS_NEED_READ: {_EMPLOYER: Scope.OWN, **_STAFF},
    Operation.PROGRAMME_WRITE: {_INSTITUTION: Scope.OWN},
    Operation.PROGRAMME_WITHDRAW: {_INSTITUTION: Scope.OWN, _ADMIN: Scope.ALL},
    Operation.PROGRAMME_READ: {_INSTITUTION: Scope.OWN, **_STAFF},
    Operation.COHORT_WRITE: {_INSTITUTION: Scope.OWN},
    # Institutions that hand their files to staff, who send them in for them.
    Operation.COHORT_RELAY: {_REVIEWER: Scope.ALL, _ADMIN: Scope.ALL},
    Operation.COHORT_WITHDRAW: {_INSTITUTION: Scope.OWN, _ADMIN: Scope.ALL},
    Operation.COHORT_READ: {_INSTITUTION: Scope.OWN, **_STAFF},
    Operation.CANDIDATE_READ: {_INSTITUTION: Scope.OWN, _REVIEWER: Scope.ALL, _ADMIN: Scope.ALL},
    Operation.CANDIDATE_WITHDRAW: {_INSTITUTION: Scope.OWN, _REVIEWER: Scope.ALL, _ADMIN: Scope.ALL},
    Operation.IDENTITY_READ: {_INSTITUTION: Scope.OWN, _REVIEWER: Scope.ALL, _ADMIN: Scope.ALL},
    Operation.RANKING_RUN: {_REVIEWER: Scope.ALL, _ADMIN: Scope.ALL},
    Operation.RANKING_READ: {_REVIEWER: Scope.ALL, _ADMIN: Scope.ALL, _AUDITOR: Scope.PSEUDONYMOUS},
    Operation.REVIEW_WRITE: {_REVIEWER: Scope.ALL},
    Operation.REVIEW_READ: {_REVIEWER: Scope.ALL, _ADMIN: Scope.ALL, _AUDITOR: Scope.PSEUDONYMOUS},
    Operation.INTRODUCTION_READ: {
        _EMPLOYER: Scope.OWN,
        _REVIEWER: Scope.ALL,
        _ADMIN: Scope.ALL,
        _AUDITOR: Scope.PSEUDONYMOUS,
    },
    Operation.INTRODUCTION_ANSWER: {_EMPLOYER: Scope.OWN},
    Operation.ALIAS_WRITE: {_REVIEWER: Scope.ALL, _ADMIN: Scope.ALL},
    # An alias without a partnership reaches the rankings of all of them.
    Operation.ALIAS_WRITE_SHARED: {_ADMIN: Scope.ALL},
    Operation.ALIAS_READ: _STAFF,
    # Its phrases are candidates' own words, which auditors do not see.
    Operation.QUEUE_WRITE: {_REVIEWER: Scope.ALL, _ADMIN: Scope.ALL},
    Operation.QUEUE_READ: {_REVIEWER: Scope.ALL, _ADMIN: Scope.ALL},
    # One proposes, another approves: the service sees to that.
    Operation.WEIGHTS_WRITE: {_ADMIN: Scope.ALL},
    Operation.WEIGHTS_READ: {_ADMIN: Scope.ALL, _AUDITOR: Scope.ALL},
    Operation.ORGANISATION_WRITE: {_ADMIN: Scope.ALL},
    Operation.ORGANISATION_READ: {_EMPLOYER: Scope.OWN, _INSTITUTION: Scope.OWN, **_STAFF},
    Operation.KEY_MANAGE: {_EMPLOYER: Scope.OWN, _INSTITUTION: Scope.OWN, _ADMIN: Scope.ALL},
    Operation.ACCOUNT_MANAGE: {_ADMIN: Scope.ALL},
    # Names of colleagues, beside what they did.
    Operation.ACCOUNT_READ: _STAFF,
    Operation.TAXONOMY_WRITE: {_ADMIN: Scope.ALL},
    Operation.TAXONOMY_READ: _EVERYONE,
    Operation.TAXONOMY_COMPARE: _STAFF,
    Operation.JOB_READ: {_EMPLOYER: Scope.OWN, _INSTITUTION: Scope.OWN, **_STAFF},
    Operation.JOB_CANCEL: {
        _EMPLOYER: Scope.OWN,
        _INSTITUTION: Scope.OWN,
        _REVIEWER: Scope.ALL,
        _ADMIN: Scope.ALL,
    },
    Operation.AUDIT_READ: {_ADMIN: Scope.ALL, _AUDITOR: Scope.ALL},
}


def scope_of(actor: Actor, operation: Operation) -> Scope | None:
    """Give the rows the actor reaches by this operation, or None when it is denied."""
    return PERMISSIONS.get(operation, {}).get(actor.role)


def require(actor: Actor, operation: Operation) -> Scope:
    """Give the rows the actor reaches by this operation.

    Raises
    ------
    NotPermitted
        The role has no part in this operation, whatever the row.
    """
    scope = scope_of(actor, operation)
    if scope is None:
        raise NotPermitted(f"Role {actor.role} may not do this ({operation.words}).")
    return scope
