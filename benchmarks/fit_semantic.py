"""The recipe for ``app/matching/semantic_models.py``: ``python -m benchmarks.fit_semantic``.

That of ``fit_linker`` with the semantic channel on: the same samples and sets, wider signals.
Only what is in the model's language is fitted on, since nothing else is searched for in
this way. Embeddings of held-out labels are kept from the search too. What each set would get from
weights that never saw it is printed beside.
"""

from __future__ import annotations

import argparse
import json
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
from app.matching.fusion import FusionModel
from app.matching.fusion_models import model_for
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import LabelTable
from app.matching.latent import latent_config
from app.matching.latent_space import learn_latent_space
from app.matching.priors import PRIOR_FEATURES
from app.matching.semantic import LANG, SEMANTIC_FEATURES, SemanticChannel, SemanticSearch
from app.services.semantic_spaces import SemanticStore
from app.services.sentence_models import named_sentence_model
from app.services.taxonomy_index import ConceptTable
from benchmarks.advert_frequency import Counted
from benchmarks.fit_calibration import calibrated, measure
from benchmarks.fit_linker import (
    COLUMNS,
    LATENT,
    LEXICAL,
    PRIORS,
    fit_weights,
    print_blind,
    transversal,
    utility_of,
)
from benchmarks.fit_samples import (
    Labelled,
    PriorsOf,
    Sample,
    SearchOf,
    held_out_labels,
    is_held_out,
    make_sample,
    read_labelled,
    search_set,
    typed,
    without,
)

SEMANTIC = ("semantic_label", "semantic_concept")
WIDE_COLUMNS = (*SEMANTIC_FEATURES, *PRIOR_FEATURES)


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
    priors_of: PriorsOf

    def without_latent(self) -> Kind:
        """The same by words alone."""
        return self._replace(held=self.held.with_latent(None), whole=self.whole.with_latent(None))


def prepare(table: ConceptTable, judged: Path, store: SemanticStore, counted: Counted) -> Kind:
    """Learn and embed, once with the held-out labels and once without."""
    labels = table.label_table()
    index = build_label_index(labels)
    is_read = (index.entry_langs & (1 << labels.langs.index(LANG))) != 0
    held_out = is_held_out(labels, index)
    held = learn_latent_space(index, table.contexts(), latent_config(table.kind), is_used=~held_out)
    whole = learn_latent_space(index, table.contexts(), latent_config(table.kind))
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
        counted.columns_of(table),
    )


def _searching(channel: SemanticChannel) -> SearchOf:
    return lambda index: SemanticSearch(index, channel)


def fit(name: ConceptKind, kind: Kind, signals: Sequence[str]) -> dict[str, float]:
    """Fit the weights, and print them with what each set gets from weights that never saw it."""
    own: list[Sample] = []
    judged: list[Sample] = []
    search = _searching(kind.held_channel)
    index = without(kind.held, kind.held_out)
    for said, is_reworded in (("held out", False), ("reworded", True)):
        found, gold = held_out_labels(
            kind.labels, index, kind.held_out & kind.is_read, is_reworded=is_reworded, search=search
        )
        own.append(make_sample(said, found, gold, kind.priors_of(said, found)))
    # Labels that the model does not read are left out by calling them held out.
    found, gold = typed(kind.labels, kind.held, kind.held_out | ~kind.is_read, search)
    own.append(make_sample("typed", found, gold, kind.priors_of("typed", found)))
    for each in kind.sets:
        if any(each.gold):
            _, found = search_set(each, kind.labels, kind.held, _searching(kind.channel))
            judged.append(make_sample(each.name, found, each.gold, kind.priors_of(each.name, found)))
    weights = fit_weights([*own, *judged], signals, WIDE_COLUMNS)
    print(f"({name}): {weights}")
    print_blind(own, judged, signals, WIDE_COLUMNS)
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
        sample = make_sample(each.name, found, each.gold, kind.priors_of(each.name, found))
        utility = utility_of(sample, plain.weights, COLUMNS)
        before.append(
            measure(each, kind.labels, found, utility, unseen_share(encoded), transversal(sample, COLUMNS))
        )
        encoded, found = search_set(each, kind.labels, kind.whole, _searching(kind.channel))
        sample = make_sample(each.name, found, each.gold, kind.priors_of(each.name, found))
        utility = utility_of(sample, weights, WIDE_COLUMNS)
        measured.append(
            measure(
                each, kind.labels, found, utility, unseen_share(encoded), transversal(sample, WIDE_COLUMNS)
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
    value += model.transversal_slope * inputs[:, 2]
    return np.asarray(1.0 / (1.0 + np.exp(-value)))


def _mean(sets: Sequence[NDArray[np.float64] | NDArray[np.bool_]]) -> float:
    """Mean over sets of their means: each weighs the same."""
    return float(np.mean([each.mean() for each in sets]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_semantic", description=__doc__)
    parser.add_argument("--taxonomy", required=True, help="a whole release with all its languages")
    parser.add_argument("--judged", type=Path, required=True, help="as for benchmarks.fit_linker")
    parser.add_argument("--model", default="package", help="folder of a sentence model, or package")
    parser.add_argument("--counts", type=Path, required=True, help="what fit_linker counted")
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps embeddings")
    options = parser.parse_args()
    taxonomy = open_taxonomy([options.taxonomy])
    store = SemanticStore(named_sentence_model(options.model), options.cache)
    counted = Counted(**json.loads(options.counts.read_text("utf-8")))
    kinds = {
        kind: prepare(ConceptTable(taxonomy, kind), options.judged, store, counted)
        for kind in (ConceptKind.SKILL, ConceptKind.OCCUPATION)
    }
    for name, kind in kinds.items():
        for has_latent, signals in ((True, LATENT), (False, LEXICAL)):
            given = kind if has_latent else kind.without_latent()
            weights = fit(name, given, (*signals, *SEMANTIC, *PRIORS[name]))
            model = calibrate(name, given, weights)
            print(
                f"({name}, {has_latent}): {model.intercept}, {model.slope}, {model.unseen_slope}, "
                f"{model.transversal_slope}",
                flush=True,
            )


if __name__ == "__main__":
    main()
