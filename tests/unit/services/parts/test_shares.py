"""How the weight of a score is shared out among its parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.weights import DEFAULT_WEIGHTS, PARTS, TEXT
from app.services.parts.shares import part_shares

asked = st.dictionaries(st.sampled_from(PARTS), st.floats(0, 1), max_size=len(PARTS))


@given(asked)
def test_shares_sum_to_one_or_to_nothing(sureness: dict[str, float]) -> None:
    shares = part_shares(DEFAULT_WEIGHTS.parts, sureness)
    assert set(shares) == set(sureness)
    assert sum(shares.values()) == pytest.approx(1.0) or not any(shares.values())


def test_a_part_that_is_not_asked_for_hands_its_weight_on_in_proportion():
    parts = dict.fromkeys(PARTS, 0.0) | {"skills": 0.6, "occupation": 0.2, TEXT: 0.2}
    assert part_shares(parts, {"skills": 1.0, TEXT: 1.0}) == pytest.approx({"skills": 0.75, TEXT: 0.25})


def test_what_a_part_is_not_sure_of_goes_to_the_text():
    parts = dict.fromkeys(PARTS, 0.0) | {"skills": 0.6, "occupation": 0.2, TEXT: 0.2}
    found = part_shares(parts, {"skills": 0.5, "occupation": 1.0, TEXT: 1.0})
    assert found == pytest.approx({"skills": 0.3, "occupation": 0.2, TEXT: 0.5})
    without = part_shares(parts, {"skills": 0.5, "occupation": 1.0})
    assert without == pytest.approx({"skills": 0.6, "occupation": 0.4})


def test_a_text_part_without_weight_stays_without():
    parts = dict.fromkeys(PARTS, 0.0) | {"skills": 1.0}
    assert part_shares(parts, {"skills": 0.2, TEXT: 1.0}) == {"skills": 1.0, TEXT: 0.0}
