"""The recipe for ``app/matching/semantic_models.py``: ``python -m benchmarks.fit_semantic``.

That of ``fit_linker`` with the semantic channel on: the same samples and sets, wider signals.
Only what is in the model's language is fitted on, since nothing else is searched for in
this way. Embeddings of held-out labels are kept from the search too. What each set would get from
weights that never saw it is printed beside.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from app.cli.sources import open_taxonomy
from app.domain.enums import ConceptKind
from app.matching.candidates import unseen_share
from app.matching.fusion import FusionModel, utilities
from app.matching.fusion_models import model_for
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import LabelTable
from app.matching.latent import LatentConfig
from app.matching.latent_space import learn_latent_space
from app.matching.semantic import LANG, SEMANTIC_FEATURES, SemanticChannel, SemanticSearch
from app.services.semantic_spaces import SemanticStore
from app.services.sentence_models import named_sentence_model
from app.services.taxonomy_index import ConceptTable
from benchmarks.fit_linker import (
    LATENT,
    LEXICAL,
    Labelled,
    Sample,
    SearchOf,
    calibrated,
    fit_weights,
    held_out_labels,
    is_held_out,
    make_sample,
    measure,
    read_labelled,
    reciprocal_rank,
    search_set,
    typed,
    without,
)

SEMANTIC = ("semantic_label", "semantic_concept")


class Kind(NamedTuple):
    """Everything of one kind of concept that is fitted on; the index is without a latent space."""

    labels: LabelTable
    held_out: NDArray[np.bool_]
    is_read: NDArray[np.bool_]
    held: LabelIndex
    whole: LabelIndex
    sets: list[Labelled]
    held_channel: SemanticChannel
    channel: SemanticChannel

    def without_latent(self) -> Kind:
        """The same by words alone."""
        return self._replace(held=self.held.with_latent(None), whole=self.whole.with_latent(None))


def prepare(table: ConceptTable, judged: Path, store: SemanticStore) -> Kind:
    """Learn and embed, once with the held-out labels and once without."""
    labels = table.label_table()
    index = build_label_index(labels)
    is_read = (index.entry_langs & (1 << labels.langs.index(LANG))) != 0
    held_out = is_held_out(labels, index)
    held = learn_latent_space(index, table.contexts(), LatentConfig(), is_used=~held_out)
    whole = learn_latent_space(index, table.contexts(), LatentConfig())
    is_kept = np.ones(len(labels.texts), dtype=bool)
    is_kept[index.entry_text[held_out]] = False
    held_channel = store.embed_table(table, is_kept)
    vector_row = np.where(is_kept, held_channel.space.vector_row, -1).astype(np.int32)
    return Kind(
        labels,
        held_out,
        is_read,
        index.with_latent(held),
        index.with_latent(whole),
        [each for each in read_labelled(judged, table, table.kind) if each.lang == LANG],
        held_channel._replace(space=replace(held_channel.space, vector_row=vector_row)),
        store.embed_table(table),
    )


def _searching(channel: SemanticChannel) -> SearchOf:
    return lambda index: SemanticSearch(index, channel)


def fit(kinds: dict[ConceptKind, Kind], signals: Sequence[str]) -> dict[str, float]:
    """Fit the weights, and print them with what each set gets from weights that never saw it."""
    own: list[Sample] = []
    judged: list[Sample] = []
    for name, kind in kinds.items():
        search = _searching(kind.held_channel)
        index = without(kind.held, kind.held_out)
        for is_reworded in (False, True):
            found, gold = held_out_labels(
                kind.labels, index, kind.held_out & kind.is_read, is_reworded=is_reworded, search=search
            )
            own.append(make_sample(f"held out {name}", found, gold))
        # Labels that the model does not read are left out by calling them held out.
        found, gold = typed(kind.labels, kind.held, kind.held_out | ~kind.is_read, search)
        own.append(make_sample(f"typed {name}", found, gold))
        for each in kind.sets:
            if any(each.gold):
                _, found = search_set(each, kind.labels, kind.held, _searching(kind.channel))
                judged.append(make_sample(each.name, found, each.gold))
    weights = fit_weights([*own, *judged], signals, SEMANTIC_FEATURES)
    print(weights)
    for sample in judged:
        others = [other for other in judged if other is not sample]
        blind = fit_weights([*own, *others], signals, SEMANTIC_FEATURES)
        print(
            f"#   {sample.name}: MRR {reciprocal_rank(sample, weights, SEMANTIC_FEATURES):.3f}, "
            f"with weights that never saw it {reciprocal_rank(sample, blind, SEMANTIC_FEATURES):.3f}",
            flush=True,
        )
    return weights


def calibrate(name: ConceptKind, kind: Kind, weights: dict[str, float]) -> FusionModel:
    """Probabilities of one kind, with all labels in the search.

    Fitted where English sets have phrases that name no concept. Where they have none, all there is
    are noisy tags, and the fit without the channel, which has sets in other languages too, is
    carried over: as wide a spread of the same phrases' scores, and their mean plus what is gained.
    """
    plain = model_for(name, has_latent=kind.whole.latent is not None)
    model = FusionModel(weights, 0.0, 1.0, 0.0)
    before, measured = [], []
    for each in kind.sets:
        encoded, found = search_set(each, kind.labels, kind.whole)
        before.append(measure(each, kind.labels, found, utilities(plain, found), unseen_share(encoded)))
        encoded, found = search_set(each, kind.labels, kind.whole, _searching(kind.channel))
        measured.append(
            measure(
                each, kind.labels, found, utilities(model, found, SEMANTIC_FEATURES), unseen_share(encoded)
            )
        )
    fitted = calibrated(model, kind.sets, measured)
    if not all(each.is_linkable.all() for each in measured):
        return fitted
    spread = [
        float(np.concatenate([each.inputs[:, 0] for each in sets]).std()) for sets in (before, measured)
    ]
    slope = round(plain.slope * spread[0] / spread[1], 4)
    gained = _mean([each.is_right for each in measured]) - _mean([each.is_right for each in before])
    wanted = _mean([_probability(plain, each.inputs) for each in before]) + gained
    carried = replace(model, slope=slope, unseen_slope=plain.unseen_slope)

    def miss(intercept: float) -> float:
        moved = replace(carried, intercept=intercept)
        return _mean([_probability(moved, each.inputs) for each in measured]) - wanted

    return replace(carried, intercept=round(float(brentq(miss, -30.0, 30.0)), 3))


def _probability(model: FusionModel, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    value = model.intercept + model.slope * inputs[:, 0] + model.unseen_slope * inputs[:, 1]
    return np.asarray(1.0 / (1.0 + np.exp(-value)))


def _mean(sets: Sequence[NDArray[np.float64] | NDArray[np.bool_]]) -> float:
    """Mean over sets of their means: each weighs the same."""
    return float(np.mean([each.mean() for each in sets]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_semantic", description=__doc__)
    parser.add_argument("--taxonomy", required=True, help="a whole release with all its languages")
    parser.add_argument("--judged", type=Path, required=True, help="as for benchmarks.fit_linker")
    parser.add_argument("--model", default="package", help="folder of a sentence model, or package")
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps embeddings")
    options = parser.parse_args()
    taxonomy = open_taxonomy([options.taxonomy])
    store = SemanticStore(named_sentence_model(options.model), options.cache)
    kinds = {
        kind: prepare(ConceptTable(taxonomy, kind), options.judged, store)
        for kind in (ConceptKind.SKILL, ConceptKind.OCCUPATION)
    }
    for has_latent, signals in ((True, LATENT), (False, LEXICAL)):
        given = kinds if has_latent else {name: kind.without_latent() for name, kind in kinds.items()}
        weights = fit(given, (*signals, *SEMANTIC))
        for name, kind in given.items():
            model = calibrate(name, kind, weights)
            print(
                f"({name}, {has_latent}): {model.intercept}, {model.slope}, {model.unseen_slope}", flush=True
            )


if __name__ == "__main__":
    main()
