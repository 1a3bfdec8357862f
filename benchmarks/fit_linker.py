"""The recipe for the numbers in ``app/matching/fusion_models.py``: ``python -m benchmarks.fit_linker``.

Weights of the signals are fitted on labels of the release itself (one alternative label in
sixteen is kept from the latent space and from the search, as it is and reworded: a word more, a
word less, a slip, another order; its own concept has to come first), on labels with one or two
errors of typing, and on labelled development phrases, every set weighing the same: real phrases are further
from labels than labels from each other. The calibration is fitted on the development phrases
alone, without those that are labels: such get no probability from it. What each set would get from
weights and probabilities that never saw it is printed beside.
"""

from __future__ import annotations

import argparse
import gzip
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from app.cli.sources import open_taxonomy
from app.domain.enums import ConceptKind
from app.matching.candidates import FEATURES, Candidates, EncodedPhrases, unseen_share
from app.matching.compiled import Search
from app.matching.fusion import FusionModel, utilities
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import PREFERRED, LabelTable
from app.matching.latent import LatentConfig
from app.matching.latent_space import learn_latent_space
from app.matching.metrics import auc, calibration, chance_gap
from app.matching.perturbations import with_typos
from app.matching.text import canonical
from app.matching.titles import title_forms
from app.services.taxonomy_index import ConceptTable

_ALWAYS = ("words", "same_words", "spelling", "closeness", "is_preferred", "is_foreign")
LATENT = (*_ALWAYS, "latent_concept", "latent_label")
LEXICAL = (*_ALWAYS, "phrase_covered", "sorted_spelling")
RIDGE = 3e-3
N_REWORDED = 3000
HELD_OUT = 16
MOST = 400
NIL_SUFFIX, SPAN_SUFFIX = "_nil_val", "_span_val"

SearchOf = Callable[[LabelIndex], Callable[[Sequence[str], Sequence[int]], tuple[EncodedPhrases, Candidates]]]
"""Makes the search of an index."""


@dataclass(frozen=True)
class Labelled:
    """Phrases whose concepts people named; none where the phrase names no concept."""

    name: str
    phrases: list[str]
    lang: str
    gold: list[set[int]]


def is_held_out(labels: LabelTable, index: LabelIndex) -> NDArray[np.bool_]:
    """One alternative label in sixteen, by its text, so that every run holds out the same."""
    chosen = np.array([zlib.crc32(text.encode()) % HELD_OUT == 0 for text in labels.texts])
    return chosen[index.entry_text] & (index.entry_kind != PREFERRED)


def without(index: LabelIndex, held_out: NDArray[np.bool_]) -> LabelIndex:
    """The index with the words of held-out entries weighing nothing."""
    impact = index.posting_impact.copy()
    impact[held_out[index.posting_entry]] = 0
    return replace(index, posting_impact=impact)


def reword(rng: np.random.Generator, text: str, words: Sequence[str]) -> str:
    """Say a label a little otherwise."""
    said = text.split()
    how = rng.random()
    if how < 0.25:
        said.insert(int(rng.integers(0, len(said) + 1)), words[rng.integers(0, len(words))])
    elif how < 0.5 and len(said) > 2:
        del said[int(rng.integers(0, len(said)))]
    elif how < 0.6:
        longest = max(range(len(said)), key=lambda row: len(said[row]))
        letters = list(said[longest])
        if len(letters) > 4:
            at = int(rng.integers(0, len(letters) - 1))
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
            said[longest] = "".join(letters)
    elif how < 0.7:
        rng.shuffle(said)
    elif how > 0.85:
        for _ in range(2):
            said.insert(int(rng.integers(0, len(said) + 1)), words[rng.integers(0, len(words))])
    return " ".join(said)


def held_out_labels(
    labels: LabelTable,
    index: LabelIndex,
    held_out: NDArray[np.bool_],
    *,
    is_reworded: bool,
    search: SearchOf = Search,
) -> tuple[Candidates, list[set[int]]]:
    """Candidates of held-out labels, reworded or as they are, and the concepts they name."""
    rng = np.random.default_rng(3)
    table = index.words
    frequent = [w for w, rarity in zip(table.words, table.rarity.tolist(), strict=True) if rarity < 6 * 64]
    rows = np.flatnonzero(held_out)
    chosen = rng.choice(rows, min(N_REWORDED, len(rows)), replace=False)
    named = _named(index)
    texts = index.entry_text[chosen].tolist()
    langs = index.entry_langs[chosen]
    phrases = [
        reword(rng, labels.texts[text], frequent) if is_reworded else labels.texts[text] for text in texts
    ]
    _, found = search(without(index, held_out))(phrases, (langs & -langs).tolist())
    return found, [named[text] for text in texts]


def _named(index: LabelIndex) -> dict[int, set[int]]:
    """The concepts that each text names."""
    named: dict[int, set[int]] = {}
    for text, concept in zip(index.entry_text.tolist(), index.entry_concept.tolist(), strict=True):
        named.setdefault(text, set()).add(concept)
    return named


def typed(
    labels: LabelTable, index: LabelIndex, held_out: NDArray[np.bool_], search: SearchOf = Search
) -> tuple[Candidates, list[set[int]]]:
    """Candidates of labels with one or two errors of typing, and the concepts they name."""
    random = Random(5)
    named = _named(index)
    known = set(labels.texts)
    phrases, bits, gold = [], [], []
    rows = np.flatnonzero(~held_out).tolist()
    for position, entry in enumerate(random.sample(rows, min(N_REWORDED, len(rows)))):
        text = int(index.entry_text[entry])
        changed = with_typos(labels.texts[text], 1 + position % 2, random)
        if changed is not None and changed not in known:
            langs = int(index.entry_langs[entry])
            phrases.append(changed)
            bits.append(langs & -langs)
            gold.append(named[text])
    return search(without(index, held_out))(phrases, bits)[1], gold


class Sample(NamedTuple):
    """Candidates of some phrases: their signals, which places are filled, and which are right."""

    name: str
    features: NDArray[np.float64]
    is_there: NDArray[np.bool_]
    is_right: NDArray[np.bool_]


def make_sample(name: str, found: Candidates, gold: Sequence[set[int]]) -> Sample:
    """Lay out what a search found beside what it should have found."""
    is_there = np.arange(found.concept_row.shape[1])[None, :] < found.n_found[:, None]
    named = [[c in right for c in row] for row, right in zip(found.concept_row.tolist(), gold, strict=True)]
    return Sample(name, found.features, is_there, is_there & np.array(named))


def fit_weights(
    samples: Sequence[Sample], signals: Sequence[str], columns_of: Sequence[str] = FEATURES
) -> dict[str, float]:
    """Weights that make the right concept likeliest among the candidates (conditional logit, ridge)."""
    columns = [columns_of.index(name) for name in signals]
    kept = [
        (each.features[rows][:, :, columns], each.is_there[rows], each.is_right[rows])
        for each in samples
        for rows in [each.is_right.any(axis=1)]
    ]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = RIDGE * weights @ weights, 2 * RIDGE * weights
        for features, is_there, is_right in kept:
            utility = np.where(is_there, features @ weights, -1e9)
            share = np.exp(utility - utility.max(axis=1, keepdims=True))
            share /= share.sum(axis=1, keepdims=True)
            right = np.maximum((share * is_right).sum(axis=1), 1e-12)
            wanted = share * is_right / right[:, None]
            total -= np.log(right).mean()
            slope = slope + np.einsum("pc,pcf->f", share - wanted, features) / len(features)
        return float(total), slope

    bounds = [(None, 0.0) if name == "is_foreign" else (0.0, None) for name in signals]
    fitted = minimize(loss, np.ones(len(signals)), jac=True, method="L-BFGS-B", bounds=bounds).x
    return {name: round(float(weight), 2) for name, weight in zip(signals, fitted, strict=True) if weight}


def reciprocal_rank(
    sample: Sample, weights: Mapping[str, float], columns_of: Sequence[str] = FEATURES
) -> float:
    """Mean reciprocal rank of the right concepts among the candidates."""
    by_column = np.array([weights.get(name, 0.0) for name in columns_of])
    utility = np.where(sample.is_there, np.round(sample.features @ by_column, 9), -np.inf)
    ordered = np.take_along_axis(sample.is_right, np.argsort(-utility, axis=1, kind="stable"), axis=1)
    return float(np.where(ordered.any(axis=1), 1.0 / (1.0 + ordered.argmax(axis=1)), 0.0).mean())


def read_labelled(folder: Path, table: ConceptTable, kind: ConceptKind) -> list[Labelled]:
    """Development phrases of a folder with a ``registry.json``, of one kind."""
    registry = json.loads((folder / "registry.json").read_text("utf-8"))
    sets = []
    for name, entry in sorted(registry.items()):
        if entry["kind"] != kind or entry.get("mode") == "sentence":
            continue
        path = folder / f"{entry['file']}.gz"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        phrases = [
            canonical(title_forms(row["text"])[0] if kind == ConceptKind.OCCUPATION else row["text"])
            for row in rows
        ]
        gold = [{table.row_of[uri] for uri in row["gold"] if uri in table.row_of} for row in rows]
        sets.append(Labelled(name, phrases, entry["lang"], gold))
    return sets


def fit_calibration(
    model: FusionModel, index: LabelIndex, labels: LabelTable, sets: Sequence[Labelled]
) -> FusionModel:
    """Fit probabilities on labelled phrases; tells how each pair of sets fits the others."""
    return calibrated(model, sets, [_measure(model, index, labels, each) for each in sets])


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
    slope, unseen = fitted.coef_[0]
    return replace(
        model,
        intercept=round(float(fitted.intercept_[0]), 3),
        slope=round(float(slope), 4),
        unseen_slope=round(float(unseen), 3),
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


class Measured(NamedTuple):
    """What the calibration is fitted on: phrases that are no label.

    Attributes
    ----------
    inputs : ndarray of shape (n_phrases, 2), float64
        Best utility, and share of unseen words.
    is_right, is_linkable : ndarray of shape (n_phrases,), bool
        Whether the best concept is right, and whether any would be.
    """

    inputs: NDArray[np.float64]
    is_right: NDArray[np.bool_]
    is_linkable: NDArray[np.bool_]


def _measure(model: FusionModel, index: LabelIndex, labels: LabelTable, each: Labelled) -> Measured:
    encoded, found = search_set(each, labels, index)
    return measure(each, labels, found, utilities(model, found), unseen_share(encoded))


def measure(
    each: Labelled,
    labels: LabelTable,
    found: Candidates,
    utility: NDArray[np.float64],
    unseen: NDArray[np.float64],
) -> Measured:
    """What the calibration takes of a set, given its candidates and their utilities."""
    best = utility.argmax(axis=1)
    rows = np.arange(len(best))
    right = np.array([int(found.concept_row[row, best[row]]) in each.gold[row] for row in rows])
    top = np.where(np.isfinite(utility[rows, best]), utility[rows, best], 0.0)
    known = set(labels.texts)
    asked = np.array([phrase not in known for phrase in each.phrases])
    linkable = np.array([bool(gold) for gold in each.gold])
    inputs = np.column_stack([top, unseen])
    return Measured(inputs[asked], (right & np.isfinite(utility[rows, best]))[asked], linkable[asked])


def search_set(
    each: Labelled, labels: LabelTable, index: LabelIndex, search: SearchOf = Search
) -> tuple[EncodedPhrases, Candidates]:
    """Search for the phrases of a set."""
    bit = 1 << labels.langs.index(each.lang) if each.lang in labels.langs else 0
    return search(index)(each.phrases, [bit] * len(each.phrases))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_linker", description=__doc__)
    parser.add_argument("--taxonomy", required=True, help="a whole release with all its languages")
    parser.add_argument(
        "--judged", type=Path, required=True, help="folder of labelled phrases with a registry.json"
    )
    options = parser.parse_args()
    taxonomy = open_taxonomy([options.taxonomy])
    tables = {kind: ConceptTable(taxonomy, kind) for kind in (ConceptKind.SKILL, ConceptKind.OCCUPATION)}
    whole: dict[ConceptKind, LabelIndex] = {}
    held: dict[ConceptKind, tuple[LabelTable, LabelIndex, NDArray[np.bool_]]] = {}
    for kind, table in tables.items():
        labels = table.label_table()
        index = build_label_index(labels)
        held_out = is_held_out(labels, index)
        latent = learn_latent_space(index, table.contexts(), LatentConfig(), is_used=~held_out)
        held[kind] = labels, index.with_latent(latent), held_out
        whole[kind] = index.with_latent(learn_latent_space(index, table.contexts(), LatentConfig()))
    for has_latent, signals in ((True, LATENT), (False, LEXICAL)):
        indexes = {
            kind: (labels, index if has_latent else index.with_latent(None), held_out)
            for kind, (labels, index, held_out) in held.items()
        }
        sets = {kind: read_labelled(options.judged, tables[kind], kind) for kind in tables}
        own = [
            make_sample(f"held out {kind}", *held_out_labels(*each, is_reworded=is_reworded))
            for kind, each in indexes.items()
            for is_reworded in (False, True)
        ]
        own += [make_sample(f"typed {kind}", *typed(*each)) for kind, each in indexes.items()]
        judged = [
            make_sample(each.name, search_set(each, indexes[kind][0], indexes[kind][1])[1], each.gold)
            for kind, labelled in sets.items()
            for each in labelled
            if any(each.gold)
        ]
        weights = fit_weights([*own, *judged], signals)
        print(f"_{'LATENT' if has_latent else 'LEXICAL'} = {weights}")
        for each in judged:
            blind = fit_weights([*own, *(other for other in judged if other is not each)], signals)
            print(
                f"#   {each.name}: MRR {reciprocal_rank(each, weights):.3f}, "
                f"with weights that never saw it {reciprocal_rank(each, blind):.3f}",
                flush=True,
            )
        for kind, (labels, _, _) in indexes.items():
            full = whole[kind] if has_latent else whole[kind].with_latent(None)
            model = fit_calibration(FusionModel(weights, 0.0, 1.0, 0.0), full, labels, sets[kind])
            print(
                f"({kind}, {has_latent}): {model.intercept}, {model.slope}, {model.unseen_slope}", flush=True
            )


if __name__ == "__main__":
    main()
