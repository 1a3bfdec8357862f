"""What the linker is fitted on: labels that it did not hold, mistyped ones, and labelled phrases."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind
from app.matching.candidates import Candidates, EncodedPhrases
from app.matching.compiled import Search
from app.matching.label_index import LabelIndex
from app.matching.labels import PREFERRED, LabelTable
from app.matching.perturbations import with_typos
from app.matching.text import canonical
from app.matching.titles import title_forms
from app.services.taxonomy_index import ConceptTable

N_REWORDED = 3000
HELD_OUT = 16

SearchOf = Callable[[LabelIndex], Callable[[Sequence[str], Sequence[int]], tuple[EncodedPhrases, Candidates]]]
"""Makes the search of an index."""

PriorsOf = Callable[[str, Candidates], NDArray[np.float64]]
"""Gives the priors of a set's candidates, shape (n_phrases, n_columns, N_PRIOR_FEATURES)."""


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
        said.insert(int(rng.integers(0, len(said) + 1)), words[int(rng.integers(0, len(words)))])
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
            said.insert(int(rng.integers(0, len(said) + 1)), words[int(rng.integers(0, len(words)))])
    return " ".join(said)


def held_out_labels(
    labels: LabelTable,
    index: LabelIndex,
    held_out: NDArray[np.bool_],
    *,
    is_reworded: bool,
    search: SearchOf = Search,
) -> tuple[Candidates, list[set[int]]]:
    """Candidates of held-out labels, reworded or as they are, and the concepts they name."""
    rng = np.random.default_rng(3)
    table = index.words
    frequent = [w for w, rarity in zip(table.words, table.rarity.tolist(), strict=True) if rarity < 6 * 64]
    rows = np.flatnonzero(held_out)
    chosen = rng.choice(rows, min(N_REWORDED, len(rows)), replace=False)
    named = _named(index)
    texts = index.entry_text[chosen].tolist()
    langs = index.entry_langs[chosen]
    phrases = [
        reword(rng, labels.texts[text], frequent) if is_reworded else labels.texts[text] for text in texts
    ]
    _, found = search(without(index, held_out))(phrases, (langs & -langs).tolist())
    return found, [named[text] for text in texts]


def _named(index: LabelIndex) -> dict[int, set[int]]:
    """The concepts that each text names."""
    named: dict[int, set[int]] = {}
    for text, concept in zip(index.entry_text.tolist(), index.entry_concept.tolist(), strict=True):
        named.setdefault(text, set()).add(concept)
    return named


def typed(
    labels: LabelTable, index: LabelIndex, held_out: NDArray[np.bool_], search: SearchOf = Search
) -> tuple[Candidates, list[set[int]]]:
    """Candidates of labels with one or two errors of typing, and the concepts they name."""
    random = Random(5)
    named = _named(index)
    known = set(labels.texts)
    phrases, bits, gold = [], [], []
    rows = np.flatnonzero(~held_out).tolist()
    for position, entry in enumerate(random.sample(rows, min(N_REWORDED, len(rows)))):
        text = int(index.entry_text[entry])
        changed = with_typos(labels.texts[text], 1 + position % 2, random)
        if changed is not None and changed not in known:
            langs = int(index.entry_langs[entry])
            phrases.append(changed)
            bits.append(langs & -langs)
            gold.append(named[text])
    return search(without(index, held_out))(phrases, bits)[1], gold


class Sample(NamedTuple):
    """Candidates of some phrases: their signals, which places are filled, and which are right."""

    name: str
    features: NDArray[np.float64]
    is_there: NDArray[np.bool_]
    is_right: NDArray[np.bool_]

    def rows(self, chosen: NDArray[np.bool_]) -> Sample:
        """Some of the phrases."""
        return Sample(self.name, self.features[chosen], self.is_there[chosen], self.is_right[chosen])


def make_sample(
    name: str, found: Candidates, gold: Sequence[set[int]], priors: NDArray[np.float64]
) -> Sample:
    """Lay out what a search found, priors behind the signals, beside what it should have found."""
    is_there = np.arange(found.concept_row.shape[1])[None, :] < found.n_found[:, None]
    named = [[c in right for c in row] for row, right in zip(found.concept_row.tolist(), gold, strict=True)]
    features = np.concatenate([found.features, priors], axis=2)
    return Sample(name, features, is_there, is_there & np.array(named))


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


def search_set(
    each: Labelled, labels: LabelTable, index: LabelIndex, search: SearchOf = Search
) -> tuple[EncodedPhrases, Candidates]:
    """Search for the phrases of a set."""
    bit = 1 << labels.langs.index(each.lang) if each.lang in labels.langs else 0
    return search(index)(each.phrases, [bit] * len(each.phrases))
