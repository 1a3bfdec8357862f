"""The recipe for the default weights in ``app/matching/weights.py``.

    python -m benchmarks.fit_weights SET... --taxonomy esco-1.1.1

Profiles are drawn at random around the one in force, then the best is changed one weight at a
time. What is maximised is the mean of nDCG@10 and MAP over the vacancies of a set, every set
weighing the same. Since the figures of single vacancies are kept for every profile, choosing is
cross-validated for nothing: for each fold of vacancies the profile is chosen on the others, and
what it gets on the fold is printed beside what it got where it was chosen. With some forty
vacancies many profiles are equally good: the spread of the best ones is printed, too, and a
value in the middle of it is to be preferred to the winner's.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.cli.sources import latent_spaces, open_taxonomy
from app.domain.ranking_sets import RankingSet
from app.intake.ranking_sets import ranking_folders, read_ranking_set
from app.matching.weights import DEFAULT_WEIGHTS, WeightProfile
from app.services.rank_evaluation import figures_of, pool_of
from app.services.rank_evaluation_systems import PreparedSet
from app.services.taxonomy_index import build_taxonomy_index

CHOICES: Mapping[str, tuple[float, ...]] = {
    "parts.occupation": (0.1, 0.2, 0.3, 0.45, 0.6),
    "parts.text": (0.05, 0.1, 0.15, 0.2, 0.3),
    "provenance.extracted": (0.5, 0.7, 0.85, 1.0),
    "provenance.inferred": (0.1, 0.2, 0.3, 0.5),
    "trust.extracted": (0.2, 0.35, 0.5, 0.65, 0.8),
    "trust.inferred": (0.0, 0.1, 0.2, 0.35),
    "importance.optional": (0.3, 0.4, 0.55, 0.7),
    "relation.narrower": (0.7, 0.8, 0.9),
    "relation.broader": (0.3, 0.5, 0.7),
    "relation.related": (0.2, 0.4, 0.6),
    "isco": (0.5, 0.75, 1.0),
    "title": (1.5, 2.0, 3.0, 4.0),
    "prominence": (0.2, 0.4, 0.6, 0.8, 1.0),
}
"""Values tried; for ``isco`` a factor of the credits in force.

What no set tells anything about (evidence, levels, languages) is not fitted.
"""

FIGURES = ("nDCG@10", "MAP")
N_FOLDS = 5
N_BEST = 15


@dataclass(frozen=True)
class Task:
    """A judged set, ready to be scored, and the folds of its vacancies."""

    judged: RankingSet
    prepared: PreparedSet
    fold: NDArray[np.int64]

    def measure(self, weights: WeightProfile) -> NDArray[np.float64]:
        """Mean of ``FIGURES`` for each vacancy; NaN where nobody is suitable."""
        scores = self.prepared.scores(weights)
        found = []
        for row in range(len(self.judged.queries)):
            docs, gain, _ = pool_of(self.judged, row)
            figures = figures_of(scores[row, docs], gain, self.judged.relevant_gain)
            found.append(np.mean([figures[name] for name in FIGURES]))
        return np.array(found)


def with_values(values: Mapping[str, float]) -> WeightProfile:
    """The default profile with some weights changed, named as in ``CHOICES``."""
    changed: dict[str, Any] = {}
    for name, value in values.items():
        field, _, key = name.partition(".")
        if field == "isco":
            changed[field] = tuple(value * credit for credit in DEFAULT_WEIGHTS.isco)
        elif key:
            changed.setdefault(field, dict(getattr(DEFAULT_WEIGHTS, field)))[key] = value
        else:
            changed[field] = value
    return replace(DEFAULT_WEIGHTS, **changed)


def in_force() -> dict[str, float]:
    """Values of the default profile, named as in ``CHOICES``."""
    found = {}
    for name in CHOICES:
        field, _, key = name.partition(".")
        held = getattr(DEFAULT_WEIGHTS, field)
        found[name] = 1.0 if field == "isco" else float(held[key] if key else held)
    return found


def draw(rng: np.random.Generator, n: int) -> Iterable[dict[str, float]]:
    """Profiles at random, the one in force first."""
    yield in_force()
    for _ in range(n):
        yield {name: float(rng.choice(values)) for name, values in CHOICES.items()}


def mean_of(measured: Sequence[NDArray[np.float64]], chosen: Sequence[NDArray[np.bool_]]) -> float:
    """Mean over sets of the mean over their chosen vacancies."""
    return float(np.nanmean([_mean(each[keep]) for each, keep in zip(measured, chosen, strict=True)]))


def _mean(values: NDArray[np.float64]) -> float:
    told = values[~np.isnan(values)]
    return float(told.mean()) if len(told) else float("nan")


class Search:
    """Measures profiles, each once."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tasks
        self.tried: list[dict[str, float]] = []
        self.measured: list[list[NDArray[np.float64]]] = []

    def value(self, values: dict[str, float]) -> float:
        """What a profile gets on all vacancies."""
        if values not in self.tried:
            self.tried.append(dict(values))
            self.measured.append([task.measure(with_values(values)) for task in self.tasks])
        return self._mean(self.tried.index(values), None)

    def _mean(self, at: int, fold: int | None, *, is_held_out: bool = False) -> float:
        keep = [
            np.full(len(task.fold), True) if fold is None else (task.fold == fold) == is_held_out
            for task in self.tasks
        ]
        return mean_of(self.measured[at], keep)

    def best(self, fold: int | None = None) -> int:
        """The profile that is best on all vacancies, or on those outside a fold."""
        return max(range(len(self.tried)), key=lambda at: (self._mean(at, fold), -at))

    def cross_validated(self) -> tuple[float, float, float]:
        """Mean over folds: where chosen, held out, and of the profile in force on what is held out."""
        rows = [
            (
                self._mean(self.best(fold), fold),
                self._mean(self.best(fold), fold, is_held_out=True),
                self._mean(0, fold, is_held_out=True),
            )
            for fold in range(N_FOLDS)
        ]
        chosen, held_out, before = np.mean(rows, axis=0).tolist()
        return chosen, held_out, before


def fit(search: Search, n_draws: int, seed: int) -> None:
    """Draw profiles, then change the best one weight at a time as long as that helps."""
    for values in draw(np.random.default_rng(seed), n_draws):
        search.value(values)
    current = dict(search.tried[search.best()])
    improved = True
    while improved:
        improved = False
        for name, choices in CHOICES.items():
            for choice in choices:
                changed = {**current, name: choice}
                if search.value(changed) > search.value(current) + 1e-9:
                    current, improved = changed, True


def report(search: Search) -> None:
    """Print what was found."""
    chosen, held_out, before = search.cross_validated()
    print(f"profiles tried: {len(search.tried)}")
    print(
        f"in force {search.value(search.tried[0]):.4f}, best {search.value(search.tried[search.best()]):.4f}"
    )
    print(
        f"cross-validated: chosen at {chosen:.4f}, held out {held_out:.4f}; in force on the same {before:.4f}"
    )
    order = sorted(range(len(search.tried)), key=lambda at: -search.value(search.tried[at]))[:N_BEST]
    print(f"{'weight':24} {'in force':>8} {'best':>6}  the {N_BEST} best: median, least, greatest")
    for name in CHOICES:
        spread = [search.tried[at][name] for at in order]
        print(
            f"{name:24} {search.tried[0][name]:8.2f} {search.tried[order[0]][name]:6.2f}  "
            f"{np.median(spread):.2f} {min(spread):.2f} {max(spread):.2f}"
        )
    for at, task in enumerate(search.tasks):
        means = [float(np.nanmean(search.measured[row][at])) for row in (0, order[0])]
        print(f"{task.judged.name}: in force {means[0]:.4f}, best {means[1]:.4f}")


def main() -> None:
    """Fit and print; nothing is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", type=Path, help="judged sets, or folders of them")
    parser.add_argument("--taxonomy", action="append", help="as for talentbridge match")
    parser.add_argument("--draws", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    release = open_taxonomy(options.taxonomy)
    index = build_taxonomy_index(release, latent_spaces(release, lambda *_: None))
    tasks = []
    for folder in (each for path in options.sets for each in ranking_folders(path)):
        judged = read_ranking_set(folder)
        fold = np.array([zlib.crc32(each.id.encode()) % N_FOLDS for each in judged.queries])
        tasks.append(Task(judged, PreparedSet(judged, index), fold))
    search = Search(tasks)
    fit(search, options.draws, options.seed)
    report(search)


if __name__ == "__main__":
    main()
