"""Two rankings of one vacancy beside each other: who came, who went, and who is in both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from app.models import MatchRun
from app.repositories.match_runs import Place


@dataclass(frozen=True, slots=True)
class RankChange:
    """A candidate in two rankings.

    Attributes
    ----------
    before, after
        Their ranks; None where a ranking does not list them.
    score_before, score_after
        Likewise.
    profile_changed
        Whether the rankings saw different versions of the profile; None is not known: one of them
        does not list the candidate, or has not kept the version.
    """

    candidate_id: UUID
    before: int | None
    after: int | None
    score_before: float | None
    score_after: float | None
    profile_changed: bool | None

    @property
    def rank_moved(self) -> bool:
        return self.before != self.after

    @property
    def score_moved(self) -> bool:
        return self.score_before != self.score_after


class RankChanges(NamedTuple):
    """Who entered, who left, and who is in both, each in the order of their ranks."""

    entered: Sequence[RankChange]
    left: Sequence[RankChange]
    in_both: Sequence[RankChange]


def rank_changes(before: Iterable[Place], after: Iterable[Place]) -> RankChanges:
    """Compare who stood where, as two runs placed them for one vacancy, best first."""
    was = {place.candidate_id: place for place in before}
    now = {place.candidate_id: place for place in after}
    return RankChanges(
        entered=[_change(None, place) for each, place in now.items() if each not in was],
        left=[_change(place, None) for each, place in was.items() if each not in now],
        in_both=[_change(was[each], place) for each, place in now.items() if each in was],
    )


def differing(before: MatchRun, after: MatchRun, columns: Iterable[str]) -> list[str]:
    """Those of some columns in which two runs differ, in their order."""
    return [name for name in columns if getattr(before, name) != getattr(after, name)]


def _change(before: Place | None, after: Place | None) -> RankChange:
    place = after or before
    assert place is not None, "a change is of somebody"
    versions = [None if each is None else each.candidate_version for each in (before, after)]
    return RankChange(
        place.candidate_id,
        None if before is None else before.rank,
        None if after is None else after.rank,
        None if before is None else before.score,
        None if after is None else after.score,
        None if None in versions else versions[0] != versions[1],
    )
