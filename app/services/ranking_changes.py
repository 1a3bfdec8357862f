"""What became of a vacancy's ranking from one run to the next, and why as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.models import MatchRun, RankedVacancy, Vacancy
from app.repositories.match_runs import MatchRunRepository
from app.services.rank_changes import RankChange, differing, rank_changes
from app.services.ranked_list import find_ranking


class Cause(StrEnum):
    """What differs between two runs that can move a rank."""

    REQUIREMENTS = "requirements"
    WEIGHTS = "weights"
    TAXONOMY = "taxonomy"
    ALIASES = "aliases"
    ENGINE = "engine"
    LENGTH = "length"  # how many were asked for


_PINS: Mapping[str, Cause] = {
    "weight_profile": Cause.WEIGHTS,
    "taxonomy_checksum": Cause.TAXONOMY,
    "alias_version": Cause.ALIASES,
    "shared_alias_version": Cause.ALIASES,
    "engine_version": Cause.ENGINE,
    "k": Cause.LENGTH,
}
"""What it means that two runs differ in a column."""


@dataclass(frozen=True, slots=True)
class RankingChanges:
    """Two rankings beside each other; ``before`` is None where there is only one."""

    vacancy: Vacancy
    before: MatchRun | None
    after: MatchRun | None
    causes: Sequence[Cause]
    entered: Sequence[RankChange]
    left: Sequence[RankChange]
    moved: Sequence[RankChange]
    n_same: int


def compare_rankings(
    session: Session,
    actor: Actor,
    vacancy_id: UUID,
    *,
    run_id: UUID | None = None,
    before_id: UUID | None = None,
) -> RankingChanges:
    """Compare a vacancy's ranking with the one before it, or with another that is named.

    Raises
    ------
    NotFound
        The actor knows no such vacancy, or a run that is named did not rank it.
    """
    vacancy, after, ranked = find_ranking(session, actor, vacancy_id, run_id)
    if after is None or ranked is None:
        return RankingChanges(vacancy, None, None, (), (), (), (), 0)
    runs = MatchRunRepository(session, actor)
    if before_id is None:
        before = runs.find_latest_complete(vacancy_id, before=after)
    else:
        _, before, _ = find_ranking(session, actor, vacancy_id, before_id)
    old = None if before is None else runs.find_ranked_vacancy(before, vacancy_id)
    if before is None or old is None:
        return RankingChanges(vacancy, None, after, (), (), (), (), 0)
    changes = rank_changes(*(runs.list_places(run, [vacancy_id]) for run in (before, after)))
    moved = [each for each in changes.in_both if each.rank_moved or each.score_moved]
    return RankingChanges(
        vacancy=vacancy,
        before=before,
        after=after,
        causes=_causes(before, old, after, ranked),
        entered=changes.entered,
        left=changes.left,
        moved=moved,
        n_same=len(changes.in_both) - len(moved),
    )


def _causes(before: MatchRun, old: RankedVacancy, after: MatchRun, new: RankedVacancy) -> list[Cause]:
    requirements = [Cause.REQUIREMENTS] if old.requirements_version != new.requirements_version else []
    pins = differing(before, after, _PINS)
    return list(dict.fromkeys([*requirements, *(_PINS[name] for name in pins)]))
