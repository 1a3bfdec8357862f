"""Snapshots of pools: searched and changed like the pool that was saved, or refused."""

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from app.matching.ranking import snapshot
from app.matching.ranking.filters import Between, Claimed
from app.matching.ranking.pool import SEAL_AT, Pool
from app.matching.ranking.snapshot import BadSnapshot, open_pool, save_pool
from tests.unit.matching.ranking.pools import Person, make_person, make_query, make_rows, written_ranking

GRADES = np.arange(6, dtype=np.float64).reshape(2, 3)
META = {"taxonomy": "abc", "grades": GRADES, "n": [1, 2]}


def people_of(random: Random, n: int) -> dict[bytes, Person]:
    return {(each := f"c{number:05}".encode()): make_person(random, each) for number in range(n)}


def found(pool: Pool, query, k, **options) -> list[tuple[bytes, int]]:
    ranked = pool.search(query, k, **options)
    return list(zip(ranked.ids.tolist(), ranked.units.tolist(), strict=True))


@pytest.mark.usefixtures("twin")
def test_opened_pool_is_searched_and_changed_like_the_one_saved(tmp_path: Path) -> None:
    random = Random(1)
    people = people_of(random, 200)
    pool = Pool.of(make_rows(list(people.values())))
    for candidate_id in random.sample(sorted(people), 60):
        people[candidate_id] = make_person(random, candidate_id)
        pool.put(make_rows([people[candidate_id]]))
    for candidate_id in random.sample(sorted(people), 30):
        del people[candidate_id]
        pool.remove([candidate_id])
    save_pool(tmp_path / "pool", pool, META)
    opened = open_pool(tmp_path / "pool")
    assert opened.meta["taxonomy"] == "abc"
    assert opened.meta["n"] == [1, 2]
    assert np.array_equal(opened.meta["grades"], GRADES)
    assert opened.fingerprint == opened.pool.fingerprint == pool.fingerprint
    assert len(opened.pool) == len(people)
    only = (Between("age", least=2), Claimed(terms=(1, 2), grades=(0, 1, 3)))
    for _ in range(4):
        query = make_query(random)
        assert found(opened.pool, query, 9) == written_ranking(list(people.values()), query, 9)
        assert found(opened.pool, query, 9, only=only) == found(pool, query, 9, only=only)
    before = (tmp_path / "pool").read_bytes()
    gone, changed = sorted(people)[3], sorted(people)[5]
    del people[gone]
    people[changed] = make_person(random, changed)
    opened.pool.remove([gone])
    opened.pool.put(make_rows([people[changed]]))
    query = make_query(random)
    assert found(opened.pool, query, 200) == written_ranking(list(people.values()), query, 200)
    assert (tmp_path / "pool").read_bytes() == before


def test_equal_content_gives_equal_bytes_however_it_came_about(tmp_path: Path) -> None:
    random = Random(2)
    people = people_of(random, SEAL_AT + 50)
    straight = Pool.of(make_rows(list(people.values())))
    grown = Pool((), ("age",))
    longer = make_person(random, b"a longer id than any other")
    for person in random.sample(list(people.values()), len(people)):
        grown.put(make_rows([make_person(random, person.id)]))
        grown.put(make_rows([person]))
    wide = make_rows([longer])
    grown.put(replace(wide, ids=np.array([longer.id])))
    grown.maintain()
    grown.remove([longer.id])
    save_pool(tmp_path / "a", straight, META)
    save_pool(tmp_path / "b", grown, META)
    save_pool(tmp_path / "c", open_pool(tmp_path / "b").pool, META)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()
    grown.put(make_rows([make_person(Random(99), b"c00001")]))
    save_pool(tmp_path / "b", grown, META)
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def test_pool_without_candidates_keeps_its_columns(tmp_path: Path) -> None:
    save_pool(tmp_path / "pool", Pool((), ("age",)), {})
    pool = open_pool(tmp_path / "pool").pool
    assert len(pool) == 0
    person = make_person(Random(1), b"c1")
    pool.put(make_rows([person]))
    assert len(pool.search(make_query(Random(1)), 3, only=(Between("age"),)).ids) == 1


def test_snapshot_of_another_engine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_pool(tmp_path / "pool", Pool((), ()), {})
    monkeypatch.setattr(snapshot, "ENGINE_VERSION", "another")
    with pytest.raises(BadSnapshot, match="another"):
        open_pool(tmp_path / "pool")


@pytest.mark.parametrize("change", ["torn", "changed", "foreign"])
def test_what_was_not_written_so_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "pool"
    save_pool(path, Pool.of(make_rows(list(people_of(Random(3), 20).values()))), {})
    data = path.read_bytes()
    changed = bytearray(data)
    changed[-10] ^= 1
    path.write_bytes({"torn": data[:-8], "changed": bytes(changed), "foreign": b"PK" * 999}[change])
    with pytest.raises(BadSnapshot):
        open_pool(path)


def test_saving_takes_the_place_of_the_old_file_and_leaves_who_reads_it_alone(tmp_path: Path) -> None:
    random = Random(4)
    path = tmp_path / "pool"
    old, new = people_of(random, 40), people_of(random, 50)
    save_pool(path, Pool.of(make_rows(list(old.values()))), {})
    reader = open_pool(path)
    save_pool(path, Pool.of(make_rows(list(new.values()))), {})
    query = make_query(random)
    assert found(reader.pool, query, 9) == written_ranking(list(old.values()), query, 9)
    assert found(open_pool(path, known=reader.stamp).pool, query, 9) == written_ranking(
        list(new.values()), query, 9
    )
