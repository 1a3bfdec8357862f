"""Batches: every vacancy gets what a search of its own would give, however the work is cut."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest

from app.matching.array_file import BadSnapshot
from app.matching.ranking.batch import (
    Asked,
    Block,
    ProcessExecutor,
    RankedBlock,
    ThreadExecutor,
    block_key,
    in_blocks,
    rank_all,
)
from app.matching.ranking.filters import Between
from app.matching.ranking.pool import Pool
from app.matching.ranking.snapshot import save_pool
from tests.unit.matching.ranking.pools import make_person, make_query, make_rows

N_VACANCIES, K = 23, 6


def make_pool(random: Random, n: int = 150) -> Pool:
    people = [make_person(random, f"c{number:05}".encode()) for number in range(n)]
    pool = Pool.of(make_rows(people[: n // 2]))
    pool.put(make_rows(people[n // 2 :]))
    return pool


def make_asked(random: Random, n: int = N_VACANCIES) -> list[Asked]:
    age = Between("age", least=2)
    return [Asked(make_query(random), (age,) if random.random() < 0.5 else ()) for _ in range(n)]


def joined(blocks: Iterable[RankedBlock]) -> tuple[bytes, bytes, list[int]]:
    """All results as bytes, and how many candidates each vacancy got."""
    rankings = [ranking for block in blocks for ranking in block.rankings()]
    ids = b"\n".join(candidate for ranking in rankings for candidate in ranking.ids.tolist())
    units = b"".join(ranking.units.tobytes() for ranking in rankings)
    return ids, units, [len(ranking.ids) for ranking in rankings]


def one_by_one(pool: Pool, asked: list[Asked]) -> tuple[bytes, bytes, list[int]]:
    found = [pool.search(each.query, K, only=each.only) for each in asked]
    ids = b"\n".join(candidate for each in found for candidate in each.ids.tolist())
    return ids, b"".join(each.units.tobytes() for each in found), [len(each.ids) for each in found]


@pytest.mark.usefixtures("twin")
@pytest.mark.parametrize(("n_threads", "block_size"), [(1, 1), (1, 100), (2, 3), (4, 5)])
def test_threads_and_blocks_change_no_byte(n_threads: int, block_size: int) -> None:
    random = Random(1)
    pool, asked = make_pool(random), make_asked(random)
    executor = ThreadExecutor(pool.view(), n_threads)
    ranked = rank_all(executor, asked, K, block_size=block_size)
    assert joined(ranked) == one_by_one(pool, asked)


def test_changes_during_a_run_do_not_show_in_it() -> None:
    random = Random(2)
    pool, asked = make_pool(random), make_asked(random)
    wanted = one_by_one(pool, asked)
    blocks = rank_all(ThreadExecutor(pool.view(), 2), asked, K, block_size=2)
    first = next(blocks)
    pool.remove([f"c{number:05}".encode() for number in range(100)])
    assert joined([first, *blocks]) == wanted


@pytest.mark.parametrize("is_compiled", [True, False])
def test_processes_give_what_threads_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_compiled: bool
) -> None:
    random = Random(3)
    pool, asked = make_pool(random), make_asked(random)
    save_pool(tmp_path / "pool", pool, {})
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0" if is_compiled else "1")
    executor = ProcessExecutor(tmp_path / "pool", 2)
    assert executor.fingerprint == pool.fingerprint
    assert joined(rank_all(executor, asked, K, block_size=4)) == one_by_one(pool, asked)


def test_processes_refuse_a_snapshot_that_was_replaced(tmp_path: Path) -> None:
    random = Random(4)
    save_pool(tmp_path / "pool", make_pool(random), {})
    executor = ProcessExecutor(tmp_path / "pool", 1)
    save_pool(tmp_path / "pool", make_pool(random), {})
    with pytest.raises(BadSnapshot, match="replaced"):
        list(rank_all(executor, make_asked(random, 2), K))


def test_few_vacancies_are_taken_ahead_of_what_was_given_back() -> None:
    random = Random(5)
    n_taken = 0

    def endless() -> Iterator[Asked]:
        nonlocal n_taken
        while True:
            n_taken += 1
            yield Asked(make_query(random))

    blocks = rank_all(ThreadExecutor(make_pool(random).view(), 2), endless(), K, block_size=3)
    for _ in range(5):
        next(blocks)
    assert n_taken <= 3 * (5 + 2 * 2)
    blocks.close()  # type: ignore[attr-defined]  # it is a generator


def test_progress_tells_how_many_are_done() -> None:
    random = Random(6)
    told: list[int] = []
    executor = ThreadExecutor(make_pool(random).view())
    list(rank_all(executor, make_asked(random), K, block_size=10, progress=told.append))
    assert told == [10, 20, 23]


class Counting:
    """An executor that notes what it is asked to rank."""

    def __init__(self, pool: Pool) -> None:
        self._threads = ThreadExecutor(pool.view(), 2)
        self.fingerprint = self._threads.fingerprint
        self.firsts: list[int] = []

    def rank(self, blocks: Iterable[Block], k: int) -> Iterator[RankedBlock]:
        def noted() -> Iterator[Block]:
            for block in blocks:
                self.firsts.append(block.first)
                yield block

        return self._threads.rank(noted(), k)


def test_killed_run_continues_where_it_was(tmp_path: Path) -> None:
    random = Random(7)
    pool, asked = make_pool(random), make_asked(random)
    wanted = one_by_one(pool, asked)
    blocks = rank_all(Counting(pool), asked, K, block_size=4, folder=tmp_path)
    for _ in range(3):
        next(blocks)
    blocks.close()  # type: ignore[attr-defined]  # it is a generator
    (tmp_path / "000000004.ranked").write_bytes(b"torn")
    again = Counting(pool)
    assert joined(rank_all(again, asked, K, block_size=4, folder=tmp_path)) == wanted
    assert again.firsts == [4, 12, 16, 20]
    whole = Counting(pool)
    assert joined(rank_all(whole, asked, K, block_size=4, folder=tmp_path)) == wanted
    assert whole.firsts == []


def test_kept_blocks_of_other_inputs_are_ranked_anew(tmp_path: Path) -> None:
    random = Random(8)
    pool, asked = make_pool(random), make_asked(random, 8)
    list(rank_all(Counting(pool), asked, K, block_size=4, folder=tmp_path))
    changed = [*asked[:5], make_asked(random, 1)[0], *asked[6:]]
    for executor, vacancies, k, firsts in (
        (Counting(pool), changed, K, [4]),
        (Counting(pool), changed, K + 1, [0, 4]),
    ):
        assert joined(rank_all(executor, vacancies, k, block_size=4, folder=tmp_path)) == joined(
            rank_all(ThreadExecutor(pool.view()), vacancies, k)
        )
        assert executor.firsts == firsts
    pool.remove([b"c00001"])
    other = Counting(pool)
    list(rank_all(other, changed, K + 1, block_size=4, folder=tmp_path))
    assert other.firsts == [0, 4]


def test_condition_is_part_of_a_blocks_key() -> None:
    query = make_query(Random(9))
    keys = {
        block_key("f", 1, next(in_blocks([Asked(query, only)], 1)))
        for only in ((), (Between("age", least=1),), (Between("age", least=2),))
    }
    assert len(keys) == 3


def test_nothing_asked_gives_nothing_and_nonsense_is_refused() -> None:
    executor = ThreadExecutor(make_pool(Random(1), 4).view())
    assert list(rank_all(executor, [], K)) == []
    with pytest.raises(ValueError, match="k must"):
        rank_all(executor, [], 0)
    with pytest.raises(ValueError, match="block_size"):
        rank_all(executor, [], 1, block_size=0)
    with pytest.raises(ValueError, match="n_threads"):
        ThreadExecutor(make_pool(Random(1), 4).view(), 0)


def test_pool_without_candidates_gives_empty_rankings() -> None:
    asked = [Asked(make_query(Random(1)))] * 3
    (block,) = rank_all(ThreadExecutor(Pool((), ("age",)).view()), asked, K)
    assert [len(ranking.ids) for ranking in block.rankings()] == [0, 0, 0]
    assert block.ids.dtype == np.dtype("S1")
