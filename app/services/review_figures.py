"""How far reviewers agree with the rankings, and how often they override them, by language and sector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.enums import Verdict
from app.matching.metrics import FloatArray, Interval
from app.matching.pairwise import pair_agreement
from app.matching.weights import WeightProfile
from app.services.preparation import PreparedVacancy
from app.services.review_decisions import ReviewedPair, count_overrides, load_pairs, reviewed_pairs
from app.services.taxonomy_index import TaxonomyIndex
from app.services.weight_profiles import label_of, weights_in_force

ALL, LANG, SECTOR = "all", "lang", "sector"
LEAST_VACANCIES = 3
"""Vacancies with somebody put forward and somebody rejected from which on a group has an agreement."""
LEAST_DECISIONS = 20
"""Decisions from which on a group has an override rate."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """Figures of one language or sector, or of all; NaN where there is too little.

    Attributes
    ----------
    group, value
        ``all``, ``lang`` or ``sector`` (ISCO-08 major group), and which; ``?`` where it is unknown.
    n_decisions, n_overrides
        Shortlistings and rejections, and those of them that went against the ranking.
    override_rate
        With a bootstrap interval over vacancies.
    n_vacancies, n_pairs
        Of the agreement: vacancies with decisions of both kinds, and their pairs of candidates.
    then
        Agreement with the scores that the reviewers saw.
    n_pairs_now, now
        The same with the scores of today's engine and weights, of what has not changed since.
    """

    group: str
    value: str
    n_decisions: int
    n_overrides: int
    override_rate: Interval
    n_vacancies: int
    n_pairs: int
    then: Interval
    n_pairs_now: int
    now: Interval


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """Everything that was measured on the reviews of one partnership."""

    release: str
    weights: str
    seed: int
    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True, slots=True)
class _OfVacancy:
    """One vacancy's decisions."""

    lang: str
    sector: str
    overrides: tuple[int, int]
    then: tuple[FloatArray, NDArray[np.bool_]]
    now: tuple[FloatArray, NDArray[np.bool_]]


def measure_reviews(session: Session, actor: Actor, index: TaxonomyIndex, *, seed: int = 0) -> ReviewReport:
    """Measure rankings by the decisions of the actor's partnership.

    Pairs that a must ruled out are left out of the agreement: they are listed apart.

    Raises
    ------
    NotPermitted
        The role reads no reviews or runs no rankings.
    """
    weights = weights_in_force(session, actor)
    vacancies = _by_vacancy(session, actor, index, weights)
    groups: dict[tuple[str, str], list[_OfVacancy]] = {(ALL, ALL): vacancies}
    for each in sorted(vacancies, key=lambda one: (one.lang, one.sector)):
        groups.setdefault((LANG, each.lang), []).append(each)
    for each in sorted(vacancies, key=lambda one: one.sector):
        groups.setdefault((SECTOR, each.sector), []).append(each)
    return ReviewReport(
        release=index.taxonomy.name,
        weights=label_of(weights),
        seed=seed,
        rows=tuple(_row(group, value, members, seed) for (group, value), members in groups.items()),
    )


def _by_vacancy(
    session: Session, actor: Actor, index: TaxonomyIndex, weights: WeightProfile
) -> list[_OfVacancy]:
    pairs = reviewed_pairs(session, actor)
    overrides = count_overrides(session, actor)
    decided = load_pairs(session, actor, index, pairs)
    scores = decided.scores(weights)
    by_id: dict[str, list[ReviewedPair]] = {}
    for pair in pairs:
        by_id.setdefault(str(pair.vacancy_id), []).append(pair)
    found = []
    for group, vacancy in enumerate(decided.vacancies):
        members = by_id[vacancy.record.id]
        rows = decided.group == group
        # The same order: pairs of a vacancy stay as they were given.
        is_fresh = np.array([not each.is_stale and each.verdict is not Verdict.NO for each in members])
        found.append(
            _OfVacancy(
                lang=vacancy.record.lang or "?",
                sector=_sector(index, vacancy),
                overrides=overrides.pop(UUID(vacancy.record.id), (0, 0)),
                then=_scored(members),
                now=(scores[rows][is_fresh], decided.is_good[rows][is_fresh]),
            )
        )
    return [*found, *_without_pairs(overrides)]


def _scored(pairs: Sequence[ReviewedPair]) -> tuple[FloatArray, NDArray[np.bool_]]:
    told = [
        (pair.score, pair.is_good)
        for pair in pairs
        if pair.score is not None and pair.verdict is not Verdict.NO
    ]
    return np.array([score for score, _ in told]), np.array([good for _, good in told], dtype=np.bool_)


def _without_pairs(overrides: Mapping[UUID, tuple[int, int]]) -> Iterator[_OfVacancy]:
    """Vacancies of which all decisions were taken back: they count as overrides or not, and no more."""
    nothing = np.zeros(0), np.zeros(0, dtype=np.bool_)
    for counts in overrides.values():
        yield _OfVacancy("?", "?", counts, nothing, nothing)


def _sector(index: TaxonomyIndex, vacancy: PreparedVacancy) -> str:
    """Major group of ISCO-08: the first digit."""
    occupation = vacancy.occupation
    code = occupation.isco_code
    if occupation.row is not None:
        code = index.occupations.concepts[occupation.row].isco_group or code
    return code[:1] or "?"


def _row(group: str, value: str, members: Sequence[_OfVacancy], seed: int) -> ReviewRow:
    n_decisions, n_overrides = (sum(each.overrides[at] for each in members) for at in (0, 1))
    then, n_pairs = _agreement([each.then for each in members], seed)
    now, n_pairs_now = _agreement([each.now for each in members], seed)
    both = [len(np.unique(good)) == 2 for _, good in (each.then for each in members)]
    return ReviewRow(
        group=group,
        value=value,
        n_decisions=n_decisions,
        n_overrides=n_overrides,
        override_rate=_rate([each.overrides for each in members], seed),
        n_vacancies=sum(both),
        n_pairs=n_pairs,
        then=then,
        n_pairs_now=n_pairs_now,
        now=now,
    )


def _agreement(told: Sequence[tuple[FloatArray, NDArray[np.bool_]]], seed: int) -> tuple[Interval, int]:
    usable = [each for each in told if len(np.unique(each[1])) == 2]
    share, n_pairs = pair_agreement([each[0] for each in usable], [each[1] for each in usable], seed=seed)
    return (share if len(usable) >= LEAST_VACANCIES else _NOT_ENOUGH), n_pairs


def _rate(counts: Sequence[tuple[int, int]], seed: int, n_resamples: int = 1000) -> Interval:
    told = np.array([each for each in counts if each[0]], dtype=np.float64).reshape(-1, 2)
    if told[:, 0].sum() < LEAST_DECISIONS:
        return _NOT_ENOUGH
    drawn = told[np.random.default_rng(seed).integers(len(told), size=(n_resamples, len(told)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 1] / drawn[:, 0], [0.025, 0.975])
    return Interval(float(told[:, 1].sum() / told[:, 0].sum()), float(low), float(high))


_NOT_ENOUGH = Interval(float("nan"), float("nan"), float("nan"))
