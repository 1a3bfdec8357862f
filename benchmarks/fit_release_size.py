"""How much likelier a link is in a small release: ``python -m benchmarks.fit_release_size``.

A release with fewer concepts has fewer that are wrong: at equal utility its best candidate is
right more often. Parts of a release are linked to, each holding the concepts of the same drawn
phrases and others at random; of each part the shift of the log-odds is fitted that makes the
probabilities of ``app/matching/fusion_models.py`` likeliest. Its slope over the logarithm of the
size is ``size_slope`` there.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from app.cli.sources import open_taxonomy
from app.domain.enums import ConceptKind
from app.domain.taxonomy import Taxonomy
from app.matching.candidates import unseen_share
from app.matching.fusion import FusionModel, best_columns, log_odds
from app.matching.fusion_models import model_for
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import LabelTable
from app.matching.latent import latent_config
from app.matching.latent_space import learn_latent_space
from app.matching.priors import prior_terms
from app.services.taxonomy_index import ConceptTable
from benchmarks.fit_samples import Labelled, read_labelled, search_set

SIZES = (500, 1000, 2000, 4000, 8000)
N_DRAWN = 150


def drawn(sets: Sequence[Labelled], rng: np.random.Generator) -> list[Labelled]:
    """At most so many phrases of each set that have a concept, and all that have none."""
    found = []
    for each in sets:
        linkable = [row for row, gold in enumerate(each.gold) if gold]
        chosen = set(rng.permutation(linkable)[:N_DRAWN].tolist())
        rows = [row for row, gold in enumerate(each.gold) if row in chosen or not gold]
        found.append(
            replace(each, phrases=[each.phrases[row] for row in rows], gold=[each.gold[row] for row in rows])
        )
    return found


def part_of(taxonomy: Taxonomy, uris: set[str]) -> Taxonomy:
    """The release with these concepts alone."""
    return replace(
        taxonomy,
        concepts=tuple(each for each in taxonomy.concepts if each.uri in uris),
        labels=tuple(each for each in taxonomy.labels if each.uri in uris),
        relations=tuple(
            each for each in taxonomy.relations if each.source_uri in uris and each.target_uri in uris
        ),
    )


def shift(
    table: ConceptTable, labels: LabelTable, index: LabelIndex, model: FusionModel, sets: Sequence[Labelled]
) -> tuple[float, int, float]:
    """The shift of the log-odds that fits phrases that are no label; how many they are, and share right."""
    prior = prior_terms(replace(model, size_slope=0.0), table.priors(), index.n_concepts)
    known = set(labels.texts)
    stated: list[NDArray[np.float64]] = []
    right: list[bool] = []
    for each in sets:
        encoded, found = search_set(each, labels, index)
        best = best_columns(model, found, prior.utility, 1)
        asked = [row for row, phrase in enumerate(each.phrases) if phrase not in known and found.n_found[row]]
        odds = model.intercept + model.slope * best.utility[:, 0]
        odds = odds + log_odds(model, found, best.order, prior, unseen_share(encoded))
        top = found.concept_row[np.arange(len(odds)), best.order[:, 0]].tolist()
        stated.append(odds[asked])
        right += [top[row] in each.gold[row] for row in asked]
    odds, is_right = np.concatenate(stated), np.array(right)
    sign = np.where(is_right, -1.0, 1.0)
    fitted = minimize_scalar(lambda by: float(np.logaddexp(0.0, sign * (odds + by)).mean()))
    return float(fitted.x), len(odds), float(is_right.mean())


def shifts(taxonomy: Taxonomy, kind: ConceptKind, judged: Path, seed: int) -> None:
    """Print what fits each size, with and without a latent space, and the slope over sizes."""
    rng = np.random.default_rng(seed)
    full = ConceptTable(taxonomy, kind)
    sets = drawn(read_labelled(judged, full, kind), rng)
    gold = {full.concepts[row].uri for each in sets for of in each.gold for row in of}
    others = [concept.uri for concept in full.concepts if concept.uri not in gold]
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for size in [size for size in SIZES if len(gold) < size < len(full)] + [len(full)]:
        uris = gold | set(rng.permutation(others)[: size - len(gold)].tolist())
        table = ConceptTable(part_of(taxonomy, uris), kind)
        labels = table.label_table()
        index = build_label_index(labels)
        latent = learn_latent_space(index, table.contexts(), latent_config(kind))
        own = [
            replace(each, gold=[{table.row_of[full.concepts[row].uri] for row in of} for of in each.gold])
            for each in sets
        ]
        for has_latent in (True, False):
            model = model_for(kind, has_latent=has_latent)
            given = index.with_latent(latent) if has_latent else index
            by, n_phrases, right = shift(table, labels, given, model, own)
            found[has_latent].append((float(np.log(len(full) / len(table))), by))
            print(
                f"#   {kind}, {has_latent}, seed {seed}: of {len(table)} concepts {right:.3f} of {n_phrases} "
                f"right, shift {by:+.2f}",
                flush=True,
            )
    for has_latent, pairs in found.items():
        logarithm, by_size = np.array(pairs).T
        print(f"({kind}, {has_latent}): {np.polyfit(logarithm, by_size, 1)[0]:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_release_size", description=__doc__)
    parser.add_argument("--taxonomy", required=True, help="a whole release with all its languages")
    parser.add_argument(
        "--judged", type=Path, required=True, help="folder of labelled phrases with a registry.json"
    )
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    taxonomy = open_taxonomy([options.taxonomy])
    for seed in range(options.seeds):
        for kind in (ConceptKind.SKILL, ConceptKind.OCCUPATION):
            shifts(taxonomy, kind, options.judged, seed)


if __name__ == "__main__":
    main()
