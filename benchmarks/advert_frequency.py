"""How often adverts ask for each ISCO-08 unit group, counted for ``app/matching/group_frequency.toml``.

Counted are adverts whose titles people tagged with an occupation, and adverts that the linker
reads, without priors: one counts as far as its links are probable. A group's ratio is its share of
the adverts over its share of the release's occupations, mixed with a little of the latter, so that no
group is out of the question.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind
from app.matching.candidates import Candidates
from app.matching.compiled import Search
from app.matching.fusion import Fused, FusionModel
from app.matching.label_index import LabelIndex
from app.matching.labels import LabelTable
from app.matching.priors import PRIOR_FEATURES
from app.matching.text import canonical
from app.matching.titles import title_forms
from app.services.taxonomy_index import ConceptTable
from benchmarks.fit_samples import PriorsOf

N_FOLDS = 10
SMOOTHING = 0.3
"""Weight of the release's own shares beside those of the adverts, whose weight is one."""

_ADVERTISED = PRIOR_FEATURES.index("advertised")


class Counted(NamedTuple):
    """Adverts by ISCO-08 unit group, and the tagged titles one by one, so that some can be left out.

    Attributes
    ----------
    adverts
        Adverts that the linker read, as far as it was sure.
    titles
        Unit groups of each tagged title, in the order of the set.
    name
        Of the set of tagged titles.
    """

    adverts: Mapping[str, float]
    titles: Sequence[Sequence[str]]
    name: str

    def ratios(self, table: ConceptTable, *, without_fold: int | None = None) -> dict[str, float]:
        """Natural logarithm of each group's ratio, rounded; ``without_fold`` leaves every tenth title out."""
        counts = defaultdict(float, self.adverts)
        for row, groups in enumerate(self.titles):
            if row % N_FOLDS != without_fold:
                for group in groups:
                    counts[group] += 1 / len(groups)
        return log_ratios(counts, table)

    def priors(self, table: ConceptTable, *, without_fold: int | None = None) -> NDArray[np.float64]:
        """Priors of a table's concepts by these counts, shape (n_concepts, N_PRIOR_FEATURES)."""
        found = table.priors()
        if table.kind is ConceptKind.OCCUPATION:
            ratios = self.ratios(table, without_fold=without_fold)
            found[:, _ADVERTISED] = [ratios.get(concept.isco_group, 0.0) for concept in table.concepts]
        return found

    def columns_of(self, table: ConceptTable) -> PriorsOf:
        """Gives the priors of the candidates of a set.

        The tagged titles themselves get those of the others: a title that was counted would otherwise
        find its own group to be frequent.
        """
        whole = self.priors(table)
        by_fold = [self.priors(table, without_fold=fold) for fold in range(N_FOLDS)]

        def columns(name: str, found: Candidates) -> NDArray[np.float64]:
            if name != self.name:
                return whole[found.concept_row]
            chosen = np.zeros((*found.concept_row.shape, len(PRIOR_FEATURES)))
            for fold, priors in enumerate(by_fold):
                chosen[fold::N_FOLDS] = priors[found.concept_row[fold::N_FOLDS]]
            return chosen

        return columns


def log_ratios(counts: Mapping[str, float], table: ConceptTable) -> dict[str, float]:
    """Turn counts by unit group into logarithms of ratios, to two digits."""
    sizes = Counter(concept.isco_group for concept in table.concepts if concept.isco_group)
    total, size = sum(counts.get(group, 0.0) for group in sizes), sum(sizes.values())
    return {
        group: round(
            float(
                np.log((counts.get(group, 0.0) / total + SMOOTHING * n / size) / ((1 + SMOOTHING) * n / size))
            ),
            2,
        )
        for group, n in sorted(sizes.items())
    }


def count_adverts(
    path: Path, table: ConceptTable, labels: LabelTable, index: LabelIndex, model: FusionModel
) -> dict[str, float]:
    """Link the titles of adverts (JSON Lines with ``title`` and ``lang``) and count them by unit group."""
    adverts = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    phrases = [canonical(title_forms(advert["title"])[0]) for advert in adverts]
    langs = [advert.get("lang") for advert in adverts]
    bits = [1 << labels.langs.index(lang) if lang in labels.langs else 0 for lang in langs]
    found, fused = Search(index).best(model, phrases, bits, index.n_concepts)
    return _by_group(found, fused, table)


def _by_group(found: Candidates, fused: Fused, table: ConceptTable) -> dict[str, float]:
    counts: defaultdict[str, float] = defaultdict(float)
    concepts = np.take_along_axis(found.concept_row, fused.order, axis=1).tolist()
    for row, scores in zip(concepts, fused.score.tolist(), strict=True):
        # All together no advert counts for more than one.
        most = max(1.0, sum(scores))
        for concept, score in zip(row, scores, strict=True):
            counts[table.concepts[concept].isco_group] += score / most
    return {group: round(count, 3) for group, count in sorted(counts.items()) if group}


def groups_of(gold: Sequence[set[int]], table: ConceptTable) -> list[list[str]]:
    """Unit groups of the concepts that each title was tagged with."""
    return [sorted(table.concepts[row].isco_group for row in rows) for rows in gold]


def write_ratios(path: Path, ratios: Mapping[str, float]) -> None:
    """Write the table that ``app.matching.priors`` reads, a line for each minor group."""
    by_minor: dict[str, dict[str, float]] = {}
    for group, ratio in sorted(ratios.items()):
        by_minor.setdefault(group[:1], {})[group] = ratio
    lines = [
        "# How much more often adverts ask for an occupation of each ISCO-08 unit group than for any:",
        "# natural logarithms, written by benchmarks/fit_linker.py; see docs/model-card.md.",
    ]
    for major, groups in by_minor.items():
        lines += ["", f"[major_group_{major}]", *(f"{group} = {ratio}" for group, ratio in groups.items())]
    path.write_text("\n".join(lines) + "\n", "utf-8")
