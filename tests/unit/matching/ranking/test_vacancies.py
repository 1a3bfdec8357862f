"""Vacancies for a candidate: the same scores as candidates for a vacancy, to the bit."""

from random import Random

import numpy as np
import pytest

from app.matching.ranking.pool import Pool
from app.matching.ranking.query import Query
from app.matching.ranking.vacancies import VacancyIndex
from tests.unit.matching.ranking.pools import Person, make_person, make_query, make_rows, written_score

pytestmark = pytest.mark.usefixtures("twin")


def make_vacancies(random: Random, n: int) -> dict[bytes, Query]:
    return {f"v{number:03}".encode(): make_query(random) for number in range(n)}


def index_of(vacancies: dict[bytes, Query], random: Random) -> VacancyIndex:
    ids = random.sample(sorted(vacancies), len(vacancies))
    return VacancyIndex(ids, [vacancies[each] for each in ids])


def found(index: VacancyIndex, people: list[Person], row: int, k: int, **options) -> list[tuple[bytes, int]]:
    ranked = index.search(make_rows(people), row, k, **options)
    return list(zip(ranked.ids.tolist(), ranked.units.tolist(), strict=True))


def written(person: Person, vacancies: dict[bytes, Query], k: int) -> list[tuple[bytes, int]]:
    scored = [(each, written_score(person, query)) for each, query in vacancies.items()]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:k]


@pytest.mark.parametrize("seed", range(6))
def test_ranking_follows_the_written_formula_with_ties_by_id(seed: int) -> None:
    random = Random(seed)
    vacancies = make_vacancies(random, 80)
    index = index_of(vacancies, random)
    people = [make_person(random, f"c{number}".encode()) for number in range(12)]
    for row, person in enumerate(people):
        for k in (1, 7, 500):
            assert found(index, people, row, k) == written(person, vacancies, k)


@pytest.mark.parametrize("seed", range(4))
def test_both_directions_agree_to_the_bit(seed: int) -> None:
    random = Random(100 + seed)
    vacancies = make_vacancies(random, 40)
    people = [make_person(random, f"c{number:02}".encode()) for number in range(60)]
    pool = Pool.of(make_rows(people[:40]))
    pool.put(make_rows(people[40:]))
    by_vacancy = {}
    for vacancy_id, query in vacancies.items():
        ranked = pool.search(query, len(people))
        pairs = zip(ranked.ids.tolist(), ranked.units.tolist(), strict=True)
        by_vacancy.update({(candidate_id, vacancy_id): units for candidate_id, units in pairs})
    index = index_of(vacancies, random)
    by_candidate = {
        (person.id, vacancy_id): units
        for row, person in enumerate(people)
        for vacancy_id, units in found(index, people, row, len(vacancies))
    }
    assert len(by_candidate) == len(people) * len(vacancies)
    assert by_candidate == by_vacancy


def test_vacancies_that_take_no_part_are_not_found() -> None:
    random = Random(7)
    vacancies = make_vacancies(random, 50)
    index = index_of(vacancies, random)
    people = [make_person(random, b"c")]
    takes_part = np.array([at % 3 == 0 for at in range(50)])
    takes_part.flags.writeable = False
    left = {each: vacancies[each] for at, each in enumerate(sorted(vacancies)) if at % 3 == 0}
    assert index.ids[takes_part].tolist() == sorted(left)
    assert found(index, people, 0, 30, takes_part=takes_part) == written(people[0], left, 30)


def test_no_vacancies_give_none() -> None:
    people = [make_person(Random(1), b"c")]
    assert found(VacancyIndex([], []), people, 0, 3) == []


def test_nonsense_is_refused() -> None:
    random = Random(1)
    query = make_query(random)
    with pytest.raises(ValueError, match="unique"):
        VacancyIndex([b"a", b"a"], [query, query])
    wider = Query(
        query.group_weight,
        query.entry_group,
        query.entry_term,
        np.zeros((len(query.entry_group), 9), dtype=np.int32),
        query.word_term,
        query.word_weight,
    )
    with pytest.raises(ValueError, match="same grades"):
        VacancyIndex([b"a", b"b"], [query, wider])
    index = VacancyIndex([b"a"], [query])
    with pytest.raises(ValueError, match="k must"):
        index.search(make_rows([make_person(random, b"c")]), 0, 0)
    unknown = Person(b"c", {1: 40}, frozenset(), 1)
    with pytest.raises(ValueError, match="grades"):
        index.search(make_rows([unknown]), 0, 1)
