"""The comparison with brute force, small; ``python -m benchmarks.exactness`` is the whole of it."""

from app.matching.jit import is_installed
from app.matching.ranking.twin import ranking_code
from benchmarks.exactness import compare


def test_every_way_of_ranking_agrees_with_brute_force() -> None:
    if is_installed():
        ranking_code.compile_now()
    results = compare(3000, 1500, 60, 20, seed=5, tell=print, with_processes=False)
    assert len(results) == 8
    assert [each for each in results if each.n_different] == []
    assert all(each.n_rankings >= 20 for each in results)
    assert sum(each.n_tied for each in results) > 100
