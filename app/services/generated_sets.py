"""Test sets made from a release: labels held out, mistyped, reordered, padded."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from random import Random

from app.domain.enums import ConceptKind, LabelKind
from app.domain.evaluation import EvaluationQuery, EvaluationSet, SetMode
from app.domain.taxonomy import Label, Taxonomy
from app.matching.perturbations import padded, reordered, with_typos
from app.matching.text import canonical

_KINDS = (ConceptKind.SKILL, ConceptKind.OCCUPATION)
_TRIES = 10


class Family(StrEnum):
    """The kinds of generated sets."""

    HELD_OUT = "held-out"
    OTHER_LANGUAGES = "other-languages"
    TYPOS_1 = "typos-1"
    TYPOS_2 = "typos-2"
    ORDER = "order"
    PADDING = "padding"


HELD_OUT_FAMILIES = (Family.HELD_OUT, Family.OTHER_LANGUAGES)

Change = Callable[[str, str, Random], str | None]
_CHANGES: dict[Family, Change] = {
    Family.TYPOS_1: lambda text, _lang, random: with_typos(text, 1, random),
    Family.TYPOS_2: lambda text, _lang, random: with_typos(text, 2, random),
    Family.ORDER: lambda text, _lang, random: reordered(text, random),
    Family.PADDING: padded,
}


def generate_sets(
    taxonomy: Taxonomy, families: Sequence[Family], *, size: int = 500, seed: int = 0
) -> list[EvaluationSet]:
    """Make test sets, one for each family, kind of concept and language that has labels for it.

    The same release, size and seed give the same sets, whatever families are asked for together.

    Parameters
    ----------
    size
        At most so many texts a set.
    """
    names = _Names(taxonomy)
    sets: list[EvaluationSet] = []
    held_out = [family for family in families if family in HELD_OUT_FAMILIES]
    if held_out:
        sets += _held_out_sets(names, held_out, size, seed)
    for family in families:
        if family in _CHANGES:
            for kind, lang in names.groups:
                sets.append(_changed_set(names, family, kind, lang, size, seed))
    return [part for part in sets if part.queries]


def without_labels(taxonomy: Taxonomy, removed: Iterable[tuple[str, str]]) -> Taxonomy:
    """The release without some labels, each a (URI, canonical text) pair, in every language."""
    gone = frozenset(removed)
    if not gone:
        return taxonomy
    digest = hashlib.sha256(repr((taxonomy.checksum, sorted(gone))).encode()).hexdigest()
    return dataclasses.replace(
        taxonomy,
        checksum=digest,
        labels=tuple(label for label in taxonomy.labels if (label.uri, canonical(label.text)) not in gone),
    )


class _Names:
    """Labels of a release by kind and language, and which concepts share a wording."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        kind_of = {concept.uri: concept.kind for concept in taxonomy.concepts if concept.kind in _KINDS}
        labels: dict[tuple[ConceptKind, str], list[Label]] = defaultdict(list)
        owners: dict[tuple[ConceptKind, str], set[str]] = defaultdict(set)
        for label in taxonomy.labels:
            kind = kind_of.get(label.uri)
            if kind is not None:
                labels[kind, label.lang].append(label)
                owners[kind, canonical(label.text)].add(label.uri)
        self.labels = labels
        self.owners = owners
        self.groups = sorted(labels)


def _held_out_sets(names: _Names, families: Sequence[Family], size: int, seed: int) -> list[EvaluationSet]:
    """Alternative labels that no index may hold, one for each sampled concept.

    Only a wording that no other concept shares, and that is not the concept's own
    preferred label under another spelling, can tell a good linker from a bad one.
    """
    chosen = {group: _held_out_labels(names, *group, size, seed) for group in names.groups}
    removed = tuple(
        sorted({(label.uri, canonical(label.text)) for labels in chosen.values() for label in labels})
    )
    sets = []
    for family in families:
        for (kind, lang), labels in chosen.items():
            if family is Family.OTHER_LANGUAGES and lang == "en":
                continue
            declared = lang if family is Family.HELD_OUT else None
            name = f"{family}/{kind}/{lang}"
            queries = tuple(
                EvaluationQuery(f"{name}/{row}", label.text, (label.uri,), declared, kind)
                for row, label in enumerate(labels)
            )
            sets.append(EvaluationSet(name, SetMode.PHRASE, queries, removed=removed))
    return sets


def _held_out_labels(names: _Names, kind: ConceptKind, lang: str, size: int, seed: int) -> list[Label]:
    preferred = {
        (label.uri, canonical(label.text))
        for label in names.labels[kind, lang]
        if label.kind is LabelKind.PREFERRED
    }
    by_concept: dict[str, list[Label]] = defaultdict(list)
    for label in names.labels[kind, lang]:
        text = canonical(label.text)
        if (
            label.kind is LabelKind.ALTERNATIVE
            and text
            and (label.uri, text) not in preferred
            and len(names.owners[kind, text]) == 1
        ):
            by_concept[label.uri].append(label)
    random = _random(seed, Family.HELD_OUT, kind, lang)
    uris = random.sample(sorted(by_concept), min(size, len(by_concept)))
    return [random.choice(by_concept[uri]) for uri in uris]


def _changed_set(
    names: _Names, family: Family, kind: ConceptKind, lang: str, size: int, seed: int
) -> EvaluationSet:
    random = _random(seed, family, kind, lang)
    change = _CHANGES[family]
    labels = list(names.labels[kind, lang])
    random.shuffle(labels)
    name = f"{family}/{kind}/{lang}"
    queries: list[EvaluationQuery] = []
    for label in labels:
        if len(queries) == size:
            break
        text = _changed(names, kind, label, change, random)
        if text is not None:
            gold = tuple(sorted(names.owners[kind, canonical(label.text)]))
            queries.append(EvaluationQuery(f"{name}/{len(queries)}", text, gold, lang, kind))
    return EvaluationSet(name, SetMode.PHRASE, tuple(queries))


def _changed(names: _Names, kind: ConceptKind, label: Label, change: Change, random: Random) -> str | None:
    """The label changed, so that it is no label any more; None if that cannot be had."""
    for _ in range(_TRIES):
        text = change(label.text, label.lang, random)
        if text is None:
            return None
        form = canonical(text)
        if form and (kind, form) not in names.owners:
            return text
    return None


def _random(seed: int, *parts: str) -> Random:
    # A text seeds the same on every machine and Python; a tuple's hash would not.
    return Random("/".join((str(seed), *map(str, parts))))
