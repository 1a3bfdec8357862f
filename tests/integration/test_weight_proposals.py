"""Weights fitted to a partnership's decisions: what they rest on, and that nothing follows by itself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import SessionFactory, session_scope
from app.domain.actor import Actor, Role
from app.domain.enums import Verdict
from app.domain.ids import new_id
from app.domain.reviews import ReviewReason
from app.domain.transitions import ReviewState, WeightsState
from app.errors import Conflict, NotPermitted
from app.matching.weights import DEFAULT_WEIGHTS
from app.models import CandidateProfile, Partnership, Review
from app.services.api_keys import issue_api_key
from app.services.review_decisions import ReviewedPair, count_overrides, learnable, reviewed_pairs
from app.services.taxonomy import import_release
from app.services.transactions import Transaction
from app.services.weight_effects import kendall_distance
from app.services.weight_profiles import (
    approve_weights,
    label_of,
    propose_weights,
    weights_in_force,
    weights_of,
    withdraw_weights,
)
from app.services.weight_proposals import fit_proposal
from tests.api.conftest import INDEXES, read_small_taxonomy
from tests.decided import decide_by_occupation
from tests.factories import NOW, make_partnership, make_staff


@pytest.fixture
def partnership(session: Session) -> Partnership:
    import_release(session, read_small_taxonomy(), now=NOW)
    made = make_partnership(session)
    session.commit()
    return made


@pytest.fixture
def transaction(session_factory: SessionFactory) -> Transaction:
    def opened(*, write: bool = True) -> Any:
        return session_scope(session_factory, write=write)

    return opened


def test_a_fit_is_proposed_with_what_it_rests_on(
    session: Session, partnership: Partnership, transaction: Transaction
) -> None:
    vacancies = decide_by_occupation(transaction, INDEXES, partnership)
    admin = make_staff(partnership)
    index, _ = INDEXES.get_for(session, admin)
    found = fit_proposal(session, admin, index, now=NOW)
    row = propose_weights(session, admin, "own", found.values, reason="r", evidence=found.evidence, now=NOW)

    assert row.state is WeightsState.PROPOSED
    assert weights_in_force(session, admin) == DEFAULT_WEIGHTS
    assert weights_of(row).parts["occupation"] > DEFAULT_WEIGHTS.parts["occupation"]
    evidence = row.evidence
    assert evidence["from"] == label_of(DEFAULT_WEIGHTS)
    assert evidence["decisions"]["n"] == 8 * len(vacancies)
    assert evidence["decisions"]["left_out"] == {}
    before, after = evidence["moved"]["parts.occupation"]
    assert (before, after) == (DEFAULT_WEIGHTS.parts["occupation"], weights_of(row).parts["occupation"])
    held_out = evidence["agreement"]["held_out"]
    assert held_out["after"][0] > held_out["before"][0]
    moves = evidence["would_move"]
    assert {each["vacancy_id"] for each in moves["vacancies"]} <= {str(each) for each in vacancies}
    assert moves["mean_kendall_distance"] > 0
    # Once others are in force, what was measured no longer says what would move.
    other = propose_weights(session, admin, "own", {"title": 3.0}, reason="r", now=NOW)
    key = issue_api_key(session, admin, role=Role.ADMIN, label="", now=NOW).row
    second = Actor(key_id=key.id, role=Role.ADMIN, partnership_id=partnership.id)
    approve_weights(session, second, other.id, now=NOW)
    with pytest.raises(Conflict, match="measured from"):
        approve_weights(session, second, row.id, now=NOW)
    withdraw_weights(session, admin, other.id, now=NOW)
    assert approve_weights(session, second, row.id, now=NOW).state is WeightsState.APPROVED
    withdraw_weights(session, admin, row.id, now=NOW)
    # Nothing learns silently: what a fit finds is stored by whoever proposes it, and by nobody else.
    again = fit_proposal(session, admin, index, now=NOW)
    assert again == found


def test_few_decisions_are_refused(
    session: Session, partnership: Partnership, transaction: Transaction
) -> None:
    decide_by_occupation(transaction, INDEXES, partnership, n_vacancies=2)
    admin = make_staff(partnership)
    index, _ = INDEXES.get_for(session, admin)
    with pytest.raises(Conflict, match="at least 60 decisions"):
        fit_proposal(session, admin, index, now=NOW)
    with pytest.raises(NotPermitted):
        fit_proposal(session, make_staff(partnership, role=Role.REVIEWER), index, now=NOW)
    other = make_staff(make_partnership(session))
    with pytest.raises(Conflict, match="There are 0 on 0"):
        fit_proposal(session, other, index, now=NOW)


def test_overrides_are_counted_as_they_were_made(
    session: Session, partnership: Partnership, transaction: Transaction
) -> None:
    vacancies = decide_by_occupation(transaction, INDEXES, partnership, n_vacancies=2)
    admin = make_staff(partnership)
    counted = count_overrides(session, admin)
    assert set(counted) == set(vacancies)
    # With two openings the first ten are proposed: whom a reviewer rejects of them is an override.
    rejected = [row for row in session.scalars(select(Review)) if row.state is ReviewState.REJECTED]
    expected = sum((row.rank or 99) <= 10 for row in rejected if row.vacancy_id == vacancies[0])
    assert counted[vacancies[0]] == (8, expected)
    assert 0 < expected < 4


def test_a_profile_that_changed_since_teaches_nothing(
    session: Session, partnership: Partnership, transaction: Transaction
) -> None:
    decide_by_occupation(transaction, INDEXES, partnership, n_vacancies=1)
    person = session.scalars(select(CandidateProfile).where(CandidateProfile.external_id == "c0")).one()
    person.version += 1
    session.flush()
    found = learnable(reviewed_pairs(session, make_staff(partnership)))
    assert found.left_out == {"changed_since": 1}
    assert person.id not in {pair.candidate_id for pair in found.pairs}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"is_good": True, "reason": None}, None),
        ({"reason": ReviewReason.NOT_AVAILABLE}, "reason_not_available"),
        ({"is_good": True, "reason": ReviewReason.EMPLOYER_ASKED}, "reason_employer_asked"),
        ({"verdict": Verdict.NO}, "decided_by_a_must"),
        ({"is_stale": True}, "changed_since"),
    ],
)
def test_only_decisions_about_the_fit_are_learnt_from(changes: dict[str, Any], why: str | None) -> None:
    values: dict[str, Any] = {
        "is_good": False,
        "reason": ReviewReason.SKILLS_MISSING,
        "score": 0.5,
        "verdict": Verdict.YES,
        "is_stale": False,
    }
    pair = ReviewedPair(vacancy_id=new_id(), candidate_id=new_id(), decided_at=NOW, **(values | changes))
    found = learnable([pair])
    assert (list(found.pairs), found.left_out) == (([pair], {}) if why is None else ([], {why: 1}))


def test_distance_of_orders() -> None:
    assert kendall_distance(["a", "b", "c"], ["b", "a", "c"]) == pytest.approx(1 / 3)
    # Who is in one of them only is not counted.
    assert kendall_distance(["a", "b", "x"], ["y", "a", "b"]) == 0.0
