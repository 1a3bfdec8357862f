import numpy as np
import pytest
from rapidfuzz import fuzz
from sklearn.feature_extraction.text import TfidfVectorizer

from app.matching.baselines.lexical import (
    Bm25,
    ExactLabel,
    LexicalFusion,
    char_tfidf,
    token_set_scan,
    weighted_ratio_scan,
    word_tfidf,
)
from app.matching.baselines.ranking import build_plain_labels, rank

LABELS = [
    (0, "weld pipes"),
    (0, "Pipe Welding"),
    (2, "C++"),
    (2, "C++ programming"),
    (3, "bake bread"),
    (5, "lay pipes"),
    (5, "pipe  welding"),
]
EVERY = [ExactLabel, weighted_ratio_scan, token_set_scan, word_tfidf, char_tfidf, Bm25, LexicalFusion]


@pytest.fixture
def labels():
    return build_plain_labels(LABELS)


def test_labels_are_grouped_by_concept_and_folded(labels):
    assert labels.texts == (
        "pipe welding",
        "weld pipes",
        "c++",
        "c++ programming",
        "bake bread",
        "lay pipes",
        "pipe welding",
    )
    assert labels.first.tolist() == [0, 2, 4, 5]
    assert labels.concept_row.tolist() == [0, 2, 3, 5]


@pytest.mark.parametrize("build", EVERY, ids=lambda build: build.__name__)
def test_every_baseline_puts_an_exact_label_first(labels, build):
    ranking = rank(build(labels), ["Bake  BREAD", "C++"], 3)
    assert ranking.concept_row[:, 0].tolist() == [3, 2]


@pytest.mark.parametrize("build", EVERY, ids=lambda build: build.__name__)
def test_equal_scores_are_ordered_by_concept(labels, build):
    ranking = rank(build(labels), ["pipe welding"], 4)
    assert ranking.concept_row[0, :2].tolist() == [0, 5]
    assert ranking.score[0, 0] == ranking.score[0, 1]


@pytest.mark.parametrize("build", EVERY, ids=lambda build: build.__name__)
def test_scores_lie_between_0_and_1_and_blocks_do_not_matter(labels, build, monkeypatch):
    phrases = ["weld", "bread for pipes", "", "c++ c++ c++", "zzz"]
    whole = rank(build(labels), phrases, 4)
    assert (whole.score >= 0).all()
    assert (whole.score <= 1).all()
    monkeypatch.setattr("app.matching.baselines.ranking._CELLS_PER_BLOCK", 1)
    by_one = rank(build(labels), phrases, 4)
    assert by_one.concept_row.tolist() == whole.concept_row.tolist()
    assert by_one.score == pytest.approx(whole.score, abs=1e-5)


def test_exact_knows_nothing_but_labels(labels):
    assert rank(ExactLabel(labels), ["weld a pipe"], 2).concept_row.tolist() == [[-1, -1]]


def test_a_full_scan_scores_as_rapidfuzz_does(labels):
    phrase = "welding of pipes"
    ranking = rank(weighted_ratio_scan(labels), [phrase], 1)
    best = max(fuzz.WRatio(phrase, text) for text in labels.texts)
    assert ranking.score[0, 0] == pytest.approx(best / 100, abs=1e-5)


def test_tfidf_scores_as_scikit_learn_does(labels):
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    matrix = vectoriser.fit_transform(labels.texts)
    cosine = (vectoriser.transform(["baking bread"]) @ matrix.T).toarray()[0]
    assert char_tfidf(labels).scores(["baking bread"])[0, 2] == pytest.approx(cosine[4], abs=1e-6)


def test_bm25_by_hand():
    labels = build_plain_labels([(0, "a b"), (1, "a"), (2, "c")])
    score = Bm25(labels, k1=1.2, b=0.75).scores(["a b"])[0]
    idf_a, idf_b = np.log(1 + 1.5 / 2.5), np.log(1 + 2.5 / 1.5)
    mean_length = 4 / 3
    long = 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / mean_length))
    short = 2.2 / (1 + 1.2 * (0.25 + 0.75 * 1 / mean_length))
    assert score / score[0] == pytest.approx([1.0, idf_a * short / ((idf_a + idf_b) * long), 0.0])


def test_the_fusion_repairs_what_words_alone_miss(labels):
    assert rank(word_tfidf(labels), ["baek braed"], 1).concept_row.tolist() == [[-1]]
    assert rank(LexicalFusion(labels), ["bakn bread"], 1).concept_row.tolist() == [[3]]


def test_at_least_one_answer_is_asked_for(labels):
    with pytest.raises(ValueError, match="at least 1"):
        rank(ExactLabel(labels), ["x"], 0)


def test_no_phrase_gives_an_empty_ranking(labels):
    assert rank(ExactLabel(labels), [], 3).concept_row.shape == (0, 3)
