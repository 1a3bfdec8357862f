"""The libraries that rank sparse vectors, each as its own documentation has it used.

All see the same matrix, in 32-bit floats, which favours them; the cosine also in 64 bits,
as scikit-learn's own ``TfidfVectorizer`` hands it over, which is what a first attempt runs.
Those that are not installed are left out and named. ``pip install -e .[bench]`` brings them all.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Rows = NDArray[np.int64]

NAIVE = "scikit-learn cosine_similarity, 64-bit"
NAIVE_32 = "scikit-learn cosine_similarity, 32-bit"


@dataclass(frozen=True, slots=True)
class Task:
    """What every peer is given.

    Attributes
    ----------
    candidates, transposed : csr_matrix
        One row per candidate, and the same with one row per term.
    vacancies : csr_matrix
    folder : Path
        Where an index may be written.
    """

    candidates: csr_matrix
    transposed: csr_matrix
    vacancies: csr_matrix
    folder: Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A library ready to rank.

    Attributes
    ----------
    is_exact : bool
        Whether it ranks by the product itself: not a cosine's other order, not BM25, nothing quantised.
    is_naive : bool
        So slow that it is asked less often.
    search : callable
        (vacancy, k) -> rows of the best, in any order.
    batch : callable, optional
        (k, number of threads) -> nothing of use; all vacancies at once.
    most_threads : int
        That the library itself can put to a batch.
    """

    name: str
    is_exact: bool
    search: Callable[[int, int], Rows]
    batch: Callable[[int, int], object] | None = None
    is_naive: bool = False
    most_threads: int = 1


def installed_peers(task: Task, chosen: list[str] | None = None) -> tuple[list[Peer], list[str]]:
    """The peers that are installed, and the names of those that are not."""
    wanted = {name: make for name, make in _MAKERS.items() if chosen is None or name in chosen}
    missing = [name for name in wanted if importlib.util.find_spec(_MODULES[name]) is None]
    return [make(task) for name, make in wanted.items() if name not in missing], missing


def best_of(scores: NDArray[np.floating[Any]], k: int) -> Rows:
    """Positions of the ``k`` greatest, in any order."""
    if len(scores) <= k:
        return np.arange(len(scores))
    return np.argpartition(scores, len(scores) - k)[-k:]


def _cosine(task: Task) -> Peer:
    return _cosine_of(NAIVE, task.vacancies.astype(np.float64), task.candidates.astype(np.float64))


def _cosine_32(task: Task) -> Peer:
    return _cosine_of(NAIVE_32, task.vacancies, task.candidates)


def _cosine_of(name: str, vacancies: csr_matrix, candidates: csr_matrix) -> Peer:
    from sklearn.metrics.pairwise import cosine_similarity

    def search(vacancy: int, k: int) -> Rows:
        return best_of(cosine_similarity(vacancies[vacancy], candidates).ravel(), k)

    return Peer(name, False, search, is_naive=True)


def _linear_kernel(task: Task) -> Peer:
    from sklearn.metrics.pairwise import linear_kernel

    def search(vacancy: int, k: int) -> Rows:
        return best_of(linear_kernel(task.vacancies[vacancy], task.candidates).ravel(), k)

    return Peer("scikit-learn linear_kernel", True, search, is_naive=True)


def _scipy(task: Task) -> Peer:
    def search(vacancy: int, k: int) -> Rows:
        scores = task.vacancies[vacancy] @ task.transposed
        return scores.indices[best_of(scores.data, k)]

    def batch(k: int, _: int) -> object:
        return [search(vacancy, k) for vacancy in range(task.vacancies.shape[0])]

    return Peer("SciPy CSR, transpose kept", True, search, batch)


def _topn(name: str, multiply: Callable[..., csr_matrix], task: Task) -> Peer:
    def search(vacancy: int, k: int) -> Rows:
        return np.asarray(multiply(task.vacancies[vacancy], task.transposed, top_n=k).indices)

    def batch(k: int, n_threads: int) -> object:
        return multiply(task.vacancies, task.transposed, top_n=k, n_threads=n_threads)

    return Peer(name, True, search, batch, most_threads=64)


def _sparse_dot_topn(task: Task) -> Peer:
    from sparse_dot_topn import sp_matmul_topn

    return _topn("sparse_dot_topn", sp_matmul_topn, task)


def _sp_matmul_rs(task: Task) -> Peer:
    from sp_matmul_rs import sp_matmul_topn

    return _topn("sp_matmul_rs", sp_matmul_topn, task)


def _impact_index(task: Task) -> Peer:
    from impact_index import IndexBuilder

    folder = task.folder / "impact-index"
    folder.mkdir()
    builder = IndexBuilder(str(folder))
    matrix = task.candidates
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        builder.add(row, matrix.indices[part].astype(np.uint64), matrix.data[part])
    index = builder.build(True)

    def search(vacancy: int, k: int) -> Rows:
        asked = task.vacancies[vacancy]
        query = dict(zip(asked.indices.tolist(), asked.data.tolist(), strict=True))
        return np.array([found.docid for found in index.search_maxscore(query, k)], dtype=np.int64)

    return Peer("impact-index, MaxScore", True, search)


def _bm25s(task: Task) -> Peer:
    import bm25s
    from bm25s.tokenization import Tokenized

    n_terms = task.candidates.shape[1]
    vocabulary = {str(term): term for term in range(n_terms)}
    index = bm25s.BM25()
    rows = np.split(task.candidates.indices, task.candidates.indptr[1:-1])
    index.index(Tokenized(ids=[row.tolist() for row in rows], vocab=vocabulary), show_progress=False)

    def search(vacancy: int, k: int) -> Rows:
        tokens = [[str(term) for term in task.vacancies[vacancy].indices]]
        found = index.retrieve(tokens, k=k, show_progress=False)
        return np.asarray(found.documents[0], dtype=np.int64)

    return Peer("bm25s", False, search)


def _tantivy(task: Task) -> Peer:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
    schema.add_unsigned_field("row", stored=True)
    schema = schema.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    matrix = task.candidates
    for row in range(matrix.shape[0]):
        terms = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        document = tantivy.Document(text=" ".join(map(str, terms.tolist())))
        document.add_unsigned("row", row)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(vacancy: int, k: int) -> Rows:
        asked = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", str(term)))
            for term in task.vacancies[vacancy].indices.tolist()
        ]
        hits = searcher.search(tantivy.Query.boolean_query(asked), k, count=False).hits
        return np.array([searcher.doc(address)["row"][0] for _, address in hits], dtype=np.int64)

    return Peer("tantivy BM25", False, search)


_MAKERS: dict[str, Callable[[Task], Peer]] = {
    "cosine": _cosine,
    "cosine_32": _cosine_32,
    "linear_kernel": _linear_kernel,
    "scipy": _scipy,
    "sparse_dot_topn": _sparse_dot_topn,
    "sp_matmul_rs": _sp_matmul_rs,
    "impact_index": _impact_index,
    "bm25s": _bm25s,
    "tantivy": _tantivy,
}

_MODULES: dict[str, str] = {name: name for name in _MAKERS} | {
    "cosine": "sklearn",
    "cosine_32": "sklearn",
    "linear_kernel": "sklearn",
}

PEER_NAMES: tuple[str, ...] = tuple(_MAKERS)


def masked_scipy(task: Task, vacancy: int, k: int, passes: NDArray[np.bool_]) -> Rows:
    """Score all with the transpose kept, then leave out those who do not pass."""
    scores: Any = task.vacancies[vacancy] @ task.transposed
    stays = passes[scores.indices]
    return np.asarray(scores.indices[stays][best_of(scores.data[stays], k)])
