"""The systems that rank judged sets side by side: the engine, and the plain ones by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import Verdict
from app.domain.ranking_sets import RankingSet
from app.errors import InvalidInput
from app.matching.baselines.ranked_texts import (
    bm25,
    longest_first,
    random_order,
    tfidf_cosine,
    token_set,
)
from app.matching.ranking.pool import Pool
from app.matching.ranking.query import SCORE_UNITS
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.services.candidate_terms import Vocabulary, make_rows
from app.services.eligibility import EligibilityOf
from app.services.judged_records import candidates_of, vacancies_of
from app.services.preparation import prepare_candidates, prepare_vacancies
from app.services.taxonomy_index import TaxonomyIndex
from app.services.vacancy_queries import QueryMaker

OURS, RANDOM = "ours", "random"
RANK_SYSTEMS = (OURS, RANDOM, "longest", "tfidf", "bm25", "token-set")
N_RANDOM_ORDERS = 20
"""Random orders whose figures are averaged."""

_DAY = date(2026, 1, 1)
"""Day for which rules are asked: figures do not depend on when they are taken."""
_BELOW_ALL = 2.0

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
        return [PreparedSet(judged, index).ranked(weights)]
    if name == RANDOM:
        shape = len(judged.queries), len(judged.docs)
        return [random_order(*shape, seed + at) for at in range(N_RANDOM_ORDERS)]
    queries, docs = ([each.text for each in texts] for texts in (judged.queries, judged.docs))
    return [_PLAIN[name](queries, docs)]


class PreparedSet:
    """A judged set, linked and encoded once, to be scored with any weights."""

    def __init__(self, judged: RankingSet, index: TaxonomyIndex) -> None:
        self._index = index
        self.vacancies = prepare_vacancies(index, vacancies_of(judged))
        self.candidates = prepare_candidates(index, candidates_of(judged))
        self._vocabulary = Vocabulary(len(index.skills))
        order = sorted(range(len(self.candidates)), key=lambda at: self.candidates[at].record.id)
        encoded = [self._vocabulary.encode(self.candidates[at]) for at in order]
        ids = [self.candidates[at].record.id for at in order]
        self._view = Pool.of(make_rows(ids, encoded)).view()
        self._column = {each.encode(): at for each, at in zip(ids, order, strict=True)}

    def is_apart(self) -> NDArray[np.bool_]:
        """To whom a must of which vacancy says no, shape (n_queries, n_docs)."""
        found = np.zeros((len(self.vacancies), len(self.candidates)), dtype=bool)
        for row, vacancy in enumerate(self.vacancies):
            eligibility = EligibilityOf(self._index, vacancy, _DAY)
            found[row] = [eligibility.judge(each).verdict is Verdict.NO for each in self.candidates]
        return found

    def ranked(self, weights: WeightProfile) -> Scores:
        """The scores with everybody who is listed apart after all others, in the same order."""
        return self.scores(weights) - _BELOW_ALL * self.is_apart()

    def scores(self, weights: WeightProfile) -> Scores:
        """Scores of the engine for every pair, shape (n_queries, n_docs)."""
        maker = QueryMaker(self._index, self._vocabulary, weights)
        scores = np.zeros((len(self.vacancies), len(self.candidates)))
        for row, vacancy in enumerate(self.vacancies):
            ranked = self._view.search(maker.make(vacancy).query, len(self.candidates))
            columns = [self._column[each] for each in ranked.ids.tolist()]
            scores[row, columns] = ranked.units / SCORE_UNITS
        return scores
