"""What must hold of every ranking, on random pools full of ties and collisions."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.ranking.pool import Pool
from app.matching.ranking.query import Query
from app.services.explanation import take_apart
from app.services.vacancy_queries import Ask, AskedVacancy, AskedWord, Entry
from tests.unit.matching.ranking.pools import (
    N_GRADES,
    N_TERMS,
    Person,
    make_person,
    make_query,
    make_rows,
    written_ranking,
)

seeds = st.integers(0, 1 << 32)


def make_people(random: Random, n: int = 12) -> list[Person]:
    return [make_person(random, b"%03d" % number) for number in range(n)]


def scores(people: list[Person], query: Query) -> dict[bytes, int]:
    ranked = Pool.of(make_rows(people)).search(query, len(people))
    return dict(zip(ranked.ids.tolist(), ranked.units.tolist(), strict=True))


def make_monotone(query: Query) -> Query:
    """The query with grades in order: a higher one never earns less."""
    query.entry_credit.sort(axis=1)
    return query


@given(seeds, st.integers(1, 14))
def test_top_k_is_the_head_of_the_written_ranking(seed: int, k: int) -> None:
    random = Random(seed)
    people, query = make_people(random), make_query(random)
    ranked = Pool.of(make_rows(people)).search(query, k)
    assert list(zip(ranked.ids.tolist(), ranked.units.tolist(), strict=True)) == written_ranking(
        people, query, k
    )


@given(seeds)
def test_shuffling_candidates_changes_nothing(seed: int) -> None:
    random = Random(seed)
    people, query = make_people(random), make_query(random)
    shuffled = random.sample(people, len(people))
    assert list(scores(shuffled, query).items()) == list(scores(people, query).items())


@given(seeds, st.integers(0, N_TERMS - 1), st.integers(0, N_GRADES - 1))
def test_gaining_a_claim_or_a_better_grade_never_lowers_a_score(seed: int, term: int, grade: int) -> None:
    random = Random(seed)
    people, query = make_people(random), make_monotone(make_query(random))
    before = scores(people, query)
    first = people[0]
    held = max(grade, first.claims.get(term, 0))
    after = scores([replace(first, claims={**first.claims, term: held}), *people[1:]], query)
    assert after[first.id] >= before[first.id]
    assert {**after, first.id: 0} == {**before, first.id: 0}


@given(seeds)
def test_another_candidate_changes_no_score(seed: int) -> None:
    random = Random(seed)
    people, query = make_people(random), make_query(random)
    without = scores(people[:-1], query)
    assert {each: units for each, units in scores(people, query).items() if each in without} == without


@given(seeds)
def test_the_parts_of_a_pair_sum_to_its_score_exactly(seed: int) -> None:
    random = Random(seed)
    people, query = make_people(random), make_query(random)
    asked = as_asked(query)
    for person in people:
        breakdown = take_apart(asked, person.claims, person.words)
        assert breakdown.units == scores([person], query)[person.id]
        # The same in the floating-point numbers that callers see, added one by one.
        values = [(met.ask.weight / 2**24) * (met.credit / 2**12) for met in breakdown.met]
        values += [word.weight / 2**24 for word in breakdown.used]
        assert sum(values) == breakdown.units / 2**36


def as_asked(query: Query) -> AskedVacancy:
    """Each group of a query as a requirement of its own."""
    asks = [
        Ask(
            "skills",
            group,
            int(weight),
            0,
            tuple(
                Entry(int(term), int(term), "same", query.entry_credit[entry])
                for entry, term in enumerate(query.entry_term)
                if query.entry_group[entry] == group
            ),
        )
        for group, weight in enumerate(query.group_weight)
    ]
    words = [
        AskedWord(str(term), int(term), int(weight))
        for term, weight in zip(query.word_term, query.word_weight, strict=True)
    ]
    return AskedVacancy(query, tuple(asks), tuple(words), len(words))


def test_a_search_for_nobody_is_refused() -> None:
    random = Random(1)
    with pytest.raises(ValueError, match="at least 1"):
        Pool.of(make_rows(make_people(random))).search(make_query(random), 0)
