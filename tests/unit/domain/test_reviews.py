from __future__ import annotations

from typing import Any

import pytest

from app.domain.enums import Verdict
from app.domain.reviews import (
    BY_EMPLOYER,
    BY_STAFF,
    NEED_A_REASON,
    REASONS,
    RULED_OUT,
    Decision,
    DecisionBook,
    ReviewReason,
    is_override,
)
from app.domain.transitions import TRANSITIONS, ReviewState

S = ReviewState
REJECTED, INTRODUCED, ACCEPTED = Decision(S.REJECTED), Decision(S.INTRODUCED), Decision(S.ACCEPTED)


def test_every_state_is_for_one_side_to_give_and_has_its_reasons():
    assert sorted((*BY_STAFF, *BY_EMPLOYER)) == sorted(S) == sorted(REASONS)
    assert {reason for reasons in REASONS.values() for reason in reasons} == set(ReviewReason)
    assert all(ReviewReason.OTHER in reasons for reasons in REASONS.values())


def test_whoever_is_ruled_out_was_told_why_and_can_be_taken_back():
    assert set(RULED_OUT) <= NEED_A_REASON
    assert all(S.PROPOSED in TRANSITIONS[S][state] for state in RULED_OUT)


@pytest.mark.parametrize("state", [S.SHORTLISTED, S.INTRODUCED])
@pytest.mark.parametrize(
    ("is_listed", "verdict", "expected"),
    [
        (True, Verdict.YES, False),
        (True, Verdict.UNKNOWN, False),
        (True, Verdict.NO, True),
        (False, None, True),
    ],
)
def test_putting_forward_is_an_override_where_the_ranking_did_not_propose(
    state: ReviewState, is_listed: bool, verdict: Verdict | None, expected: bool
):
    rank = 1 if is_listed else None
    assert is_override(state, is_listed=is_listed, rank=rank, verdict=verdict, openings=1) is expected


@pytest.mark.parametrize(
    ("rank", "openings", "verdict", "expected"),
    [
        (5, 1, Verdict.YES, True),
        (6, 1, Verdict.YES, False),
        (6, 2, Verdict.UNKNOWN, True),
        (1, 1, Verdict.NO, False),
        (None, 1, None, False),
    ],
)
def test_rejecting_is_an_override_where_the_ranking_proposed(
    rank: int | None, openings: int, verdict: Verdict | None, expected: bool
):
    given: dict[str, Any] = {
        "is_listed": rank is not None,
        "rank": rank,
        "verdict": verdict,
        "openings": openings,
    }
    assert is_override(S.REJECTED, **given) is expected
    assert not is_override(S.DEFERRED, **given)


def test_a_book_tells_each_pair_apart():
    book = DecisionBook(
        [("v1", "c", INTRODUCED), ("v2", "c", REJECTED), ("v3", "c", ACCEPTED), ("v1", "d", REJECTED)]
    )

    assert book.review("v1", "c").decision is INTRODUCED
    assert not book.review("v1", "c").is_ruled_out
    assert book.review("v1", "c").introduced_elsewhere == ("v3",)
    assert book.review("v2", "c").is_ruled_out
    assert book.review("v9", "c").introduced_elsewhere == ("v1", "v3")
    assert book.review("v1", "e") == DecisionBook().review("v1", "c")
    assert book.ruled_out() == [("v1", "d"), ("v2", "c")]
