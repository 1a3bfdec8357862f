"""The newest candidates: they are scored one by one until they are sealed in a segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.matching.ranking.filters import Condition, passing_rows
from app.matching.ranking.growing import GrowingArray, GrowingRows
from app.matching.ranking.query import Query
from app.matching.ranking.rows import Rows
from app.matching.ranking.twin import score_each


@dataclass(frozen=True, slots=True)
class DeltaView:
    """Rows as they were at one moment; ``live`` says which of them count."""

    rows: Rows
    live: NDArray[np.bool_]

    @property
    def is_empty(self) -> bool:
        return not len(self.live)

    def score(
        self, query: Query, conditions: Sequence[Condition]
    ) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
        """Ids and units of every live row that meets the conditions."""
        if self.is_empty:
            return self.rows.ids, np.empty(0, dtype=np.int64)
        takes_part = self.live & passing_rows(self.rows, conditions) if conditions else self.live
        chosen = np.flatnonzero(takes_part)
        return self.rows.ids[chosen], score_each(self.rows, query, chosen)


class Delta:
    """Rows in the order they came; the pool's lock guards it."""

    def __init__(self, column_names: Sequence[str]) -> None:
        self.column_names = tuple(column_names)
        self._rows = GrowingRows(column_names)
        self._live = GrowingArray(np.empty(0, dtype=np.bool_))
        self._row_of: dict[bytes, int] = {}

    @property
    def n_rows(self) -> int:
        return len(self._live.view())

    @property
    def n_live(self) -> int:
        return len(self._row_of)

    def require_columns(self, rows: Rows) -> None:
        """Raise ValueError if rows have other columns than these."""
        if set(rows.columns) != set(self.column_names):
            raise ValueError(f"columns must be {sorted(self.column_names)}, got {sorted(rows.columns)}")

    def append(self, rows: Rows) -> None:
        """Add rows whose ids are not held; raises ValueError if they have other columns."""
        first = self.n_rows
        self._rows.append(rows)
        self._live.extend(np.ones(rows.n_rows, dtype=np.bool_))
        self._row_of.update(zip(rows.ids.tolist(), range(first, first + rows.n_rows), strict=True))

    def remove(self, candidate_id: bytes) -> NDArray[np.uint8] | None:
        """Take a row out; returns its digest, or None if it is not held."""
        row = self._row_of.pop(candidate_id, None)
        if row is None:
            return None
        self._live.view()[row] = False
        digest: NDArray[np.uint8] = self._rows.view().digest[row]
        return digest

    def view(self) -> DeltaView:
        """The rows held now, for a search."""
        return DeltaView(self._rows.view(), self._live.view().copy())

    def live_rows(self) -> Rows:
        """The rows that count."""
        return self._rows.view().take(np.flatnonzero(self._live.view()))

    def without_first(self, n_rows: int) -> Delta:
        """What came after the first rows, as a delta of its own."""
        kept = Delta(self.column_names)
        later = np.flatnonzero(self._live.view())
        later = later[later >= n_rows]
        if len(later):
            kept.append(self._rows.view().take(later))
        return kept
