from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from app.matching.ranking.filters import AnyOf, Between, Claimed, Condition, Not, all_of
from app.matching.ranking.pool import SEAL_AT, Pool
from app.matching.ranking.query import CREDIT_UNITS, WEIGHT_UNITS, Query
from app.matching.ranking.segment import BLOCK, build_segment, segment_rows
from tests.unit.matching.ranking.pools import (
    N_GRADES,
    Person,
    make_person,
    make_query,
    make_rows,
    written_ranking,
)

pytestmark = pytest.mark.usefixtures("twin")


def ids_of(n: int) -> list[bytes]:
    return [f"c{number:05}".encode() for number in range(n)]


def people_of(random: Random, n: int) -> list[Person]:
    return [make_person(random, candidate_id) for candidate_id in ids_of(n)]


def found(pool: Pool, query, k, **options) -> list[tuple[bytes, int]]:
    ranked = pool.search(query, k, **options)
    return list(zip(ranked.ids.tolist(), ranked.units.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_ranking_follows_the_written_formula_with_ties_by_id(seed: int) -> None:
    random = Random(seed)
    people = people_of(random, 120)
    pool = Pool.of(make_rows(people))
    for k in (1, 7, 500):
        query = make_query(random)
        assert found(pool, query, k) == written_ranking(people, query, k)


@pytest.mark.parametrize("seed", range(4))
def test_filters_leave_out_who_does_not_meet_every_condition(seed: int) -> None:
    random = Random(seed)
    people = people_of(random, 150)
    # Half in a segment, half in the delta.
    pool = Pool.of(make_rows(people[:75]))
    pool.put(make_rows(people[75:]))
    only = (Between("age", least=2), Claimed(terms=(1, 2), grades=(0, 1, 3)))
    fitting = [
        person
        for person in people
        if person.age >= 2 and any(person.claims.get(term) in (0, 1, 3) for term in (1, 2))
    ]
    query = make_query(random)
    assert 0 < len(fitting) < len(people)
    assert found(pool, query, 12, only=only) == written_ranking(fitting, query, 12)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Claimed((1, 2)), lambda person: bool({1, 2} & set(person.claims))),
        (Not(Claimed((1, 2))), lambda person: not {1, 2} & set(person.claims)),
        (
            AnyOf((Between("age", most=1), Claimed((3,), (0,)))),
            lambda person: person.age <= 1 or person.claims.get(3) == 0,
        ),
        (
            all_of(Between("age", least=2), Not(Claimed((1,)))),
            lambda person: person.age >= 2 and 1 not in person.claims,
        ),
        (Claimed(()), lambda person: False),
    ],
)
def test_conditions_are_put_together(condition: Condition, holds: Callable[[Person], bool]) -> None:
    random = Random(5)
    people = people_of(random, 150)
    pool = Pool.of(make_rows(people[:75]))
    pool.put(make_rows(people[75:]))
    query = make_query(random)
    fitting = [person for person in people if holds(person)]
    assert found(pool, query, 12, only=(condition,)) == written_ranking(fitting, query, 12)


def test_unknown_column_of_a_filter_is_refused() -> None:
    pool = Pool.of(make_rows(people_of(Random(1), 3)))
    with pytest.raises(KeyError, match="height"):
        pool.search(make_query(Random(1)), 1, only=(Between("height"),))


@pytest.mark.parametrize("seed", range(3))
def test_updates_show_in_the_next_search_and_leave_no_trace_in_ranking_or_fingerprint(seed: int) -> None:
    random = Random(seed)
    people = {person.id: person for person in people_of(random, 200)}
    pool = Pool.of(make_rows(list(people.values())))
    for step in range(400):
        candidate_id = random.choice(ids_of(260))
        if random.random() < 0.3:
            assert pool.remove([candidate_id]) == (people.pop(candidate_id, None) is not None)
        else:
            people[candidate_id] = make_person(random, candidate_id)
            pool.put(make_rows([people[candidate_id]]))
        if step % 50 == 0:
            query = make_query(random)
            assert found(pool, query, 9) == written_ranking(list(people.values()), query, 9)
    fresh = Pool.of(make_rows(list(people.values())))
    assert len(pool) == len(people)
    assert pool.fingerprint == fresh.fingerprint
    assert pool.fingerprint != Pool.of(make_rows(list(people.values())[1:])).fingerprint


def test_sealing_and_merging_change_no_ranking() -> None:
    random = Random(5)
    people = people_of(random, 6 * SEAL_AT)
    pool = Pool((), ("age",))
    for start in range(0, len(people), SEAL_AT):
        pool.put(make_rows(people[start : start + SEAL_AT]))
        while pool.maintain():
            pass
    gone = set(random.sample(range(len(people)), 700))
    pool.remove([people[at].id for at in gone])
    left = [person for at, person in enumerate(people) if at not in gone]
    assert len(pool.sealed()) < 6
    for _ in range(3):
        query = make_query(random)
        assert found(pool, query, 20) == written_ranking(left, query, 20)
    rows = pool.rows()
    assert rows is not None
    assert rows.ids.tolist() == sorted(person.id for person in left)


def test_blocks_beyond_the_first_are_searched_alike() -> None:
    random = Random(9)
    few = people_of(random, 50)
    ids = [f"c{number:07}".encode() for number in range(BLOCK + 300)]
    people = [Person(each, few[at % 50].claims, few[at % 50].words, 1) for at, each in enumerate(ids)]
    people[BLOCK + 200] = make_person(random, people[BLOCK + 200].id)
    pool = Pool.of(make_rows(people))
    for _ in range(4):
        query = make_query(random)
        assert found(pool, query, 15) == written_ranking(people, query, 15)


def test_both_planes_and_lists_are_tried_here() -> None:
    segment = build_segment(make_rows(people_of(Random(4), 150)))
    assert 0 < len(segment.plane_list) < len(segment.claims.terms)


def test_a_requirement_that_hundreds_of_claims_meet_still_counts_the_best_alone() -> None:
    random = Random(13)
    people = people_of(random, 20)
    everything = Person(b"c90000", dict.fromkeys(range(300), 0), frozenset(range(5)), 1)
    people.append(everything)
    n = 300
    query = Query(
        group_weight=np.array([WEIGHT_UNITS], dtype=np.int64),
        entry_group=np.zeros(n, dtype=np.int32),
        entry_term=np.arange(n, dtype=np.int32),
        entry_credit=np.full((n, N_GRADES), CREDIT_UNITS - 1, dtype=np.int32),
        word_term=np.empty(0, dtype=np.int32),
        word_weight=np.empty(0, dtype=np.int64),
    )
    pool = Pool.of(make_rows(people))
    assert found(pool, query, 12) == written_ranking(people, query, 12)


def test_changes_made_while_a_segment_is_built_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(3)
    people = {person.id: person for person in people_of(random, SEAL_AT)}
    pool = Pool((), ("age",))
    pool.put(make_rows(list(people.values())))
    removed, replaced = sorted(people)[10], sorted(people)[20]

    def build_slowly(rows):
        pool.remove([removed])
        people.pop(removed)
        people[replaced] = make_person(random, replaced)
        pool.put(make_rows([people[replaced]]))
        return build_segment(rows)

    monkeypatch.setattr("app.matching.ranking.pool.build_segment", build_slowly)
    assert pool.maintain()
    query = make_query(random)
    assert found(pool, query, 30) == written_ranking(list(people.values()), query, 30)
    assert len(pool) == len(people)


def test_searches_beside_changes_see_whole_candidates_only() -> None:
    random = Random(11)
    people = people_of(random, 300)
    pool = Pool.of(make_rows(people))
    query = make_query(random)
    wanted = written_ranking(people, query, 300)
    wrong: list[object] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            got = found(pool, query, 300)
            if got != wanted:
                wrong.append(got)

    thread = threading.Thread(target=search)
    thread.start()
    try:
        for _ in range(150):
            pool.put(make_rows([random.choice(people)]))
    finally:
        done.set()
        thread.join()
    assert not wrong


def test_same_id_twice_is_refused() -> None:
    person = make_person(Random(1), b"twice")
    with pytest.raises(ValueError, match="unique"):
        Pool.of(make_rows([person, person]))


def test_rows_of_a_segment_are_those_it_was_built_from() -> None:
    rows = make_rows(people_of(Random(2), 90))
    again = segment_rows(build_segment(rows.take(np.arange(89, -1, -1))))
    for name in ("ids", "claim_ptr", "claim_term", "claim_grade", "word_ptr", "word_term", "digest"):
        assert np.array_equal(getattr(again, name), getattr(rows, name)), name
    assert np.array_equal(again.columns["age"], rows.columns["age"])


def test_any_number_may_be_asked_for() -> None:
    random = Random(5)
    people = people_of(random, 30)
    pool = Pool.of(make_rows(people))
    query = make_query(random)
    assert found(pool, query, 1 << 62) == written_ranking(people, query, len(people))
    assert found(Pool(), query, 1 << 62) == []


def test_a_refused_change_changes_nothing() -> None:
    random = Random(6)
    people = people_of(random, 30)
    pool = Pool.of(make_rows(people))
    before = pool.fingerprint
    with pytest.raises(ValueError, match="columns"):
        pool.put(replace(make_rows(people[:1]), columns={}))
    assert pool.fingerprint == before
    assert len(pool) == len(people)
