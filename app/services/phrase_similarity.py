"""How alike two phrases are that no concept was found for, as rankings count it."""

from __future__ import annotations

from app.matching.text import canonical


def similarity(one: str, other: str) -> float:
    """A share of 1, to four digits; the measure that ``similar_text`` is credited by.

    Examples
    --------
    >>> similarity("Pulse welding of tanks", "welding of tanks, pulse")
    1.0
    """
    from rapidfuzz import fuzz

    return round(fuzz.token_sort_ratio(canonical(one), canonical(other)) / 100.0, 4)
