"""The recipe for the numbers in ``app/matching/fusion_models.py``: ``python -m benchmarks.fit_linker``.

Weights of the signals are fitted on labels of the release itself: one alternative label in
sixteen is kept from the latent space and from the search, reworded (a word more, a word less,
a slip, another order), and its own concept has to come first. The calibration is fitted on
labelled development phrases, as real phrases are further from labels than labels from each other.
"""

from __future__ import annotations

import argparse
import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from app.cli.sources import open_taxonomy
from app.domain.enums import ConceptKind
from app.matching.candidates import FEATURES, Candidates, encode_phrases, unseen_share
from app.matching.compiled import search_of
from app.matching.fusion import FusionModel, utilities
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import PREFERRED, LabelTable
from app.matching.latent import LatentConfig
from app.matching.latent_space import learn_latent_space
from app.matching.text import canonical
from app.matching.titles import title_forms
from app.services.taxonomy_index import ConceptTable

LATENT = ("words", "latent_concept", "latent_label", "spelling", "is_preferred", "is_foreign")
LEXICAL = ("words", "phrase_covered", "spelling", "sorted_spelling", "is_preferred", "is_foreign")
RIDGE = 1e-3
N_REWORDED = 3000
HELD_OUT = 16
NIL_SUFFIX, SPAN_SUFFIX = "_nil_val", "_span_val"


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


def reworded(
    labels: LabelTable, index: LabelIndex, held_out: NDArray[np.bool_]
) -> tuple[Candidates, list[set[int]]]:
    """Candidates of reworded held-out labels, and the concepts they name."""
    rng = np.random.default_rng(3)
    table = index.words
    frequent = [w for w, rarity in zip(table.words, table.rarity.tolist(), strict=True) if rarity < 6 * 64]
    rows = np.flatnonzero(held_out)
    chosen = rng.choice(rows, min(N_REWORDED, len(rows)), replace=False)
    named: dict[int, set[int]] = {}
    for text, concept in zip(index.entry_text.tolist(), index.entry_concept.tolist(), strict=True):
        named.setdefault(text, set()).add(concept)
    texts = index.entry_text[chosen].tolist()
    langs = index.entry_langs[chosen]
    encoded = encode_phrases(
        index, [reword(rng, labels.texts[text], frequent) for text in texts], (langs & -langs).tolist()
    )
    return search_of(without(index, held_out))(encoded), [named[text] for text in texts]


def fit_weights(
    samples: Sequence[tuple[Candidates, list[set[int]]]], signals: Sequence[str]
) -> dict[str, float]:
    """Weights that make the right concept likeliest among the candidates (conditional logit, ridge)."""
    columns = [FEATURES.index(name) for name in signals]
    features = np.concatenate([found.features[:, :, columns] for found, _ in samples])
    n_found = np.concatenate([found.n_found for found, _ in samples])
    concepts = np.concatenate([found.concept_row for found, _ in samples])
    gold = [named for _, named_of in samples for named in named_of]
    is_there = np.arange(features.shape[1])[None, :] < n_found[:, None]
    is_right = is_there & np.array(
        [[c in named for c in row] for row, named in zip(concepts.tolist(), gold, strict=True)]
    )
    kept = is_right.any(axis=1)
    features, is_there, is_right = features[kept], is_there[kept], is_right[kept]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        utility = np.where(is_there, features @ weights, -1e9)
        share = np.exp(utility - utility.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        right = (share * is_right).sum(axis=1)
        wanted = share * is_right / np.maximum(right, 1e-12)[:, None]
        slope = np.einsum("pc,pcf->f", share - wanted, features) / len(features)
        return (
            float(-np.log(np.maximum(right, 1e-12)).mean() + RIDGE * weights @ weights),
            slope + 2 * RIDGE * weights,
        )

    bounds = [(None, 0.0) if name == "is_foreign" else (0.0, None) for name in signals]
    fitted = minimize(loss, np.ones(len(signals)), jac=True, method="L-BFGS-B", bounds=bounds).x
    return {name: round(float(weight), 2) for name, weight in zip(signals, fitted, strict=True) if weight}


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
    """Fit probabilities on labelled phrases, every set weighing the same; tells how each fits the rest."""
    measured = [_measure(model, index, labels, each) for each in sets]

    def fit(rows: Sequence[int]) -> LogisticRegression:
        inputs = np.vstack([measured[row][0] for row in rows])
        right = np.concatenate([measured[row][1] for row in rows])
        weight = np.concatenate([np.full(len(measured[row][1]), 1.0 / len(measured[row][1])) for row in rows])
        return LogisticRegression(C=1e3).fit(inputs, right, sample_weight=weight * len(right) / weight.sum())

    for row, each in enumerate(sets):
        stem = each.name.replace(NIL_SUFFIX, "").replace(SPAN_SUFFIX, "")
        others = [other for other in range(len(sets)) if stem not in sets[other].name]
        inputs, right = measured[row]
        first = np.mean([right.mean()])
        said = fit(others).predict_proba(inputs)[:, 1].mean() if others else float("nan")
        print(f"#   {each.name}: right {first:.3f}; mean probability fitted on the others {said:.3f}")
    everything = range(len(sets))
    fitted = fit(everything)
    if fitted.coef_[0][1] > 0:
        # That strange words make a link surer says something of the sets, not of links.
        for inputs, _ in measured:
            inputs[:, 1] = 0.0
        fitted = fit(everything)
    slope, unseen = fitted.coef_[0]
    return replace(
        model,
        intercept=round(float(fitted.intercept_[0]), 3),
        slope=round(float(slope), 4),
        unseen_slope=round(float(unseen), 3),
    )


def _measure(
    model: FusionModel, index: LabelIndex, labels: LabelTable, each: Labelled
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(best utility, share of unseen words) of each phrase, and whether the best concept is right."""
    bit = 1 << labels.langs.index(each.lang) if each.lang in labels.langs else 0
    encoded = encode_phrases(index, each.phrases, [bit] * len(each.phrases))
    found = search_of(index)(encoded)
    utility = utilities(model, found)
    best = utility.argmax(axis=1)
    rows = np.arange(len(best))
    right = np.array([int(found.concept_row[row, best[row]]) in each.gold[row] for row in rows])
    top = np.where(np.isfinite(utility[rows, best]), utility[rows, best], 0.0)
    return np.column_stack([top, unseen_share(encoded)]), right


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_linker", description=__doc__)
    parser.add_argument("--taxonomy", required=True, help="a whole release with all its languages")
    parser.add_argument(
        "--judged", type=Path, required=True, help="folder of labelled phrases with a registry.json"
    )
    options = parser.parse_args()
    taxonomy = open_taxonomy([options.taxonomy])
    tables = {kind: ConceptTable(taxonomy, kind) for kind in (ConceptKind.SKILL, ConceptKind.OCCUPATION)}
    held: dict[ConceptKind, tuple[LabelTable, LabelIndex, NDArray[np.bool_]]] = {}
    for kind, table in tables.items():
        labels = table.label_table()
        index = build_label_index(labels)
        held_out = is_held_out(labels, index)
        latent = learn_latent_space(index, table.contexts(), LatentConfig(), is_used=~held_out)
        held[kind] = labels, index.with_latent(latent), held_out
    for has_latent, signals in ((True, LATENT), (False, LEXICAL)):
        searched = {
            kind: (labels, index if has_latent else index.with_latent(None), held_out)
            for kind, (labels, index, held_out) in held.items()
        }
        weights = fit_weights([reworded(*each) for each in searched.values()], signals)
        print(f"_{'LATENT' if has_latent else 'LEXICAL'} = {weights}", flush=True)
        for kind, (labels, index, _) in searched.items():
            sets = read_labelled(options.judged, tables[kind], kind)
            model = fit_calibration(FusionModel(weights, 0.0, 1.0, 0.0), index, labels, sets)
            print(
                f"({kind}, {has_latent}): {model.intercept}, {model.slope}, {model.unseen_slope}", flush=True
            )


if __name__ == "__main__":
    main()
