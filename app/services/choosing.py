"""The best pairs out of a ranked list whose scores are upper bounds, and who is listed apart.

The engine finds pairs by all that a profile says. Looked at one by one, some are worth less,
because a passage does not count for this vacancy, and some are not for the list at all, because
a must says no or somebody has decided. So the list is read on until nobody further down can
change it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from app.matching.ranking.pool import Ranked

SPARE = 10
"""Pairs looked at beyond those asked for before anything is known."""

DEPTH = 200
"""How deep somebody may stand by score and still be listed apart, where so many are ruled out."""


class Looked(Protocol):
    """A pair that was looked at; ``units`` is at most what the engine found."""

    @property
    def row(self) -> str: ...

    @property
    def units(self) -> int: ...

    @property
    def is_apart(self) -> bool: ...


PairT = TypeVar("PairT", bound=Looked)


@dataclass(frozen=True, slots=True)
class Placed(Generic[PairT]):
    """A pair that is listed apart, and the rank that it would have."""

    place: int
    pair: PairT


@dataclass(frozen=True, slots=True)
class Chosen(Generic[PairT]):
    """What came of a list: ``kept`` has one more than asked for, so that a tie across the cut shows."""

    kept: Sequence[PairT]
    apart: Sequence[Placed[PairT]]


Search = Callable[[int, bool], Ranked]
"""The best so many; told whether those that conditions rule out may be left out."""


def choose(
    k: int,
    search: Search,
    look_at: Callable[[Sequence[str], Sequence[int]], Sequence[PairT]],
    first: Ranked | None = None,
) -> Chosen[PairT]:
    """Find the best ``k`` pairs that are for the list, and those that would be among them.

    Parameters
    ----------
    search
        By score descending, then id ascending; longer lists begin with shorter ones.
    look_at : callable
        Given ids and scores, says what each pair is worth and whether it is listed apart.
    first
        What ``search(first_length(k), False)`` gives, where that is known.
    """
    n, filtered = first_length(k), False
    ranked = search(n, False) if first is None else first
    pairs = _look(ranked, look_at)
    apart = [pair for pair in pairs if pair.is_apart]
    while not _is_certain(pairs, ranked, k + 1, n):
        # Nobody is left out before the list is as deep as anybody is listed apart from.
        filtered, was_filtered = n >= DEPTH, filtered
        n = n if filtered and not was_filtered else 2 * n
        ranked = search(n, filtered)
        pairs = _look(ranked, look_at)
        if not filtered:
            apart = [pair for pair in pairs if pair.is_apart]
    kept = sorted((pair for pair in pairs if not pair.is_apart), key=_order)[: k + 1]
    placed = [Placed(1 + sum(_order(each) < _order(pair) for each in kept), pair) for pair in apart]
    placed.sort(key=lambda each: _order(each.pair))
    return Chosen(kept, [each for each in placed if each.place <= k])


def first_length(k: int) -> int:
    """How many pairs are looked at first to find the best ``k``."""
    return k + 1 + SPARE


def _look(
    ranked: Ranked, look_at: Callable[[Sequence[str], Sequence[int]], Sequence[PairT]]
) -> Sequence[PairT]:
    return look_at([each.decode() for each in ranked.ids.tolist()], ranked.units.tolist())


def _is_certain(pairs: Sequence[PairT], ranked: Ranked, wanted: int, n: int) -> bool:
    """Whether nobody who was not looked at can be among the best ``wanted``."""
    if len(ranked.ids) < n:
        return True
    kept = sorted((pair for pair in pairs if not pair.is_apart), key=_order)
    if len(kept) < wanted:
        return False
    last = -int(ranked.units[-1]), bytes(ranked.ids[-1])
    return _order(kept[wanted - 1]) <= last


def _order(pair: Looked) -> tuple[int, bytes]:
    return -pair.units, pair.row.encode()
