"""What the pool adds up for a pair is what taking it apart finds."""

from itertools import combinations

import numpy as np
import pytest

from app.matching.weights import OCCUPATION
from app.services.vacancy_queries import Ask, Entry, groups_of


def entry(code: str, term: int, credit: int) -> Entry:
    return Entry(f"isco:{code}", term, f"same_isco_group_{len(code)}", np.array([credit], dtype=np.int32))


@pytest.mark.parametrize(
    "entries",
    [
        [entry("2141", 4, 3277), entry("214", 3, 2048), entry("21", 2, 819), entry("2", 1, 205)],
        # Two likely occupations, of which nobody in the pool has either.
        [
            entry("2141", 4, 3277),
            entry("214", 3, 2048),
            entry("21", 2, 819),
            entry("24", 5, 495),
            entry("2", 1, 205),
        ],
    ],
)
def test_the_groups_of_an_occupation_add_up_to_its_best_credit(entries: list[Entry]) -> None:
    codes = {each.term: str(each.key).removeprefix("isco:") for each in entries}
    ask = Ask(OCCUPATION, "occupation", 1, 0, tuple(entries))
    for size in range(1, 3):
        for held in combinations(codes, size):
            # Who is in a group is in every wider one.
            terms = {t for t, code in codes.items() if any(codes[own].startswith(code) for own in held)}
            best = max(int(each.credit[0]) for each in entries if each.term in terms)
            ranked = sum(
                max((int(each.credit[0]) for each in group if each.term in terms), default=0)
                for _, group in groups_of(ask)
            )
            assert ranked == best
