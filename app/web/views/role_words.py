"""What operations and their reach are called in the table of roles."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.permissions import Operation as _Op
from app.domain.permissions import Scope
from app.web.wording import N_

OPERATIONS: Mapping[_Op, str] = {
    _Op.VACANCY_WRITE: N_("Create, change, publish and pause vacancies"),
    _Op.VACANCY_CLOSE: N_("Close vacancies"),
    _Op.VACANCY_READ: N_("Read vacancies"),
    _Op.REQUIREMENT_CONFIRM: N_("Confirm and correct what a vacancy asks for"),
    _Op.SKILLS_NEED_WRITE: N_("Create and change skills needs"),
    _Op.SKILLS_NEED_CLOSE: N_("Close skills needs"),
    _Op.SKILLS_NEED_READ: N_("Read skills needs"),
    _Op.PROGRAMME_WRITE: N_("Submit and change training programmes"),
    _Op.PROGRAMME_WITHDRAW: N_("Withdraw training programmes"),
    _Op.PROGRAMME_READ: N_("Read training programmes"),
    _Op.COHORT_WRITE: N_("Submit and change cohorts"),
    _Op.COHORT_RELAY: N_("Send cohorts in for an institution"),
    _Op.COHORT_WITHDRAW: N_("Withdraw cohorts"),
    _Op.COHORT_READ: N_("Read the state of cohorts and their row errors"),
    _Op.CANDIDATE_READ: N_("Read profiles of candidates"),
    _Op.CANDIDATE_WITHDRAW: N_("Withdraw candidates"),
    _Op.IDENTITY_READ: N_("Read who a candidate is"),
    _Op.RANKING_RUN: N_("Rank candidates"),
    _Op.RANKING_READ: N_("Read rankings and explanations"),
    _Op.REVIEW_WRITE: N_("Decide, shortlist and introduce"),
    _Op.REVIEW_READ: N_("Read decisions"),
    _Op.INTRODUCTION_READ: N_("Read introductions"),
    _Op.INTRODUCTION_ANSWER: N_("Answer introductions"),
    _Op.ALIAS_WRITE: N_("Propose and approve aliases of the partnership"),
    _Op.ALIAS_WRITE_SHARED: N_("Propose and approve aliases for every partnership"),
    _Op.ALIAS_READ: N_("Read aliases"),
    _Op.QUEUE_WRITE: N_("Decide phrases of the normalisation queue"),
    _Op.QUEUE_READ: N_("Read the normalisation queue"),
    _Op.WEIGHTS_WRITE: N_("Propose weights, and approve those that another person proposed"),
    _Op.WEIGHTS_READ: N_("Read weights"),
    _Op.ORGANISATION_WRITE: N_("Create and change organisations"),
    _Op.ORGANISATION_READ: N_("Read organisations"),
    _Op.KEY_MANAGE: N_("Issue and revoke API keys"),
    _Op.ACCOUNT_MANAGE: N_("Create, change and disable accounts of staff"),
    _Op.ACCOUNT_READ: N_("See the names of colleagues beside what they did"),
    _Op.TAXONOMY_WRITE: N_("Import taxonomy releases"),
    _Op.TAXONOMY_READ: N_("Search the taxonomy"),
    _Op.TAXONOMY_COMPARE: N_("Compare taxonomy releases"),
    _Op.JOB_READ: N_("Read jobs"),
    _Op.JOB_CANCEL: N_("Cancel jobs"),
    _Op.AUDIT_READ: N_("Read the audit log"),
}

SCOPES: Mapping[Scope, str] = {
    Scope.ALL: N_("yes"),
    Scope.OWN: N_("own only"),
    Scope.PUBLISHED: N_("published only"),
    Scope.PSEUDONYMOUS: N_("by pseudonym"),
}
