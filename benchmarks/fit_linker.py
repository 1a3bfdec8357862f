"""The recipe for the linker's fitted numbers: ``python -m benchmarks.fit_linker``.

They stand in ``app/matching/fusion_models.py`` and ``app/matching/group_frequency.toml``.
Weights of the signals are fitted on labels of the release itself (one alternative label in
sixteen is kept from the latent space and from the search, as it is and reworded: a word more, a
word less, a slip, another order; its own concept has to come first), on labels with one or two
errors of typing, and on labelled development phrases, every set weighing the same: real phrases are further
from labels than labels from each other. The calibration is fitted on the development phrases
alone, without those that are labels; how often labels mean the concept they name is counted. What each
set would get from weights and probabilities that never saw it is printed beside.

How often adverts ask for each ISCO-08 group is counted first: adverts that the linker reads with weights
fitted without priors, and titles of adverts that people tagged. To a tagged title the count is always one
without it and the tenth of the titles it is in.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from app.cli.sources import open_taxonomy
from app.domain.enums import ConceptKind
from app.matching.candidates import FEATURES, Candidates, unseen_share
from app.matching.fusion import FusionModel
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import LabelTable
from app.matching.latent import latent_config
from app.matching.latent_space import learn_latent_space
from app.matching.priors import PRIOR_FEATURES
from app.services.taxonomy_index import ConceptTable
from benchmarks.advert_frequency import N_FOLDS, Counted, count_adverts, groups_of, write_ratios
from benchmarks.fit_calibration import Measured, calibrated, exact_model, measure
from benchmarks.fit_samples import (
    Labelled,
    PriorsOf,
    Sample,
    held_out_labels,
    is_held_out,
    make_sample,
    read_labelled,
    search_set,
    typed,
)

LATENT = FEATURES
LEXICAL = tuple(name for name in FEATURES if not name.startswith("latent"))
PRIORS = {
    ConceptKind.SKILL: ("narrower", "needed", "is_transversal"),
    ConceptKind.OCCUPATION: ("labels", "narrower", "advertised"),
}
COLUMNS = (*FEATURES, *PRIOR_FEATURES)
RIDGE = 3e-3


class Kind(NamedTuple):
    """Everything of one kind of concept that is fitted on.

    Attributes
    ----------
    held, whole : LabelIndex
        With latent spaces that never saw the held-out labels, and that saw all.
    held_out : ndarray of shape (n_entries,), bool
    sets : list of Labelled
    """

    table: ConceptTable
    labels: LabelTable
    held: LabelIndex
    whole: LabelIndex
    held_out: NDArray[np.bool_]
    sets: list[Labelled]

    def without_latent(self) -> Kind:
        """The same by words alone."""
        return self._replace(held=self.held.with_latent(None), whole=self.whole.with_latent(None))


def prepare(table: ConceptTable, judged: Path) -> Kind:
    """Learn from all labels and from those that are not held out."""
    labels = table.label_table()
    index = build_label_index(labels)
    held_out = is_held_out(labels, index)
    held = learn_latent_space(index, table.contexts(), latent_config(table.kind), is_used=~held_out)
    whole = learn_latent_space(index, table.contexts(), latent_config(table.kind))
    sets = read_labelled(judged, table, table.kind)
    return Kind(table, labels, index.with_latent(held), index.with_latent(whole), held_out, sets)


def fit_weights(
    samples: Sequence[Sample], signals: Sequence[str], columns_of: Sequence[str] = COLUMNS
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

    bounds = [_bounds(name) for name in signals]
    fitted = minimize(loss, np.ones(len(signals)), jac=True, method="L-BFGS-B", bounds=bounds).x
    return {name: round(float(weight), 2) for name, weight in zip(signals, fitted, strict=True) if weight}


def _bounds(signal: str) -> tuple[float | None, float | None]:
    if signal == "is_foreign":
        return None, 0.0
    return (None, None) if signal in PRIOR_FEATURES else (0.0, None)


def utility_of(
    sample: Sample, weights: Mapping[str, float], columns_of: Sequence[str] = COLUMNS
) -> NDArray[np.float64]:
    """Utility of each candidate, -inf where there is none; shape (n_phrases, n_columns)."""
    by_column = np.array([weights.get(name, 0.0) for name in columns_of])
    return np.where(sample.is_there, np.round(sample.features @ by_column, 9), -np.inf)


def transversal(sample: Sample, columns_of: Sequence[str] = COLUMNS) -> NDArray[np.float64]:
    """Whether each candidate is a transversal skill, shape (n_phrases, n_columns)."""
    return sample.features[:, :, columns_of.index("is_transversal")]


def reciprocal_rank(
    sample: Sample, weights: Mapping[str, float], columns_of: Sequence[str] = COLUMNS
) -> float:
    """Mean reciprocal rank of the right concepts among the candidates."""
    return float(reciprocal_ranks(sample, weights, columns_of).mean())


def reciprocal_ranks(
    sample: Sample, weights: Mapping[str, float], columns_of: Sequence[str] = COLUMNS
) -> NDArray[np.float64]:
    """Reciprocal rank of the first right concept for each phrase, 0 where none is a candidate."""
    utility = utility_of(sample, weights, columns_of)
    ordered = np.take_along_axis(sample.is_right, np.argsort(-utility, axis=1, kind="stable"), axis=1)
    return np.where(ordered.any(axis=1), 1.0 / (1.0 + ordered.argmax(axis=1)), 0.0)


def print_blind(
    own: Sequence[Sample],
    judged: Sequence[Sample],
    signals: Sequence[str],
    columns_of: Sequence[str] = COLUMNS,
) -> None:
    """Say what each set gets: with all weights, with those that never saw it, and cross-validated."""
    weights = fit_weights([*own, *judged], signals, columns_of)
    for each in judged:
        others = [*own, *(other for other in judged if other is not each)]
        blind = fit_weights(others, signals, columns_of)
        crossed = np.zeros(len(each.is_right))
        for fold in range(N_FOLDS):
            left_out = np.arange(len(crossed)) % N_FOLDS == fold
            fitted = fit_weights([*others, each.rows(~left_out)], signals, columns_of)
            crossed[left_out] = reciprocal_ranks(each.rows(left_out), fitted, columns_of)
        print(
            f"#   {each.name}: MRR {reciprocal_rank(each, weights, columns_of):.3f}, with weights that never "
            f"saw it {reciprocal_rank(each, blind, columns_of):.3f}, cross-validated {crossed.mean():.3f}",
            flush=True,
        )


def own_samples(kind: Kind, priors_of: PriorsOf) -> list[Sample]:
    """Labels that the search does not hold, as they are and reworded, and mistyped ones."""
    held = kind.labels, kind.held, kind.held_out
    found = {
        "held out": held_out_labels(*held, is_reworded=False),
        "reworded": held_out_labels(*held, is_reworded=True),
        "typed": typed(*held),
    }
    return [make_sample(name, each, gold, priors_of(name, each)) for name, (each, gold) in found.items()]


def judged_samples(kind: Kind, priors_of: PriorsOf) -> list[Sample]:
    """The labelled phrases of every set that has some with concepts."""
    return [
        make_sample(each.name, found, each.gold, priors_of(each.name, found))
        for each in kind.sets
        if any(each.gold)
        for found in [search_set(each, kind.labels, kind.held)[1]]
    ]


def fit_calibration(kind: Kind, weights: Mapping[str, float], priors_of: PriorsOf) -> FusionModel:
    """Fit probabilities on labelled phrases; tells how each pair of sets fits the others."""
    measured: list[Measured] = []
    for each in kind.sets:
        encoded, found = search_set(each, kind.labels, kind.whole)
        sample = make_sample(each.name, found, each.gold, priors_of(each.name, found))
        measured.append(
            measure(
                each,
                kind.labels,
                found,
                utility_of(sample, weights),
                unseen_share(encoded),
                transversal(sample),
            )
        )
    return calibrated(FusionModel(dict(weights), 0.0, 1.0, 0.0), kind.sets, measured)


def count(kind: Kind, adverts: Path, titles: str) -> Counted:
    """Count adverts by ISCO-08 unit group, the linker's weights fitted without priors."""
    weights = fit_weights([*own_samples(kind, _no_priors), *judged_samples(kind, _no_priors)], LATENT)
    print(f"# without priors: {weights}")
    model = fit_calibration(kind, weights, _no_priors)
    tagged = next(each for each in kind.sets if each.name == titles)
    return Counted(
        count_adverts(adverts, kind.table, kind.labels, kind.whole, model),
        groups_of(tagged.gold, kind.table),
        titles,
    )


def _no_priors(_: str, found: Candidates) -> NDArray[np.float64]:
    return np.zeros((*found.concept_row.shape, len(PRIOR_FEATURES)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_linker", description=__doc__)
    parser.add_argument("--taxonomy", required=True, help="a whole release with all its languages")
    parser.add_argument(
        "--judged", type=Path, required=True, help="folder of labelled phrases with a registry.json"
    )
    parser.add_argument(
        "--titles", required=True, help="the set among them that holds tagged titles of adverts"
    )
    parser.add_argument(
        "--adverts", type=Path, required=True, help="adverts as JSON Lines with title and lang"
    )
    parser.add_argument("--ratios", type=Path, required=True, help="writes group_frequency.toml here")
    parser.add_argument(
        "--counts", type=Path, required=True, help="writes what was counted here, for fit_semantic"
    )
    options = parser.parse_args()
    taxonomy = open_taxonomy([options.taxonomy])
    kinds = {
        kind: prepare(ConceptTable(taxonomy, kind), options.judged)
        for kind in (ConceptKind.SKILL, ConceptKind.OCCUPATION)
    }
    counted = count(kinds[ConceptKind.OCCUPATION], options.adverts, options.titles)
    write_ratios(options.ratios, counted.ratios(kinds[ConceptKind.OCCUPATION].table))
    options.counts.write_text(json.dumps(counted._asdict()), "utf-8")
    for name, kind in kinds.items():
        priors_of = counted.columns_of(kind.table)
        print(f"{name}: {exact_model(name, kind.labels, kind.sets)}", flush=True)
        for has_latent, signals in ((True, LATENT), (False, LEXICAL)):
            given = kind if has_latent else kind.without_latent()
            own, judged = own_samples(given, priors_of), judged_samples(given, priors_of)
            both = (*signals, *PRIORS[name])
            weights = fit_weights([*own, *judged], both)
            print(f"({name}, {has_latent}): {weights}", flush=True)
            print_blind(own, judged, both)
            model = fit_calibration(given, weights, priors_of)
            print(
                f"({name}, {has_latent}): {model.intercept}, {model.slope}, {model.unseen_slope}, "
                f"{model.transversal_slope}",
                flush=True,
            )


if __name__ == "__main__":
    main()
