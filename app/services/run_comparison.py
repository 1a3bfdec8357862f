"""What differs between two match runs: what they rest on, and who came, went and moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.permissions import Operation
from app.domain.transitions import MatchRunState
from app.errors import Conflict
from app.models import MatchRun
from app.repositories.match_runs import MatchRunRepository, Place, RankedCount
from app.services.rank_changes import RankChange, RankChanges, differing, rank_changes

PINS = (
    "engine_version",
    "taxonomy_name",
    "taxonomy_checksum",
    "weight_profile_name",
    "alias_version",
    "shared_alias_version",
    "index_fingerprint",
    "input_digest",
    "k",
)
"""Columns of a run that its rankings depend on."""


@dataclass(frozen=True, slots=True)
class VacancyChange:
    """One vacancy in two runs.

    Attributes
    ----------
    in_before, in_after
        Whether the run ranked it at all.
    requirements_changed
        The runs saw different versions of its requirements.
    entered, left, moved
        Who is new, who is gone, who stands elsewhere; by rank.
    """

    vacancy_id: UUID
    in_before: bool
    in_after: bool
    requirements_changed: bool
    entered: Sequence[RankChange]
    left: Sequence[RankChange]
    moved: Sequence[RankChange]


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two complete runs side by side.

    Attributes
    ----------
    pins
        Those of ``PINS`` that differ, in that order.
    n_vacancies
        Ranked by either run.
    n_changed
        Of them, those whose lists differ.
    n_entered, n_left, n_moved
        Over all vacancies.
    vacancies
        A page of those whose lists differ, by id; ``next_after`` is the id to go on from.
    """

    before: MatchRun
    after: MatchRun
    pins: Sequence[str]
    n_vacancies: int
    n_changed: int
    n_entered: int
    n_left: int
    n_moved: int
    vacancies: Sequence[VacancyChange]
    next_after: UUID | None


def compare_runs(
    session: Session,
    actor: Actor,
    before_id: UUID,
    after_id: UUID,
    *,
    after_vacancy: UUID | None = None,
    limit: int = 20,
) -> RunComparison:
    """Compare two runs as they were stored, whatever people have decided since.

    Raises
    ------
    NotFound
        One of them is not in the actor's partnership.
    Conflict
        One of them is not complete.
    """
    runs = MatchRunRepository(session, actor)
    before, after = (runs.get(each, Operation.RANKING_READ) for each in (before_id, after_id))
    if not before.state is after.state is MatchRunState.COMPLETE:
        raise Conflict("Only complete runs can be compared; wait until both are.")
    old, new = (_by_vacancy(runs.list_ranked_counts(run)) for run in (before, after))
    counts = _count(old, new, runs.n_kept(before, after))
    changed = [each for each in counts if any(counts[each])]
    page = [each for each in changed if after_vacancy is None or each > after_vacancy][: limit + 1]
    shown = page[:limit]
    places = [_placed(runs.list_places(run, shown)) for run in (before, after)]
    return RunComparison(
        before=before,
        after=after,
        pins=differing(before, after, PINS),
        n_vacancies=len(counts),
        n_changed=len(changed),
        n_entered=sum(entered for entered, _, _ in counts.values()),
        n_left=sum(left for _, left, _ in counts.values()),
        n_moved=sum(moved for _, _, moved in counts.values()),
        vacancies=[
            _change(
                each, old.get(each), new.get(each), rank_changes(*(side.get(each, ()) for side in places))
            )
            for each in shown
        ],
        next_after=shown[-1] if len(page) > limit else None,
    )


def _by_vacancy(rows: Iterable[RankedCount]) -> dict[UUID, RankedCount]:
    return {row.vacancy_id: row for row in rows}


def _placed(places: Iterable[Place]) -> dict[UUID, list[Place]]:
    grouped = groupby(places, key=lambda place: place.vacancy_id)
    return {vacancy_id: list(group) for vacancy_id, group in grouped}


def _count(
    old: Mapping[UUID, RankedCount],
    new: Mapping[UUID, RankedCount],
    n_kept: Mapping[UUID, tuple[int, int]],
) -> dict[UUID, tuple[int, int, int]]:
    """How many entered, left and moved, by vacancy, in the order of their ids."""
    counts = {}
    for vacancy_id in sorted(old.keys() | new.keys()):
        kept, moved = n_kept.get(vacancy_id, (0, 0))
        n_old, n_new = (side[vacancy_id].n_matches if vacancy_id in side else 0 for side in (old, new))
        counts[vacancy_id] = n_new - kept, n_old - kept, moved
    return counts


def _change(
    vacancy_id: UUID,
    ranked_before: RankedCount | None,
    ranked_after: RankedCount | None,
    changes: RankChanges,
) -> VacancyChange:
    requirements_changed = (
        ranked_before is not None
        and ranked_after is not None
        and ranked_before.requirements_version != ranked_after.requirements_version
    )
    return VacancyChange(
        vacancy_id=vacancy_id,
        in_before=ranked_before is not None,
        in_after=ranked_after is not None,
        requirements_changed=requirements_changed,
        entered=changes.entered,
        left=changes.left,
        moved=[each for each in changes.in_both if each.rank_moved],
    )
