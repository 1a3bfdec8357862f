"""Measure rankings on judged sets: figures with intervals, paired tests, and the pull of length."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.ranking_sets import PoolMode, RankingSet
from app.domain.taxonomy import Taxonomy
from app.matching.graded_metrics import (
    PairedTest,
    auc_of,
    average_precision,
    bootstrap_pooled_auc,
    first_relevant,
    kendall_tau,
    ndcg_at,
    paired_test,
    ranked_gains,
)
from app.matching.metrics import FloatArray, Interval, bootstrap_mean
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.services.judged_platform import MUSTS, broken_musts, is_platform
from app.services.rank_evaluation_systems import OURS, PreparedSet, Scores, scores_of
from app.services.taxonomy_index import TaxonomyIndex

FIGURES = ("nDCG@5", "nDCG@10", "MAP", "AUC", "MRR")
"""Figures of single vacancies, whose means are shown."""
TESTED = ("nDCG@10", "MAP")
"""Figures by which systems are compared in pairs."""
ALL = "all"
LEAST_IN_GROUP = 3
"""Vacancies that a language or sector needs to be shown by itself."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class RankRow:
    """How well one system ranks a set, or the vacancies of one language or sector in it.

    Attributes
    ----------
    group, value
        ``all``, ``lang`` or ``sector``, and which.
    figures
        Mean of each of ``FIGURES`` over the vacancies that can tell, with its interval.
    pair_auc
        AUC over the pairs of all vacancies together.
    behind
        By figure of ``TESTED``: the run's first system minus this one; empty for the first.
    """

    set_name: str
    group: str
    value: str
    system: str
    n_queries: int
    n_pairs: int
    figures: Mapping[str, Interval]
    pair_auc: Interval
    behind: Mapping[str, PairedTest]


@dataclass(frozen=True, slots=True)
class LengthRow:
    """Kendall correlation of a system's scores, or of the judgements, with the candidates' length of text.

    Attributes
    ----------
    system
        ``judgements`` for the judgements themselves.
    """

    set_name: str
    system: str
    n_queries: int
    tau: Interval


@dataclass(frozen=True, slots=True)
class MustRow:
    """What eligibility did to the judged pairs of a set that states its musts as fields.

    Attributes
    ----------
    n_apart
        Pairs listed apart, since a must says no.
    n_lost
        Suitable pairs among them.
    n_broken, n_kept
        Pairs that break each must, by the fields as they stand; and those that were not listed apart.
    """

    set_name: str
    n_pairs: int
    n_apart: int
    n_lost: int
    n_broken: Mapping[str, int]
    n_kept: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RankReport:
    """Everything that was measured."""

    release: str
    checksum: str
    weights: str
    seed: int
    rows: tuple[RankRow, ...]
    lengths: tuple[LengthRow, ...]
    musts: tuple[MustRow, ...]


@dataclass(frozen=True, slots=True)
class _Measured:
    """One system on one set: figures of each vacancy, and scores and judgements of its pairs.

    ``score`` holds an array for each vacancy; it is of the last order where several were measured.
    """

    system: str
    figures: Mapping[str, FloatArray]
    taus: FloatArray
    score: Sequence[FloatArray]
    relevant: Sequence[NDArray[np.bool_]]


def evaluate_rankings(
    taxonomy: Taxonomy,
    index: TaxonomyIndex,
    sets: Sequence[RankingSet],
    systems: Sequence[str],
    *,
    weights: WeightProfile = DEFAULT_WEIGHTS,
    seed: int = 0,
    progress: Progress = lambda _stage, _done, _total: None,
) -> RankReport:
    """Measure systems on judged sets; the same input and seed give the same figures."""
    rows: list[RankRow] = []
    lengths: list[LengthRow] = []
    musts: list[MustRow] = []
    for judged in sets:
        measured = []
        for at, name in enumerate(systems):
            progress(f"ranking {judged.name}", at, len(systems))
            measured.append(_measure(name, judged, scores_of(name, judged, index, weights, seed)))
        progress(f"ranking {judged.name}", len(systems), len(systems))
        for group, value, chosen in _groups(judged):
            rows += [_row(judged.name, group, value, each, measured[0], chosen, seed) for each in measured]
        lengths += _lengths(judged, measured, seed)
        if OURS in systems and all(map(is_platform, (*judged.queries, *judged.docs))):
            musts.append(_musts(judged, index))
    return RankReport(
        taxonomy.name,
        taxonomy.checksum,
        f"{weights.name} {weights.version}",
        seed,
        tuple(rows),
        tuple(lengths),
        tuple(musts),
    )


def _musts(judged: RankingSet, index: TaxonomyIndex) -> MustRow:
    candidates = {each.id: each for each in judged.docs}
    is_apart = PreparedSet(judged, index).is_apart()
    n_apart = n_lost = n_pairs = 0
    broken: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for row, vacancy in enumerate(judged.queries):
        docs, gains, _ = pool_of(judged, row)
        for at, gain in zip(docs.tolist(), gains.tolist(), strict=True):
            apart = bool(is_apart[row, at])
            breaks = broken_musts(vacancy, candidates[judged.docs[at].id])
            n_pairs += 1
            n_apart += apart
            n_lost += apart and gain >= judged.relevant_gain
            broken.update(breaks)
            kept.update(() if apart else breaks)
    return MustRow(
        judged.name,
        n_pairs,
        n_apart,
        n_lost,
        {each: broken[each] for each in MUSTS},
        {each: kept[each] for each in MUSTS},
    )


def _measure(name: str, judged: RankingSet, orders: Sequence[Scores]) -> _Measured:
    """Figures of each vacancy; the mean over the orders where there are several."""
    all_figures: list[Mapping[str, FloatArray]] = []
    taus: list[FloatArray] = []
    score: list[FloatArray] = []
    pools = [pool_of(judged, at) for at in range(len(judged.queries))]
    for order in orders:
        score = [order[at, docs] for at, (docs, _, _) in enumerate(pools)]
        found = [
            figures_of(each, gain, judged.relevant_gain)
            for each, (_, gain, _) in zip(score, pools, strict=True)
        ]
        all_figures.append({figure: np.array([each[figure] for each in found]) for figure in FIGURES})
        taus.append(
            np.array([kendall_tau(each, length) for each, (_, _, length) in zip(score, pools, strict=True)])
        )
    return _Measured(
        system=name,
        figures={figure: np.mean([each[figure] for each in all_figures], axis=0) for figure in FIGURES},
        taus=np.mean(taus, axis=0),
        score=score,
        relevant=[gain >= judged.relevant_gain for _, gain, _ in pools],
    )


def figures_of(score: FloatArray, gain: FloatArray, relevant_gain: float) -> dict[str, float]:
    """``FIGURES`` of one vacancy's candidates, who are in the order of their ids."""
    gains = ranked_gains(score, gain)
    is_relevant = gains >= relevant_gain
    return {
        "nDCG@5": ndcg_at(gains, 5),
        "nDCG@10": ndcg_at(gains, 10),
        "MAP": average_precision(is_relevant),
        "AUC": auc_of(score, gain >= relevant_gain),
        "MRR": first_relevant(is_relevant),
    }


def pool_of(judged: RankingSet, row: int) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Whom a vacancy's candidates are ranked among, in id order: columns, gains, lengths of text."""
    gains = judged.gains[judged.queries[row].id]
    column = {each.id: at for at, each in enumerate(judged.docs)}
    ids = sorted(column if judged.mode is PoolMode.FULL else gains)
    docs = np.array([column[each] for each in ids], dtype=np.int64)
    gain = np.array([gains.get(each, 0.0) for each in ids])
    return docs, gain, np.array([float(len(judged.docs[at].text)) for at in docs])


def _groups(judged: RankingSet) -> Iterable[tuple[str, str, NDArray[np.int64]]]:
    """All vacancies, and those of each language and sector that has a few and not all."""
    yield ALL, ALL, np.arange(len(judged.queries))
    sectors = _sectors(judged)
    for group, values in (("lang", [each.lang or "?" for each in judged.queries]), ("sector", sectors)):
        for value in sorted(set(values)):
            chosen = np.array([at for at, each in enumerate(values) if each == value])
            if LEAST_IN_GROUP <= len(chosen) < len(values):
                yield group, value, chosen


def _sectors(judged: RankingSet) -> list[str]:
    """The sector of each vacancy: its own, or the one that its suitable candidates have most often."""
    category = {each.id: each.category for each in judged.docs}
    sectors = []
    for query in judged.queries:
        gains = judged.gains[query.id]
        suitable = [each for each, gain in gains.items() if gain >= judged.relevant_gain] or list(gains)
        counted = Counter(category[each] for each in suitable if category[each])
        usual = min(counted, key=lambda name: (-counted[name], name), default="")
        sectors.append(query.category or usual or "?")
    return sectors


def _row(
    set_name: str,
    group: str,
    value: str,
    measured: _Measured,
    first: _Measured,
    chosen: NDArray[np.int64],
    seed: int,
) -> RankRow:
    behind = {}
    if measured is not first:
        for figure in TESTED:
            behind[figure] = paired_test(
                first.figures[figure][chosen], measured.figures[figure][chosen], seed=seed
            )
    score, relevant = ([each[at] for at in chosen] for each in (measured.score, measured.relevant))
    return RankRow(
        set_name=set_name,
        group=group,
        value=value,
        system=measured.system,
        n_queries=len(chosen),
        n_pairs=sum(len(each) for each in score),
        figures={figure: _mean(values[chosen], seed) for figure, values in measured.figures.items()},
        pair_auc=bootstrap_pooled_auc(score, relevant, seed=seed, n_resamples=200 if len(chosen) > 1 else 1),
        behind=behind,
    )


def _lengths(judged: RankingSet, measured: Sequence[_Measured], seed: int) -> list[LengthRow]:
    pools = [pool_of(judged, at) for at in range(len(judged.queries))]
    taus = {"judgements": np.array([kendall_tau(gain, length) for _, gain, length in pools])}
    taus |= {each.system: each.taus for each in measured}
    return [
        LengthRow(judged.name, name, int((~np.isnan(values)).sum()), _mean(values, seed))
        for name, values in taus.items()
    ]


def _mean(values: FloatArray, seed: int) -> Interval:
    return bootstrap_mean(values[~np.isnan(values)], seed=seed)


def by_set(rows: Iterable[RankRow]) -> dict[tuple[str, str, str], list[RankRow]]:
    """Rows of the same vacancies together, in the order given."""
    found: defaultdict[tuple[str, str, str], list[RankRow]] = defaultdict(list)
    for row in rows:
        found[row.set_name, row.group, row.value].append(row)
    return dict(found)
