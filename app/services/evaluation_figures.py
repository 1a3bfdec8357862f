"""From answers to figures: per set, language and system, with intervals."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind
from app.domain.evaluation import SetMode
from app.matching.baselines.ranking import Ranking
from app.matching.metrics import (
    Calibration,
    FloatArray,
    Interval,
    bootstrap_auc,
    bootstrap_mean,
    calibration,
    chance_gap,
    gains_of,
    hit_at,
    paired_difference,
    precision_recall,
    r_precision_at,
    recall_at,
    reciprocal_rank,
)

ALL = "all"
FIGURES = ("MRR", "RP@5", "RP@10", "top-1", "R@1", "R@5", "R@10")


@dataclass(frozen=True, slots=True)
class Answers:
    """What one system answered to the texts of one set in one kind and language."""

    set_name: str
    mode: SetMode
    pair: str | None
    system: str
    kind: ConceptKind
    lang: str | None
    ids: tuple[str, ...]
    gold: tuple[frozenset[int], ...]
    ranking: Ranking
    abstained: NDArray[np.bool_] | None
    batch_ms: float
    single_ms: float


@dataclass(frozen=True, slots=True)
class RankingRow:
    """How well one system ranks the texts of a set that have a right concept.

    Attributes
    ----------
    lang
        ISO 639-1 code, ``?`` where none is declared, ``all`` for a set of several languages.
    figures
        By name, as in ``FIGURES``.
    behind
        MRR of the first system of the run minus that of this one on the same texts.
    batch_ms, single_ms
        CPU milliseconds a text, in one call for all and in a call of its own.
    """

    set_name: str
    kind: str
    lang: str
    system: str
    n_texts: int
    figures: Mapping[str, Interval]
    behind: Interval | None
    batch_ms: float
    single_ms: float


@dataclass(frozen=True, slots=True)
class AbstentionRow:
    """How well one system tells texts with a concept from texts without.

    Attributes
    ----------
    auc
        By the score of the first answer.
    precision, recall
        Of abstaining: NaN for a system that never does.
    curve
        First answers: stated score against share that is right.
    chance
        Weighted gap that such scores would show by chance if they were true probabilities.
    """

    set_name: str
    nil_name: str
    lang: str
    system: str
    n_linkable: int
    n_nil: int
    auc: Interval
    precision: float
    recall: float
    curve: Calibration
    chance: Interval


class _Sample:
    """Answers of one system to some texts, query by query."""

    def __init__(self, answers: Sequence[Answers]) -> None:
        self.ids = [f"{each.set_name}/{name}" for each in answers for name in each.ids]
        self.gold = [gold for each in answers for gold in each.gold]
        self.row = np.concatenate([each.ranking.concept_row for each in answers])
        self.score: FloatArray = np.concatenate([each.ranking.score[:, 0] for each in answers])
        self.gains = gains_of(self.row, self.gold)
        self.n_gold = np.array([len(gold) for gold in self.gold], dtype=np.int64)
        self.abstained = _joined([each.abstained for each in answers])
        sizes = [len(each.ids) for each in answers]
        self.batch_ms = float(np.average([each.batch_ms for each in answers], weights=sizes))
        self.single_ms = float(np.average([each.single_ms for each in answers], weights=sizes))

    def per_query(self) -> dict[str, FloatArray]:
        """Figures of each text that has a right concept."""
        linkable = self.n_gold > 0
        gains, n_gold = self.gains[linkable], self.n_gold[linkable]
        return {
            "MRR": reciprocal_rank(gains),
            "RP@5": r_precision_at(gains, n_gold, 5),
            "RP@10": r_precision_at(gains, n_gold, 10),
            "top-1": hit_at(gains, 1),
            "R@1": recall_at(gains, n_gold, 1),
            "R@5": recall_at(gains, n_gold, 5),
            "R@10": recall_at(gains, n_gold, 10),
        }

    def linkable_ids(self) -> list[str]:
        """Ids of the texts that ``per_query`` is about."""
        return [name for name, count in zip(self.ids, self.n_gold, strict=True) if count]


def ranking_rows(answers: Sequence[Answers], systems: Sequence[str], seed: int) -> Iterator[RankingRow]:
    """One row for each set, kind, language and system; and one over all languages of a set."""
    for (set_name, kind, lang), by_system in _grouped(answers).items():
        samples = {name: _Sample(by_system[name]) for name in systems if name in by_system}
        first = next(iter(samples.values()))
        reference = dict(zip(first.linkable_ids(), first.per_query()["MRR"], strict=True))
        for name, sample in samples.items():
            values = sample.per_query()
            if not len(values["MRR"]):
                continue
            yield RankingRow(
                set_name=set_name,
                kind=kind,
                lang=lang,
                system=name,
                n_texts=len(values["MRR"]),
                figures={
                    figure: bootstrap_mean(value, seed=_seed(seed, set_name, lang))
                    for figure, value in values.items()
                },
                behind=_behind(reference, sample, values["MRR"], _seed(seed, set_name, lang))
                if sample is not first
                else None,
                batch_ms=sample.batch_ms,
                single_ms=sample.single_ms,
            )


def abstention_rows(answers: Sequence[Answers], systems: Sequence[str], seed: int) -> Iterator[AbstentionRow]:
    """One row for each pair of sets, or mixed set, and system; by language where there are several.

    Where some pairs are of the same kind and language there is a row over all of them: a few
    hundred phrases say little of how well probabilities fit.
    """
    grouped = _grouped(answers)
    paired: defaultdict[tuple[str, str], dict[str, list[Answers]]] = defaultdict(dict)
    n_pairs: Counter[tuple[str, str]] = Counter()
    for (set_name, kind, lang), by_system in grouped.items():
        mode, pair = next((each.mode, each.pair) for each in next(iter(by_system.values())))
        partners = grouped.get((pair, kind, lang), {}) if mode is SetMode.NIL and pair else {}
        if mode is SetMode.NIL and not partners:
            continue
        n_pairs[kind, lang] += bool(partners)
        for name in systems:
            if name in by_system:
                both = [*partners.get(name, []), *by_system[name]]
                if partners:
                    paired[kind, lang].setdefault(name, []).extend(both)
                sample = _Sample(both)
                row = _abstention(pair if partners and pair else set_name, set_name, lang, name, sample, seed)
                if row is not None:
                    yield row
    for (kind, lang), by_system in paired.items():
        for name in systems if n_pairs[kind, lang] > 1 else ():
            if name in by_system:
                row = _abstention(ALL, ALL, lang, name, _Sample(by_system[name]), seed)
                if row is not None:
                    yield row


def _abstention(
    set_name: str, nil_name: str, lang: str, system: str, sample: _Sample, seed: int
) -> AbstentionRow | None:
    nil = sample.n_gold == 0
    if nil.all() or not nil.any():
        return None
    right = sample.gains[:, 0]
    precision = recall = float("nan")
    if sample.abstained is not None:
        precision, recall = precision_recall(sample.abstained, nil)
    score = np.clip(sample.score, 0.0, 1.0)
    return AbstentionRow(
        set_name=set_name,
        nil_name=nil_name,
        lang=lang,
        system=system,
        n_linkable=int((~nil).sum()),
        n_nil=int(nil.sum()),
        auc=bootstrap_auc(sample.score[~nil], sample.score[nil], seed=_seed(seed, nil_name, lang)),
        precision=precision,
        recall=recall,
        curve=calibration(score, right),
        chance=chance_gap(score, seed=_seed(seed, nil_name, lang)),
    )


def _behind(reference: Mapping[str, float], sample: _Sample, theirs: FloatArray, seed: int) -> Interval:
    # A slow system may have answered a part of the texts only.
    shared = [
        (reference[name], value)
        for name, value in zip(sample.linkable_ids(), theirs, strict=True)
        if name in reference
    ]
    ours, others = np.array(shared, dtype=np.float64).reshape(-1, 2).T
    return paired_difference(ours, others, seed=seed)


def _grouped(answers: Iterable[Answers]) -> dict[tuple[str, str, str], dict[str, list[Answers]]]:
    """Answers by (set, kind, language) and system, and under ``all`` where a set has several."""
    groups: dict[tuple[str, str, str], dict[str, list[Answers]]] = {}
    of_set: dict[str, dict[tuple[str, str], dict[str, list[Answers]]]] = defaultdict(dict)
    for each in answers:
        by_system = of_set[each.set_name].setdefault((str(each.kind), each.lang or "?"), {})
        by_system.setdefault(each.system, []).append(each)
    for set_name, parts in of_set.items():
        for (kind, lang), by_system in parts.items():
            groups[set_name, kind, lang] = by_system
        for part in _joint_parts(parts):
            merged: dict[str, list[Answers]] = defaultdict(list)
            for key in parts:
                if part[0] in (ALL, key[0]) and part[1] in (ALL, key[1]):
                    for system, found in parts[key].items():
                        merged[system] += found
            groups[(set_name, *part)] = dict(merged)
    return groups


def _joint_parts(parts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Rows above single parts: each language over its kinds, and everything."""
    kinds_of: dict[str, set[str]] = defaultdict(set)
    for kind, lang in parts:
        kinds_of[lang].add(kind)
    joint = [(ALL, lang) for lang, kinds in sorted(kinds_of.items()) if len(kinds) > 1]
    if len(kinds_of) > 1:
        joint.append((ALL, ALL))
    return joint


def _joined(parts: Sequence[NDArray[np.bool_] | None]) -> NDArray[np.bool_] | None:
    known = [part for part in parts if part is not None]
    return np.concatenate(known) if len(known) == len(parts) else None


def _seed(seed: int, *names: str) -> int:
    digest = hashlib.sha256("/".join((str(seed), *names)).encode()).digest()
    return int.from_bytes(digest[:4], "little")
