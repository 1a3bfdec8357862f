"""Candidates as rows of numbers: what a segment is built from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_DIGEST = 16


@dataclass(frozen=True, slots=True)
class Rows:
    """Candidates with their claims and words.

    Attributes
    ----------
    ids : ndarray of shape (n,), bytes ("S")
        UTF-8, unique; equal scores are ordered by it.
    claim_ptr : ndarray of shape (n + 1,), int64
        Row ``i`` claims ``claim_term[claim_ptr[i]:claim_ptr[i + 1]]``, ascending, each term once.
    claim_term : ndarray, int32
    claim_grade : ndarray, uint16
        How the claim is held: a row of the index's grades.
    word_ptr, word_term
        The same for words, which have no grade.
    columns : mapping of str to ndarray of shape (n,), int32
        Facts that filters read.
    digest : ndarray of shape (n, N_DIGEST), uint8
        Content of each row, for the fingerprint.
    """

    ids: NDArray[np.bytes_]
    claim_ptr: NDArray[np.int64]
    claim_term: NDArray[np.int32]
    claim_grade: NDArray[np.uint16]
    word_ptr: NDArray[np.int64]
    word_term: NDArray[np.int32]
    columns: Mapping[str, NDArray[np.int32]]
    digest: NDArray[np.uint8]

    @property
    def n_rows(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.int64]) -> Rows:
        """Only the given rows, in the order given."""
        claim_ptr, claims = _gather(self.claim_ptr, rows)
        word_ptr, words = _gather(self.word_ptr, rows)
        return Rows(
            ids=self.ids[rows],
            claim_ptr=claim_ptr,
            claim_term=self.claim_term[claims],
            claim_grade=self.claim_grade[claims],
            word_ptr=word_ptr,
            word_term=self.word_term[words],
            columns={name: column[rows] for name, column in self.columns.items()},
            digest=self.digest[rows],
        )

    def by_id(self) -> Rows:
        """The same rows in ascending order of id.

        Raises
        ------
        ValueError
            If an id comes twice.
        """
        order = np.argsort(self.ids, kind="stable")
        ids = self.ids[order]
        if (ids[1:] == ids[:-1]).any():
            raise ValueError("candidate ids must be unique")
        if (order[1:] > order[:-1]).all():
            return self
        return self.take(order)


def join(parts: Sequence[Rows]) -> Rows:
    """All rows of several, one after the other."""
    return Rows(
        ids=np.concatenate([part.ids for part in parts]),
        claim_ptr=_join_ptr([part.claim_ptr for part in parts]),
        claim_term=np.concatenate([part.claim_term for part in parts]),
        claim_grade=np.concatenate([part.claim_grade for part in parts]),
        word_ptr=_join_ptr([part.word_ptr for part in parts]),
        word_term=np.concatenate([part.word_term for part in parts]),
        columns={name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns},
        digest=np.concatenate([part.digest for part in parts]),
    )


def _gather(ptr: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ends of the gathered rows, and where each of their elements stands."""
    n_each = ptr[rows + 1] - ptr[rows]
    ends = np.concatenate([[0], np.cumsum(n_each)])
    place = np.repeat(ptr[rows] - ends[:-1], n_each) + np.arange(ends[-1])
    return ends, place


def _join_ptr(ptrs: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    starts = np.cumsum([0, *(int(ptr[-1]) for ptr in ptrs)])
    pieces = [ptr[:-1] + start for ptr, start in zip(ptrs, starts, strict=False)]
    return np.concatenate([*pieces, starts[-1:]])
