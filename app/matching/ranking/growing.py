"""Rows that more can be appended to; what was handed out before stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.matching.ranking.rows import N_DIGEST, Rows


class GrowingArray:
    """An array with room at its end."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array
        self._length = len(array)

    def extend(self, values: NDArray[Any]) -> None:
        """Append values; wider strings make all strings wider."""
        needed = self._length + len(values)
        dtype = np.promote_types(self._array.dtype, values.dtype)
        if needed > len(self._array) or dtype != self._array.dtype:
            grown = np.zeros((max(needed, 2 * len(self._array)), *self._array.shape[1:]), dtype=dtype)
            grown[: self._length] = self._array[: self._length]
            self._array = grown
        self._array[self._length : needed] = values
        self._length = needed

    def view(self) -> NDArray[Any]:
        """What is held now; nothing appended later shows in it."""
        return self._array[: self._length]


class GrowingRows:
    """``Rows`` that grow at the end."""

    def __init__(self, column_names: Sequence[str]) -> None:
        self._ids = GrowingArray(np.empty(0, dtype="S1"))
        self._claim_ptr = GrowingArray(np.zeros(1, dtype=np.int64))
        self._claim_term = GrowingArray(np.empty(0, dtype=np.int32))
        self._claim_grade = GrowingArray(np.empty(0, dtype=np.uint16))
        self._word_ptr = GrowingArray(np.zeros(1, dtype=np.int64))
        self._word_term = GrowingArray(np.empty(0, dtype=np.int32))
        self._columns = {name: GrowingArray(np.empty(0, dtype=np.int32)) for name in column_names}
        self._digest = GrowingArray(np.empty((0, N_DIGEST), dtype=np.uint8))

    def append(self, rows: Rows) -> None:
        """Add rows at the end.

        Raises
        ------
        ValueError
            If they have other columns.
        """
        if set(rows.columns) != set(self._columns):
            raise ValueError(f"columns must be {sorted(self._columns)}, got {sorted(rows.columns)}")
        self._claim_ptr.extend(rows.claim_ptr[1:] + len(self._claim_term.view()))
        self._word_ptr.extend(rows.word_ptr[1:] + len(self._word_term.view()))
        self._ids.extend(rows.ids)
        self._claim_term.extend(rows.claim_term)
        self._claim_grade.extend(rows.claim_grade)
        self._word_term.extend(rows.word_term)
        self._digest.extend(rows.digest)
        for name, column in self._columns.items():
            column.extend(rows.columns[name])

    def view(self) -> Rows:
        """The rows held now."""
        return Rows(
            ids=self._ids.view(),
            claim_ptr=self._claim_ptr.view(),
            claim_term=self._claim_term.view(),
            claim_grade=self._claim_grade.view(),
            word_ptr=self._word_ptr.view(),
            word_term=self._word_term.view(),
            columns={name: column.view() for name, column in self._columns.items()},
            digest=self._digest.view(),
        )
