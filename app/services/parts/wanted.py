"""What a part asks for, before weights are shared out between the parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Named = tuple[int | str, float, str]
"""What earns credit: key of a term, factor in [0, 1], relation."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One requirement of a part.

    Attributes
    ----------
    what
        Its position in the vacancy's requirements for skills; words elsewhere.
    share
        Of its part, in [0, 1]; the shares of a part sum to 1.
    named
        The concept itself first.
    level
        Least level wanted; 0 for none.
    """

    part: str
    what: int | str
    share: float
    named: Sequence[Named]
    level: int = 0


def level_credit(claimed: int, asked: int, unknown: float) -> float:
    """Credit of a claimed level where another is asked; 0 is "not stated".

    A level below the one asked earns its share, ``claimed / asked``.

    Examples
    --------
    >>> level_credit(2, 4, 0.5), level_credit(0, 4, 0.5), level_credit(1, 0, 0.5)
    (0.5, 0.5, 1.0)
    """
    if not asked:
        return 1.0
    return min(claimed / asked, 1.0) if claimed else unknown
