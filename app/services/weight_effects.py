"""What other weights would move: the rankings of some vacancies before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.ids import pseudonym_of
from app.matching.graded_metrics import kendall_tau
from app.matching.weights import WeightProfile
from app.services.candidates import list_rankable_candidates
from app.services.decisions import load_named_decisions
from app.services.preparation import Progress, prepare_candidates, prepare_vacancies
from app.services.ranking import rank_prepared
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancies import list_published_vacancies

MOST_VACANCIES = 20
"""Published vacancies looked at, spread evenly over all of them."""
DEPTH = 100
"""Candidates of each ranking that are compared."""
TOP = 10


@dataclass(frozen=True, slots=True)
class VacancyEffect:
    """One vacancy's ranking before and after.

    Attributes
    ----------
    kendall_distance
        Share of pairs of candidates, of those among the first ``DEPTH`` before and after, whose
        order turns; None where fewer than two are.
    enter, leave
        Pseudonyms of who comes into the best ``TOP``, and who goes out of them.
    """

    vacancy_id: str
    n_candidates: int
    kendall_distance: float | None
    enter: tuple[str, ...]
    leave: tuple[str, ...]


def effects_of(
    session: Session,
    actor: Actor,
    index: TaxonomyIndex,
    before: WeightProfile,
    after: WeightProfile,
    *,
    today: date,
    progress: Progress | None = None,
) -> list[VacancyEffect]:
    """Rank a sample of the published vacancies by both weights, and say what differs.

    Whom people have decided against is in neither, as in any ranking.
    """
    published = list_published_vacancies(session, actor)
    chosen = [published[at] for at in _spread(len(published), MOST_VACANCIES)]
    people = list_rankable_candidates(session, actor)
    ids = {record.id: row.id for row, record in people}
    decisions = load_named_decisions(
        session,
        actor,
        {row.id: record.id for row, record in chosen},
        {row.id: record.id for row, record in people},
    )
    asked = prepare_vacancies(index, [record for _, record in chosen], progress)
    offered = prepare_candidates(index, [record for _, record in people], progress)

    def ranked(weights: WeightProfile) -> list[list[str]]:
        rankings = rank_prepared(
            index,
            asked,
            offered,
            k=DEPTH,
            today=today,
            decisions=decisions,
            weights=weights,
            progress=progress,
        )
        return [[match.candidate_id for match in each.matches] for each in rankings]

    return [
        _effect(row.id, old, new, lambda each: pseudonym_of(ids[each]))
        for (row, _), old, new in zip(chosen, ranked(before), ranked(after), strict=True)
    ]


def _spread(n: int, most: int) -> list[int]:
    """At most so many positions out of ``n``, evenly spread."""
    return list(range(n)) if n <= most else [at * n // most for at in range(most)]


def _effect(
    vacancy_id: UUID, old: Sequence[str], new: Sequence[str], name_of: Callable[[str], str]
) -> VacancyEffect:
    return VacancyEffect(
        vacancy_id=str(vacancy_id),
        n_candidates=len(old),
        kendall_distance=kendall_distance(old, new),
        enter=tuple(name_of(each) for each in new[:TOP] if each not in old[:TOP]),
        leave=tuple(name_of(each) for each in old[:TOP] if each not in new[:TOP]),
    )


def kendall_distance(old: Sequence[str], new: Sequence[str]) -> float | None:
    """Share of pairs that two orders put differently, of what is in both; None below two.

    Examples
    --------
    >>> kendall_distance("abc", "abc"), kendall_distance("abc", "cba"), kendall_distance("a", "a")
    (0.0, 1.0, None)
    """
    place = {each: at for at, each in enumerate(new)}
    shared = np.array([float(place[each]) for each in old if each in place])
    if len(shared) < 2:
        return None
    return (1.0 - kendall_tau(np.arange(len(shared), dtype=np.float64), shared)) / 2.0
