import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from app.matching import sparse_top
from app.matching.sparse_top import plain_top_of_product, top_of_product


def rows(matrix: csr_matrix) -> list[list[tuple[int, float]]]:
    bounds = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    return [
        [
            (int(column), float(value))
            for column, value in zip(matrix.indices[a:b], matrix.data[a:b], strict=True)
        ]
        for a, b in bounds
    ]


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch):
    """Yield a function that makes the library's import fail in one way."""
    sparse_top._library.cache_clear()
    yield monkeypatch
    sparse_top._library.cache_clear()


def test_the_largest_entries_come_first_and_equal_ones_by_column():
    left = csr_matrix(np.array([[1.0, 2.0], [0.0, 0.0], [3.0, 0.0]]))
    right = csr_matrix(np.array([[1.0, 0.0, 1.0, 5.0], [0.0, 3.0, 0.0, 0.0]]))
    best = plain_top_of_product(left, right, 3)
    assert best.shape == (3, 4)
    assert rows(best) == [[(1, 6.0), (3, 5.0), (0, 1.0)], [], [(3, 15.0), (0, 3.0), (2, 3.0)]]


def test_entries_must_exceed_the_threshold():
    left = csr_matrix(np.array([[1.0]]))
    right = csr_matrix(np.array([[0.5, 0.25, 0.75]]))
    assert rows(plain_top_of_product(left, right, 3, threshold=0.5)) == [[(2, 0.75)]]


@pytest.mark.parametrize("cells", [1, 70, 4_000_000])
def test_the_plain_twin_equals_the_library_whatever_its_block(monkeypatch: pytest.MonkeyPatch, cells: int):
    monkeypatch.setattr(sparse_top, "_MAX_CELLS", cells)
    rng = np.random.default_rng(7)
    left = csr_matrix(random_array((40, 30), density=0.3, rng=rng))
    right = csr_matrix(random_array((30, 60), density=0.2, rng=rng))
    fast, plain = (
        top_of_product(left, right, 5, threshold=0.1),
        plain_top_of_product(left, right, 5, threshold=0.1),
    )
    assert [[column for column, _ in row] for row in rows(plain)] == [
        [column for column, _ in row] for row in rows(fast)
    ]
    np.testing.assert_allclose(plain.data, fast.data, rtol=1e-12)


def test_no_rows_give_no_rows():
    assert plain_top_of_product(csr_matrix((0, 3)), csr_matrix((3, 4)), 2).shape == (0, 4)


def test_the_twin_serves_where_the_library_is_not_installed(without_library: pytest.MonkeyPatch):
    without_library.setitem(sys.modules, "sparse_dot_topn", None)
    left, right = csr_matrix(np.array([[1.0]])), csr_matrix(np.array([[2.0, 3.0]]))
    assert rows(top_of_product(left, right, 1)) == [[(1, 3.0)]]


@pytest.mark.parametrize("cores", [None, FileNotFoundError("/proc/cpuinfo")])
def test_the_twin_serves_where_processor_cores_cannot_be_counted(without_library: pytest.MonkeyPatch, cores):
    import psutil

    def cpu_count(logical: bool = True) -> None:
        if isinstance(cores, OSError):
            raise cores

    without_library.setattr(psutil, "cpu_count", cpu_count)
    for name in [name for name in sys.modules if name.split(".")[0] == "sparse_dot_topn"]:
        without_library.delitem(sys.modules, name)
    left, right = csr_matrix(np.array([[1.0]])), csr_matrix(np.array([[2.0, 3.0]]))
    assert rows(top_of_product(left, right, 1)) == [[(1, 3.0)]]
