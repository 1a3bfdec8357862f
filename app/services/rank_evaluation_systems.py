"""The systems that rank judged sets side by side: the engine, and the plain ones by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from app.domain.ranking_sets import RankingSet
from app.domain.records import CandidateRecord, VacancyRecord
from app.errors import InvalidInput
from app.matching.baselines.ranked_texts import (
    bm25,
    longest_first,
    random_order,
    tfidf_cosine,
    token_set,
)
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.services.ranking import rank_records
from app.services.taxonomy_index import TaxonomyIndex

OURS, RANDOM = "ours", "random"
RANK_SYSTEMS = (OURS, RANDOM, "longest", "tfidf", "bm25", "token-set")
N_RANDOM_ORDERS = 20
"""Random orders whose figures are averaged."""

_DAY = date(2026, 1, 1)
"""Day for which rules are asked: figures do not depend on when they are taken."""

Scores = NDArray[np.float64]

_PLAIN: Mapping[str, Callable[[Sequence[str], Sequence[str]], Scores]] = {
    "longest": lambda queries, docs: longest_first(len(queries), docs),
    "tfidf": tfidf_cosine,
    "bm25": bm25,
    "token-set": token_set,
}


def check_rank_systems(names: Sequence[str]) -> tuple[str, ...]:
    """Names of systems without repeats, ours first; all where none is named.

    Raises
    ------
    InvalidInput
        One is unknown.
    """
    for name in names:
        if name not in RANK_SYSTEMS:
            raise InvalidInput(f"There is no system {name}. Choose from {', '.join(RANK_SYSTEMS)}.")
    wanted = set(names) or set(RANK_SYSTEMS)
    return tuple(name for name in RANK_SYSTEMS if name in wanted)


def scores_of(
    name: str,
    judged: RankingSet,
    index: TaxonomyIndex,
    weights: WeightProfile = DEFAULT_WEIGHTS,
    seed: int = 0,
) -> list[Scores]:
    """Scores of shape (n_queries, n_docs) by one system; several where it is random."""
    if name == OURS:
        return [engine_scores(judged, index, weights)]
    if name == RANDOM:
        shape = len(judged.queries), len(judged.docs)
        return [random_order(*shape, seed + at) for at in range(N_RANDOM_ORDERS)]
    queries, docs = ([each.text for each in texts] for texts in (judged.queries, judged.docs))
    return [_PLAIN[name](queries, docs)]


def engine_scores(judged: RankingSet, index: TaxonomyIndex, weights: WeightProfile) -> Scores:
    """Scores of the engine for every pair, on records made of the texts."""
    column = {each.id: at for at, each in enumerate(judged.docs)}
    scores = np.zeros((len(judged.queries), len(judged.docs)))
    rankings = rank_records(
        index, vacancies_of(judged), candidates_of(judged), k=len(judged.docs), today=_DAY, weights=weights
    )
    for row, ranking in enumerate(rankings):
        for match in ranking.matches:
            scores[row, column[match.candidate_id]] = match.score
    return scores


def vacancies_of(judged: RankingSet) -> list[VacancyRecord]:
    """A record of each vacancy: the first line is its title, the rest its description."""
    records = []
    for each in judged.queries:
        title, _, description = each.text.strip().partition("\n")
        records.append(
            VacancyRecord(id=each.id, title=title.strip(), description=description.strip(), lang=each.lang)
        )
    return records


def candidates_of(judged: RankingSet) -> list[CandidateRecord]:
    """A record of each candidate: its text."""
    return [CandidateRecord(id=each.id, text=each.text, lang=each.lang) for each in judged.docs]
