"""Measuring rankings on invented sets, on the small taxonomy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from app.domain.ranking_sets import PoolMode, RankingSet, RankingText
from app.errors import InvalidInput
from app.services.judged_records import candidates_of, vacancies_of
from app.services.rank_evaluation import evaluate_rankings, figures_of
from app.services.rank_evaluation_systems import (
    RANK_SYSTEMS,
    check_rank_systems,
    scores_of,
)
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index
from tests.unit.services.small_taxonomy import small_taxonomy

WELDERS = [f"w{n}" for n in range(3)]
BAKERS = [f"b{n}" for n in range(3)]


def invented_set(mode: PoolMode = PoolMode.JUDGED) -> RankingSet:
    docs = [
        *(
            RankingText(each, f"Welder. MIG welding and blueprint reading{' today' * n}", "en", "metal")
            for n, each in enumerate(WELDERS)
        ),
        *(
            RankingText(each, f"Baker of bread and cake in town{' today' * n}", "fr", "food")
            for n, each in enumerate(BAKERS)
        ),
    ]
    queries = [RankingText(f"q{n}", "MIG welder\nBlueprint reading is needed.", "en") for n in range(4)]
    queries += [RankingText(f"p{n}", "Baker of bread\nCake for the town.", "fr") for n in range(3)]
    gains = {
        query.id: {each.id: float((each.id in WELDERS) == query.id.startswith("q")) for each in docs}
        for query in queries
    }
    return RankingSet("mine", mode, 1.0, tuple(queries), tuple(docs), gains)


@pytest.fixture(scope="module")
def index() -> TaxonomyIndex:
    return build_taxonomy_index(small_taxonomy())


def measure(index: TaxonomyIndex, judged: RankingSet, systems: Sequence[str] = RANK_SYSTEMS):
    return evaluate_rankings(index.taxonomy, index, [judged], systems)


def test_a_set_that_words_decide_is_ranked_right(index: TaxonomyIndex):
    report = measure(index, invented_set())
    rows = {row.system: row for row in report.rows if row.group == "all"}
    assert tuple(rows) == RANK_SYSTEMS
    for system in ("ours", "tfidf", "bm25"):
        assert rows[system].figures["MAP"].value == 1.0
        assert rows[system].figures["nDCG@10"].value == 1.0
    assert rows["random"].figures["MAP"].value < 0.9
    assert rows["ours"].behind == {}
    assert rows["random"].behind["MAP"].difference.low > 0
    assert rows["random"].behind["MAP"].p_value < 0.05
    assert (rows["ours"].n_queries, rows["ours"].n_pairs) == (7, 42)


def test_languages_and_sectors_are_shown_apart(index: TaxonomyIndex):
    report = measure(index, invented_set(), ["ours"])
    assert [(row.group, row.value, row.n_queries) for row in report.rows] == [
        ("all", "all", 7),
        ("lang", "en", 4),
        ("lang", "fr", 3),
        ("sector", "food", 3),
        ("sector", "metal", 4),
    ]


def test_the_full_mode_ranks_all_and_takes_the_unjudged_for_unsuitable(index: TaxonomyIndex):
    judged = invented_set(PoolMode.FULL)
    only_good = {
        query: {each: gain for each, gain in of.items() if gain} for query, of in judged.gains.items()
    }
    report = measure(index, replace(judged, gains=only_good), ["ours"])
    assert report.rows[0].n_pairs == 42
    assert report.rows[0].pair_auc.value == 1.0
    report = measure(index, replace(judged, gains=only_good, mode=PoolMode.JUDGED), ["ours"])
    assert report.rows[0].n_pairs == 21
    assert math.isnan(report.rows[0].pair_auc.value)


def test_the_pull_of_length_is_told_beside_that_of_the_judgements(index: TaxonomyIndex):
    report = measure(index, invented_set(), ["ours", "longest"])
    told = {row.system: row.tau.value for row in report.lengths}
    assert told["longest"] == pytest.approx(1.0)
    assert set(told) == {"judgements", "ours", "longest"}


def test_the_same_seed_gives_the_same_report(index: TaxonomyIndex):
    assert measure(index, invented_set()) == measure(index, invented_set())


def test_figures_of_one_vacancy():
    found = figures_of(np.array([0.9, 0.1]), np.array([0.0, 2.0]), relevant_gain=2.0)
    ndcg = 1 / math.log2(3)
    assert found == pytest.approx({"nDCG@5": ndcg, "nDCG@10": ndcg, "MAP": 0.5, "AUC": 0.0, "MRR": 0.5})


def test_records_come_from_the_texts():
    judged = invented_set()
    vacancy, candidate = vacancies_of(judged)[0], candidates_of(judged)[0]
    assert (vacancy.title, vacancy.description) == ("MIG welder", "Blueprint reading is needed.")
    assert (candidate.id, candidate.text) == ("w0", "Welder. MIG welding and blueprint reading")


def test_random_orders_are_many_and_seeded(index: TaxonomyIndex):
    first, second = (scores_of("random", invented_set(), index, seed=5) for _ in range(2))
    assert len(first) == 20
    assert all(np.array_equal(*pair) for pair in zip(first, second, strict=True))


def test_systems_are_checked_and_ours_comes_first():
    assert check_rank_systems([]) == RANK_SYSTEMS
    assert check_rank_systems(["bm25", "ours", "bm25"]) == ("ours", "bm25")
    with pytest.raises(InvalidInput, match="no system best"):
        check_rank_systems(["best"])
