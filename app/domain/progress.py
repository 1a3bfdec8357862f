"""How much longer work takes, by how fast it went so far."""

from __future__ import annotations

from datetime import datetime

# Before this, the rate is mostly what it took to begin.
_LEAST_S = 2.0


def seconds_left(
    done: int, total: int, *, since: datetime | None, reported_at: datetime | None, now: datetime
) -> float | None:
    """Estimate how long the present stage still takes; None while nobody can tell.

    Parameters
    ----------
    since
        When the stage began.
    reported_at
        When ``done`` was counted.

    Examples
    --------
    >>> from datetime import timedelta
    >>> start = datetime(2026, 3, 1)
    >>> at = start + timedelta(seconds=30)
    >>> seconds_left(25, 100, since=start, reported_at=at, now=at + timedelta(seconds=10))
    80.0
    >>> seconds_left(0, 100, since=start, reported_at=at, now=at) is None
    True
    """
    if since is None or reported_at is None or done <= 0 or total <= 0:
        return None
    took = (reported_at - since).total_seconds()
    if took < _LEAST_S:
        return None
    left = (total - done) * took / done - (now - reported_at).total_seconds()
    return max(0.0, left)
