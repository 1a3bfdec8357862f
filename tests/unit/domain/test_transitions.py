from __future__ import annotations

from enum import StrEnum
from itertools import product

import pytest

from app.domain.transitions import (
    TRANSITIONS,
    AliasState,
    CandidateStatus,
    CohortStatus,
    JobStatus,
    MatchRunState,
    ProgrammeStatus,
    QueueState,
    ReviewState,
    SkillsNeedStatus,
    UploadState,
    VacancyStatus,
    WeightsState,
    allowed_next,
    require_transition,
)
from app.errors import WrongTransition

# DESIGN section 6, one line per allowed step.
STEPS = {
    VacancyStatus: """
        draft published, draft closed, published paused, paused published,
        published filled, published closed, published expired,
        paused filled, paused closed, paused expired""",
    SkillsNeedStatus: "open closed",
    ProgrammeStatus: "submitted withdrawn",
    CohortStatus: """
        received validating, validating needs_attention, validating ready, validating failed,
        needs_attention validating, needs_attention committed, needs_attention failed,
        ready validating, ready committed, ready failed, committed withdrawn""",
    UploadState: """
        received validating, received discarded, validating needs_attention, validating ready,
        validating failed, validating discarded, needs_attention validating, needs_attention committed,
        needs_attention discarded, ready validating, ready committed, ready discarded""",
    CandidateStatus: """
        registered consented, consented active, active paused, paused active, active placed,
        registered withdrawn, consented withdrawn, active withdrawn, paused withdrawn, placed withdrawn,
        withdrawn erased""",
    MatchRunState: """
        requested running, requested failed, requested cancelled,
        running complete, running failed, running cancelled""",
    AliasState: "proposed approved, proposed withdrawn, approved superseded, approved withdrawn",
    WeightsState: "proposed approved, proposed withdrawn, approved superseded, approved withdrawn",
    QueueState: "open aliased, open dismissed, aliased open, dismissed open, dismissed aliased",
    ReviewState: """
        proposed shortlisted, proposed rejected, proposed info_requested, proposed deferred,
        shortlisted introduced, shortlisted rejected, shortlisted info_requested, shortlisted deferred,
        shortlisted proposed, rejected proposed,
        info_requested shortlisted, info_requested rejected, info_requested deferred, info_requested proposed,
        deferred shortlisted, deferred rejected, deferred info_requested, deferred proposed,
        introduced accepted, introduced declined, introduced lapsed, declined proposed, lapsed proposed""",
    JobStatus: """
        queued running, queued cancelled, running succeeded, running failed, running cancelled,
        running queued""",
}


def expected_steps(machine: type[StrEnum]) -> set[tuple[StrEnum, ...]]:
    return {tuple(machine(state) for state in step.split()) for step in STEPS[machine].split(",")}


@pytest.mark.parametrize("machine", TRANSITIONS, ids=lambda machine: machine.__name__)
def test_exactly_the_designed_steps_are_allowed(machine: type[StrEnum]):
    allowed = set()
    for state, target in product(machine, machine):
        try:
            require_transition(state, target)
        except WrongTransition:
            continue
        allowed.add((state, target))

    assert allowed == expected_steps(machine)


def test_a_refusal_names_the_allowed_next_states():
    with pytest.raises(WrongTransition, match=r"from draft to filled\. Allowed next: published, closed\."):
        require_transition(VacancyStatus.DRAFT, VacancyStatus.FILLED)


def test_a_refusal_says_that_a_state_is_final():
    with pytest.raises(WrongTransition, match=r"Closed is final\."):
        require_transition(VacancyStatus.CLOSED, VacancyStatus.PUBLISHED)


def test_a_final_state_has_no_next_one():
    assert allowed_next(MatchRunState.COMPLETE) == ()
