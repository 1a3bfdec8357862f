"""The compiled twin of the search for what words were before errors of typing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.matching.kernel_repairs import find_near, sign
from app.matching.repairs import Repairs, edits_allowed, rows_by_length
from app.matching.spelling import spell
from app.matching.words import WordTable


class CompiledRepairs:
    """The compiled twin of ``find_repairs``; threads may share it.

    Parameters
    ----------
    codes
        What stands for each character, as ``spell`` takes it.
    spelling_start, spelling
        The words of the table in these codes.
    """

    def __init__(
        self,
        table: WordTable,
        codes: NDArray[np.uint16],
        spelling_start: NDArray[np.int64],
        spelling: NDArray[np.uint16],
    ) -> None:
        self._rarity = table.rarity
        self._langs = table.langs
        self._codes = codes
        self._spelling = spelling_start, spelling
        self._row, self._start = rows_by_length(table.words)
        # In the order of the search, which then reads it from end to end.
        self._signature = sign(spelling_start, spelling)[self._row]
        self._n_codes = int(codes.max(initial=0)) + 1

    def __call__(self, words: Sequence[str], langs: NDArray[np.int64]) -> Repairs:
        """Do the work of ``find_repairs`` in compiled code."""
        return Repairs(
            *find_near(
                *spell(self._codes, words),
                np.array([edits_allowed(word) for word in words], np.int64),
                langs,
                self._row,
                self._start,
                self._signature,
                self._rarity,
                self._langs,
                *self._spelling,
                np.zeros(self._n_codes, np.uint64),
            )
        )
