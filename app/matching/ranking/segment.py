"""An immutable part of the index: the same rows twice, by term for finding and by row for scoring.

By term: ascending positions of the candidates that claim it or use it, in blocks of
``BLOCK`` candidates, so that a position takes 16 bits and a block's scores stay in the
processor's cache. By row: the claims with their grades, from which the exact score is
taken. The commonest words are kept as bits of each row instead of in long lists; the
commonest claims are kept as bits too, one plane for each, beside their lists: to go
through a plane is quicker than to go through a long list.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from app.matching.ranking.rows import Rows

BLOCK_BITS = 15
BLOCK = 1 << BLOCK_BITS
N_COMMON = 256
"""Words kept as bits."""

_LEAST_COMMON = 1 / 32
"""A word that a smaller share of the rows uses takes less room in a list."""

N_PLANES = 64
"""Claims kept as planes, at most."""

_LEAST_PLANE = 1 / 16
"""The list of a claim that a smaller share of the rows makes is gone through as quickly."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Positions of the rows that hold each term.

    List ``i`` belongs to ``terms[i]``. Its pieces ``piece_ptr[i]:piece_ptr[i + 1]`` hold
    the rows of one block each: piece ``p`` those of block ``piece_block[p]``, at
    ``local[piece_start[p]:piece_start[p + 1]]``, ascending.

    Attributes
    ----------
    terms : ndarray of shape (n_lists,), int32
        Ascending.
    piece_ptr : ndarray of shape (n_lists + 1,), int64
    piece_block : ndarray of shape (n_pieces,), int32
    piece_start : ndarray of shape (n_pieces + 1,), int64
    local : ndarray, uint16
        Row minus the first row of its block.
    """

    terms: NDArray[np.int32]
    piece_ptr: NDArray[np.int64]
    piece_block: NDArray[np.int32]
    piece_start: NDArray[np.int64]
    local: NDArray[np.uint16]

    def sizes(self) -> NDArray[np.int64]:
        """Length of each list."""
        return np.diff(self.piece_start[self.piece_ptr])

    def find(self, terms: NDArray[np.int32]) -> NDArray[np.int32]:
        """List of each term, or -1."""
        if not len(self.terms):
            return np.full(len(terms), -1, dtype=np.int32)
        place = np.searchsorted(self.terms, terms)
        place[place == len(self.terms)] = 0
        return np.where(self.terms[place] == terms, place, -1).astype(np.int32)

    def rows_of(self, which: int) -> NDArray[np.int64]:
        """Rows of one list, ascending."""
        first, last = self.piece_ptr[which], self.piece_ptr[which + 1]
        block = np.repeat(self.piece_block[first:last], np.diff(self.piece_start[first : last + 1]))
        return block.astype(np.int64) * BLOCK + self.local[self.piece_start[first] : self.piece_start[last]]

    def rows(self) -> NDArray[np.int64]:
        """Row of every element, list after list."""
        return np.repeat(self.piece_block, np.diff(self.piece_start)).astype(np.int64) * BLOCK + self.local


@dataclass(frozen=True, slots=True)
class Segment:
    """Some candidates, ready to be ranked.

    Attributes
    ----------
    ids : ndarray of shape (n_rows,), bytes
        Ascending, so the order of rows is the order of equal scores.
    claims : Lists
    claim_grade : ndarray aligned with ``claims.local``, uint16
    words : Lists
        Without the common words.
    common_term : ndarray of shape (n_common,), int32
        Commonest first.
    common : ndarray of shape (n_rows, 4), uint64
        Bit ``i`` says whether the row uses ``common_term[i]``.
    plane_list : ndarray of shape (n_planes,), int32
        Lists of ``claims`` that are kept as planes too, ascending.
    planes : ndarray of shape (n_planes, ceil(n_rows / 64)), uint64
        Bit ``row % 64`` of word ``row // 64`` says whether the row is in the list.
    row_ptr : ndarray of shape (n_rows + 1,), int64
    row_list : ndarray, int32
        The claims of each row, as lists of ``claims``.
    row_grade : ndarray aligned with ``row_list``, uint16
    column_names : tuple of str
    columns : ndarray of shape (n_columns, n_rows), int32
    digest : ndarray of shape (n_rows, 16), uint8
    """

    ids: NDArray[np.bytes_]
    claims: Lists
    claim_grade: NDArray[np.uint16]
    words: Lists
    common_term: NDArray[np.int32]
    common: NDArray[np.uint64]
    plane_list: NDArray[np.int32]
    planes: NDArray[np.uint64]
    row_ptr: NDArray[np.int64]
    row_list: NDArray[np.int32]
    row_grade: NDArray[np.uint16]
    column_names: tuple[str, ...]
    columns: NDArray[np.int32]
    digest: NDArray[np.uint8]

    @property
    def n_rows(self) -> int:
        return len(self.ids)

    @property
    def n_bytes(self) -> int:
        """Room taken by all arrays."""
        return sum(array.nbytes for array in _arrays(self))

    def find_row(self, candidate_id: bytes) -> int:
        """Row of a candidate, or -1."""
        row = int(np.searchsorted(self.ids, candidate_id))
        return row if row < len(self.ids) and self.ids[row] == candidate_id else -1


def build_segment(rows: Rows) -> Segment:
    """Arrange candidates for ranking; the order they come in changes nothing.

    Raises
    ------
    ValueError
        If an id comes twice.
    """
    rows = rows.by_id()
    claims, claim_grade = _lists(rows.claim_ptr, rows.claim_term, rows.claim_grade)
    plane_list = _long_lists(claims, rows.n_rows)
    by_word = _by_term(rows.word_ptr, rows.word_term, np.ones(len(rows.word_term), dtype=np.int8))
    common_term = _common_terms(by_word)
    list_of_term = np.full(int(claims.terms[-1]) + 1 if len(claims.terms) else 0, -1, dtype=np.int32)
    list_of_term[claims.terms] = np.arange(len(claims.terms), dtype=np.int32)
    return Segment(
        ids=rows.ids,
        claims=claims,
        claim_grade=claim_grade,
        words=_rare_lists(by_word, common_term),
        common_term=common_term,
        common=_bits(by_word, common_term),
        plane_list=plane_list,
        planes=_planes(claims, plane_list, rows.n_rows),
        row_ptr=rows.claim_ptr.astype(np.int64),
        row_list=list_of_term[rows.claim_term],
        row_grade=rows.claim_grade,
        column_names=tuple(sorted(rows.columns)),
        columns=np.array([rows.columns[name] for name in sorted(rows.columns)], dtype=np.int32).reshape(
            len(rows.columns), rows.n_rows
        ),
        digest=rows.digest,
    )


def segment_rows(segment: Segment) -> Rows:
    """The rows that a segment was built from, in its order."""
    n_rows = segment.n_rows
    words, row_of_word = segment.words, segment.words.rows()
    rare = np.repeat(words.terms, words.sizes())
    bits = np.unpackbits(segment.common.view(np.uint8), axis=1, bitorder="little")
    row_of_common, bit = np.nonzero(bits)
    row = np.concatenate([row_of_word, row_of_common])
    term = np.concatenate([rare, segment.common_term[bit]])
    order = np.lexsort((term, row))
    return Rows(
        ids=segment.ids,
        claim_ptr=segment.row_ptr,
        claim_term=segment.claims.terms[segment.row_list],
        claim_grade=segment.row_grade,
        word_ptr=np.searchsorted(row[order], np.arange(n_rows + 1)),
        word_term=term[order].astype(np.int32),
        columns=dict(zip(segment.column_names, segment.columns, strict=True)),
        digest=segment.digest,
    )


def _arrays(value: Segment | Lists) -> list[NDArray[np.generic]]:
    found: list[NDArray[np.generic]] = []
    for field in fields(value):
        held = getattr(value, field.name)
        if isinstance(held, Lists):
            found += _arrays(held)
        elif isinstance(held, np.ndarray):
            found.append(held)
    return found


def _by_term(ptr: NDArray[np.int64], term: NDArray[np.int32], data: NDArray[np.generic]) -> csc_matrix:
    n_terms = int(term.max()) + 1 if len(term) else 0
    index_type = np.int32 if len(term) < 2**31 else np.int64
    matrix = csr_matrix((data, term, ptr.astype(index_type)), shape=(len(ptr) - 1, n_terms))
    return matrix.tocsc()


def _lists(
    ptr: NDArray[np.int64], term: NDArray[np.int32], grade: NDArray[np.uint16]
) -> tuple[Lists, NDArray[np.uint16]]:
    by_term = _by_term(ptr, term, grade)
    sizes = np.diff(by_term.indptr)
    terms = np.flatnonzero(sizes).astype(np.int32)
    return _in_blocks(terms, sizes[terms], by_term.indices), by_term.data


def _common_terms(by_word: csc_matrix) -> NDArray[np.int32]:
    n_users = np.diff(by_word.indptr)
    often = np.flatnonzero(n_users > by_word.shape[0] * _LEAST_COMMON)
    order = np.lexsort((often, -n_users[often]))
    return often[order[:N_COMMON]].astype(np.int32)


def _rare_lists(by_word: csc_matrix, common_term: NDArray[np.int32]) -> Lists:
    sizes = np.diff(by_word.indptr)
    is_rare = sizes > 0
    is_rare[common_term] = False
    terms = np.flatnonzero(is_rare).astype(np.int32)
    return _in_blocks(terms, sizes[terms], by_word.indices[np.repeat(is_rare, sizes)])


def _in_blocks(terms: NDArray[np.int32], sizes: NDArray[np.int64], rows: NDArray[np.int32]) -> Lists:
    """Cut lists that lie one after the other into pieces of one block each."""
    block = rows >> BLOCK_BITS
    starts = np.concatenate([[0], np.cumsum(sizes)])
    is_start = np.zeros(len(rows), dtype=bool)
    is_start[starts[:-1]] = True
    is_start[1:] |= block[1:] != block[:-1]
    piece_start = np.flatnonzero(is_start)
    return Lists(
        terms=terms,
        piece_ptr=np.searchsorted(piece_start, starts).astype(np.int64),
        piece_block=block[piece_start].astype(np.int32),
        piece_start=np.append(piece_start, len(rows)).astype(np.int64),
        local=(rows & (BLOCK - 1)).astype(np.uint16),
    )


def _long_lists(claims: Lists, n_rows: int) -> NDArray[np.int32]:
    sizes = claims.sizes()
    often = np.flatnonzero(sizes > n_rows * _LEAST_PLANE)
    longest = often[np.lexsort((often, -sizes[often]))[:N_PLANES]]
    return np.sort(longest).astype(np.int32)


def _planes(claims: Lists, plane_list: NDArray[np.int32], n_rows: int) -> NDArray[np.uint64]:
    planes = np.zeros((len(plane_list), -(-n_rows // 64)), dtype=np.uint64)
    holds = np.empty(planes.shape[1] * 64, dtype=bool)
    for plane, which in zip(planes, plane_list, strict=True):
        holds[:] = False
        holds[claims.rows_of(int(which))] = True
        plane[:] = np.packbits(holds, bitorder="little").view("<u8")
    return planes


def _bits(by_word: csc_matrix, common_term: NDArray[np.int32]) -> NDArray[np.uint64]:
    bits = np.zeros((by_word.shape[0], N_COMMON // 64), dtype=np.uint64)
    for position, term in enumerate(common_term):
        rows = by_word.indices[by_word.indptr[term] : by_word.indptr[term + 1]]
        bits[rows, position // 64] |= np.uint64(1 << (position % 64))
    return bits
