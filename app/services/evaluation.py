"""Measure systems on labelled sets: rankings, abstention, calibration and time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind
from app.domain.evaluation import EvaluationQuery, EvaluationSet
from app.domain.taxonomy import Taxonomy
from app.services.evaluation_figures import (
    AbstentionRow,
    Answers,
    RankingRow,
    abstention_rows,
    ranking_rows,
)
from app.services.evaluation_systems import (
    SLOW_SYSTEMS,
    Progress,
    System,
    SystemFactory,
    SystemUnavailable,
)
from app.services.generated_sets import without_labels
from app.services.latent_spaces import LatentSpaces
from app.services.taxonomy_index import TaxonomyIndex, build_taxonomy_index

DEPTH = 100
"""Answers that a system gives for a text; a right one further down counts as none."""

_SINGLE_CALLS = 20


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """How to measure.

    Attributes
    ----------
    limit
        At most so many texts of each set, chosen by ``seed``; None takes all.
    slow_limit
        The same for full scans, of the texts that ``limit`` leaves.
    model, cache
        Folders of a sentence model and of label embeddings.
    """

    systems: tuple[str, ...]
    limit: int | None = None
    slow_limit: int | None = 200
    seed: int = 0
    model: Path | None = None
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What was measured.

    Attributes
    ----------
    unavailable
        System name to the reason it could not run.
    left_out
        Set name to the number of texts whose right concepts the release does not have.
    """

    release: str
    checksum: str
    options: EvaluationOptions
    rankings: tuple[RankingRow, ...]
    abstentions: tuple[AbstentionRow, ...]
    unavailable: dict[str, str]
    left_out: dict[str, int]


class _Part(NamedTuple):
    """The texts of one set in one kind and language."""

    of: EvaluationSet
    queries: tuple[EvaluationQuery, ...]


def evaluate(
    taxonomy: Taxonomy,
    sets: Sequence[EvaluationSet],
    options: EvaluationOptions,
    *,
    spaces: LatentSpaces | None = None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> EvaluationReport:
    """Let every system answer every set, and sum up.

    All figures but the times depend on the arguments alone. ``spaces`` is where the linker
    finds its latent spaces, or learns them for labels that a set takes away.
    """
    kept, left_out = _answerable(taxonomy, sets, options)
    answers: list[Answers] = []
    unavailable: dict[str, str] = {}
    indexes: dict[tuple[tuple[str, str], ...], list[EvaluationSet]] = defaultdict(list)
    for each in kept:
        indexes[each.removed].append(each)
    n_steps = sum(len(_parts(same)) for same in indexes.values()) * len(options.systems)
    done = 0
    for removed, same in sorted(indexes.items()):
        index = build_taxonomy_index(without_labels(taxonomy, removed), spaces)
        factory = SystemFactory(index, model=options.model, cache=options.cache, progress=progress)
        for (kind, lang), parts in _parts(same).items():
            for name in options.systems:
                progress("evaluating", done, n_steps)
                done += 1
                try:
                    system = factory.build(name, kind, lang)
                except SystemUnavailable as reason:
                    unavailable[name] = str(reason)
                    continue
                answers += [_ask(index, name, system, part, options) for part in parts]
    return EvaluationReport(
        release=taxonomy.name,
        checksum=taxonomy.checksum,
        options=options,
        rankings=tuple(ranking_rows(answers, options.systems, options.seed)),
        abstentions=tuple(abstention_rows(answers, options.systems, options.seed)),
        unavailable=unavailable,
        left_out=left_out,
    )


def _answerable(
    taxonomy: Taxonomy, sets: Sequence[EvaluationSet], options: EvaluationOptions
) -> tuple[list[EvaluationSet], dict[str, int]]:
    """Drop texts whose right concepts all are unknown to the release, then keep to the limit."""
    known = {concept.uri for concept in taxonomy.concepts}
    kept, left_out = [], {}
    for each in sets:
        queries = [query for query in each.queries if not query.gold or known.intersection(query.gold)]
        if len(queries) < len(each.queries):
            left_out[each.name] = len(each.queries) - len(queries)
        kept.append(_replace_queries(each, _sampled(queries, options.limit, f"{options.seed}/{each.name}")))
    return kept, left_out


def _sampled(queries: Sequence[EvaluationQuery], limit: int | None, seed: str) -> list[EvaluationQuery]:
    if limit is None or len(queries) <= limit:
        return list(queries)
    chosen = Random(seed).sample(range(len(queries)), limit)
    return [queries[row] for row in sorted(chosen)]


def _replace_queries(each: EvaluationSet, queries: Sequence[EvaluationQuery]) -> EvaluationSet:
    return EvaluationSet(each.name, each.mode, tuple(queries), each.pair, each.removed)


def _parts(sets: Sequence[EvaluationSet]) -> dict[tuple[ConceptKind, str | None], list[_Part]]:
    """Texts that one build of a system can answer together, by kind and language."""
    found: dict[tuple[ConceptKind, str | None], list[_Part]] = defaultdict(list)
    for each in sets:
        groups: dict[tuple[ConceptKind, str | None], list[EvaluationQuery]] = defaultdict(list)
        for query in each.queries:
            groups[query.kind, query.lang].append(query)
        for group, queries in groups.items():
            found[group].append(_Part(each, tuple(queries)))
    return dict(sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or "")))


def _ask(index: TaxonomyIndex, name: str, system: System, part: _Part, options: EvaluationOptions) -> Answers:
    queries: Sequence[EvaluationQuery] = part.queries
    if name in SLOW_SYSTEMS:
        queries = _sampled(queries, options.slow_limit, f"{options.seed}/{part.of.name}/slow")
    row_of = (index.skills if queries[0].kind is ConceptKind.SKILL else index.occupations).row_of
    texts = [query.text for query in queries]
    langs = [query.lang for query in queries]
    system.rank(texts[:1], langs[:1], part.of.mode, DEPTH)  # what is built on first use is no phrase's cost
    started = time.process_time()
    ranking = system.rank(texts, langs, part.of.mode, DEPTH)
    batch_ms = 1000 * (time.process_time() - started) / len(texts)
    return Answers(
        set_name=part.of.name,
        mode=part.of.mode,
        pair=part.of.pair,
        system=name,
        kind=queries[0].kind,
        lang=queries[0].lang,
        ids=tuple(query.id for query in queries),
        gold=tuple(frozenset(row_of[uri] for uri in query.gold if uri in row_of) for query in queries),
        ranking=ranking,
        abstained=system.abstains(texts, langs),
        batch_ms=batch_ms,
        single_ms=_single_ms(system, part, texts, langs),
    )


def _single_ms(system: System, part: _Part, texts: Sequence[str], langs: Sequence[str | None]) -> float:
    """Median CPU milliseconds of a text on its own."""
    times: NDArray[np.float64] = np.zeros(min(_SINGLE_CALLS, len(texts)))
    for call in range(len(times)):
        started = time.process_time()
        system.rank(texts[call : call + 1], langs[call : call + 1], part.of.mode, DEPTH)
        times[call] = 1000 * (time.process_time() - started)
    return float(np.median(times))
