"""Probabilities of links, fitted on labelled phrases: those that are no label, and those that are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from app.domain.enums import ConceptKind, LinkMethod
from app.matching.candidates import Candidates
from app.matching.fusion import ExactModel, FusionModel
from app.matching.labels import LabelTable
from app.matching.link import Link, LinkConfig, Linker
from app.matching.metrics import auc, calibration, chance_gap
from benchmarks.fit_samples import Labelled

MOST = 400
NIL_SUFFIX, SPAN_SUFFIX = "_nil_val", "_span_val"


def calibrated(model: FusionModel, sets: Sequence[Labelled], measured: Sequence[Measured]) -> FusionModel:
    """Fit probabilities on what ``measure`` gave of each set."""

    def fit(rows: Sequence[int]) -> LogisticRegression:
        inputs = np.vstack([measured[row].inputs for row in rows])
        right = np.concatenate([measured[row].is_right for row in rows])
        # A set of thousands must not drown those of a hundred.
        weight = [np.full(n, min(1.0, MOST / n)) for n in (len(measured[row].is_right) for row in rows)]
        return LogisticRegression(C=1e3).fit(inputs, right, sample_weight=np.concatenate(weight))

    everything = range(len(sets))
    if fit(everything).coef_[0][1] > 0:
        # That strange words make a link surer says something of the sets, not of links.
        for each in measured:
            each.inputs[:, 1] = 0.0
    fitted = fit(everything)
    stems = [each.name.replace(NIL_SUFFIX, "").replace(SPAN_SUFFIX, "") for each in sets]
    for stem in sorted(set(stems)):
        rows = [row for row in everything if stems[row] == stem]
        others = [row for row in everything if stems[row] != stem]
        for said, model_of in (("all", fitted), ("the others", fit(others) if others else None)):
            if model_of is not None:
                print(f"#   {stem}, fitted on {said}: {_fit_of(model_of, [measured[row] for row in rows])}")
    _print_thresholds(fitted, measured)
    slope, unseen, transversal = fitted.coef_[0]
    return replace(
        model,
        intercept=round(float(fitted.intercept_[0]), 3),
        slope=round(float(slope), 4),
        unseen_slope=round(float(unseen), 3),
        transversal_slope=round(float(transversal), 3),
    )


def _fit_of(fitted: LogisticRegression, measured: Sequence[Measured]) -> str:
    """How probabilities fit phrases: gap, what chance alone would show, and telling links from none."""
    score = fitted.predict_proba(np.vstack([each.inputs for each in measured]))[:, 1]
    right = np.concatenate([each.is_right for each in measured])
    linkable = np.concatenate([each.is_linkable for each in measured])
    chance = chance_gap(score)
    return (
        f"{len(score)} phrases, right {right.mean():.3f}, mean probability {score.mean():.3f}, "
        f"weighted gap {calibration(score, right).weighted_gap:.3f} "
        f"(by chance {chance.value:.3f}, up to {chance.high:.3f}), "
        f"AUC right {auc(score[right], score[~right]):.3f}, "
        f"linkable {auc(score[linkable], score[~linkable]):.3f}"
    )


def _print_thresholds(fitted: LogisticRegression, measured: Sequence[Measured]) -> None:
    """Say of each threshold how many links taken are right, and how many right ones are taken."""
    score = fitted.predict_proba(np.vstack([each.inputs for each in measured]))[:, 1]
    right = np.concatenate([each.is_right for each in measured])
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        taken = score >= threshold
        precision, recall = right[taken].mean(), taken[right].mean()
        f1 = 2 * precision * recall / (precision + recall)
        print(f"#   from {threshold}: precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}")


def exact_model(kind: ConceptKind, labels: LabelTable, sets: Sequence[Labelled]) -> ExactModel:
    """Count how often phrases that are labels mean the concept they name.

    Where some concepts have equal claim to a phrase each may have its share of the rate. One right
    and one wrong phrase are added to each count (Laplace), as some are of a few phrases.
    """
    linker = Linker(labels, LinkConfig(min_score=0.0), kind=kind)
    counted = {field.name: [0.0, 0.0] for field in fields(ExactModel)}
    for each in sets:
        for phrase, gold in zip(each.phrases, each.gold, strict=True):
            links = linker.exact(phrase, each.lang)
            if links:
                count = counted[_claim(labels, phrase, each.lang, links[0])]
                count[0] += links[0][0] in gold
                count[1] += 1.0 / sum(score == links[0][1] for _, score, _ in links)
    print(f"#   exact labels, right of how many: {counted}")
    return ExactModel(
        **{name: round((right + 1) / (shares + 2), 2) for name, (right, shares) in counted.items()}
    )


def _claim(labels: LabelTable, phrase: str, lang: str, link: Link) -> str:
    concept, _, method = link
    langs = {labels.langs[row] for row in labels.lang_row[_rows(labels, phrase, concept)].tolist()}
    if lang not in labels.langs or lang in langs:
        return "preferred" if method is LinkMethod.EXACT_PREFERRED else "alternative"
    return "alternative" if "en" in langs else "foreign"


def _rows(labels: LabelTable, phrase: str, concept: int) -> NDArray[np.int64]:
    return np.flatnonzero((labels.text_row == labels.texts.index(phrase)) & (labels.concept_row == concept))


class Measured(NamedTuple):
    """What the calibration is fitted on: phrases that are no label.

    Attributes
    ----------
    inputs : ndarray of shape (n_phrases, 3), float64
        Best utility, share of unseen words, and whether the best concept is transversal.
    is_right, is_linkable : ndarray of shape (n_phrases,), bool
        Whether the best concept is right, and whether any would be.
    """

    inputs: NDArray[np.float64]
    is_right: NDArray[np.bool_]
    is_linkable: NDArray[np.bool_]


def measure(
    each: Labelled,
    labels: LabelTable,
    found: Candidates,
    utility: NDArray[np.float64],
    unseen: NDArray[np.float64],
    is_transversal: NDArray[np.float64],
) -> Measured:
    """What the calibration takes of a set, given its candidates and what is known of each."""
    best = utility.argmax(axis=1)
    rows = np.arange(len(best))
    right = np.array([int(found.concept_row[row, best[row]]) in each.gold[row] for row in rows])
    top = np.where(np.isfinite(utility[rows, best]), utility[rows, best], 0.0)
    known = set(labels.texts)
    asked = np.array([phrase not in known for phrase in each.phrases])
    linkable = np.array([bool(gold) for gold in each.gold])
    inputs = np.column_stack([top, unseen, is_transversal[rows, best]])
    return Measured(inputs[asked], (right & np.isfinite(utility[rows, best]))[asked], linkable[asked])
