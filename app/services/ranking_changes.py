"""What became of a vacancy's ranking from one run to the next, and why as far as it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.models import MatchRun, RankedVacancy, Vacancy
from app.repositories.match_runs import MatchRunRepository
from app.repositories.ranked_pairs import PlaceRow, RankedPairRepository
from app.services.ranked_list import find_ranking


class Cause(StrEnum):
    """What differs between two runs that can move a rank."""

    REQUIREMENTS = "requirements"
    WEIGHTS = "weights"
    TAXONOMY = "taxonomy"
    ALIASES = "aliases"
    ENGINE = "engine"
    LENGTH = "length"  # how many were asked for


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """A candidate in two rankings; None where they are not in one.

    ``profile_changed`` None is not known: they are in only one of the two, or it was not kept.
    """

    candidate_id: UUID
    pseudonym: str
    before: PlaceRow | None
    after: PlaceRow | None
    profile_changed: bool | None


@dataclass(frozen=True, slots=True)
class RankingChanges:
    """Two rankings beside each other; ``before`` is None where there is only one."""

    vacancy: Vacancy
    before: MatchRun | None
    after: MatchRun | None
    causes: Sequence[Cause]
    entered: Sequence[PlaceChange]
    left: Sequence[PlaceChange]
    moved: Sequence[PlaceChange]
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
    pairs = RankedPairRepository(session, actor)
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
    was = {row.candidate_id: row for row in pairs.list_places(before.id, vacancy_id)}
    now = {row.candidate_id: row for row in pairs.list_places(after.id, vacancy_id)}
    both = [_change(was[each], row) for each, row in now.items() if each in was]
    moved = [each for each in both if _has_moved(each)]
    return RankingChanges(
        vacancy=vacancy,
        before=before,
        after=after,
        causes=_causes(before, old, after, ranked),
        entered=[_change(None, row) for each, row in now.items() if each not in was],
        left=[_change(row, None) for each, row in was.items() if each not in now],
        moved=moved,
        n_same=len(both) - len(moved),
    )


def _change(before: PlaceRow | None, after: PlaceRow | None) -> PlaceChange:
    row = after or before
    assert row is not None, "a change is of somebody"
    versions = {each.candidate_version for each in (before, after) if each is not None}
    is_known = before is not None and after is not None and None not in versions
    return PlaceChange(
        row.candidate_id, row.pseudonym, before, after, len(versions) > 1 if is_known else None
    )


def _has_moved(change: PlaceChange) -> bool:
    stands = [None if row is None else (row.place, row.score) for row in (change.before, change.after)]
    return stands[0] != stands[1]


def _causes(before: MatchRun, old: RankedVacancy, after: MatchRun, new: RankedVacancy) -> list[Cause]:
    aliases = [(run.alias_version, run.shared_alias_version) for run in (before, after)]
    differs = {
        Cause.REQUIREMENTS: old.requirements_version != new.requirements_version,
        Cause.WEIGHTS: before.weight_profile != after.weight_profile,
        Cause.TAXONOMY: before.taxonomy_checksum != after.taxonomy_checksum,
        Cause.ALIASES: aliases[0] != aliases[1],
        Cause.ENGINE: before.engine_version != after.engine_version,
        Cause.LENGTH: before.k != after.k,
    }
    return [cause for cause, is_so in differs.items() if is_so]
