"""Phrase -> ranked concepts: exact label, then character n-grams with a fuzzy re-rank.

Abstaining is a result: a phrase whose best concept stays under the threshold
gets none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import LinkMethod
from app.matching.labels import PREFERRED, LabelTable
from app.matching.ngrams import NgramTfidf
from app.matching.text import Token, canonical

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Bounds the memory of a large batch; no result depends on it.
_PHRASES_PER_BLOCK = 8192

# Shorter words ("R", "go") name a skill only where they stand alone.
_MIN_LETTERS = 4

METHODS = (LinkMethod.EXACT_PREFERRED, LinkMethod.EXACT_ALTERNATIVE, LinkMethod.ALIAS, LinkMethod.FUZZY)


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """Settings of the linker; all scores lie in [0, 1].

    Attributes
    ----------
    min_score
        Below this a fuzzy link is no link. Chosen on tech phrases of the labelled
        development data, where it keeps two of three true phrases and refuses
        three of four that have no concept.
    n_retrieved
        Labels that the n-gram stage hands to the re-rank.
    min_cosine
        n-gram cosine below which a label is not looked at.
    max_share
        n-grams that stand in a larger share of the labels are left out of a phrase:
        they say little, and their long lists are most of the work.
    cosine_weight, order_weight, subset_weight
        Shares of the n-gram cosine, of the better of ``ratio`` and
        ``token_sort_ratio``, and of ``token_set_ratio`` in a fuzzy score.
    exact_scores
        Score of an exact link by label kind: preferred, alternative, hidden, derived.
    foreign_factor
        Applied when the label's language is not the phrase's.
    n_threads
        Threads of the retrieval; no result depends on it.
    """

    min_score: float = 0.68
    n_retrieved: int = 50
    min_cosine: float = 0.2
    max_share: float = 1.0
    cosine_weight: float = 0.6
    order_weight: float = 0.2
    subset_weight: float = 0.2
    exact_scores: tuple[float, float, float, float] = (1.0, 0.99, 0.98, 0.97)
    foreign_factor: float = 0.95
    n_threads: int = 2


class Links(NamedTuple):
    """Links of a batch of phrases, grouped by phrase, best first within one.

    Attributes
    ----------
    indptr : ndarray of shape (n_phrases + 1,), int64
        Phrase ``i`` owns the entries ``indptr[i]:indptr[i + 1]``.
    concept_row : ndarray of shape (n_links,), int32
    score : ndarray of shape (n_links,), float64
        In [0, 1]; higher is better; equal scores are ordered by concept row.
    method : ndarray of shape (n_links,), int8
        Position in ``METHODS``.
    """

    indptr: NDArray[np.int64]
    concept_row: NDArray[np.int32]
    score: NDArray[np.float64]
    method: NDArray[np.int8]

    def of(self, phrase_row: int) -> list[tuple[int, float, LinkMethod]]:
        """Links of one phrase as (concept row, score, method), best first."""
        entries = range(int(self.indptr[phrase_row]), int(self.indptr[phrase_row + 1]))
        return [
            (int(self.concept_row[i]), float(self.score[i]), METHODS[int(self.method[i])]) for i in entries
        ]


class Lexicon(NamedTuple):
    """What running text of one language is searched for.

    Attributes
    ----------
    texts
        Canonical labels.
    single_words
        Preferred labels of one word, long or odd enough to mean the skill wherever they stand.
    words
        Every word of every label.
    """

    texts: frozenset[str]
    single_words: frozenset[str]
    words: frozenset[str]

    def knows_most(self, words: Sequence[Token]) -> bool:
        """Whether most of these words stand in labels.

        A phrase that nearly equals a label shares its words; asking first spares the
        n-gram search most of a running text.
        """
        return 2 * sum(word.text in self.words for word in words) > len(words)


class Linker:
    """Links phrases to the concepts of one label table. Immutable and thread-safe.

    The n-gram matrix is fitted when the first phrase needs it: exact labels,
    the common case of structured data, then never wait for it.
    """

    def __init__(self, labels: LabelTable, config: LinkConfig | None = None) -> None:
        self.labels = labels
        self.config = config or LinkConfig()
        self._slices = labels.label_slices()
        self._text_row = {text: row for row, text in enumerate(labels.texts)}
        self._lang_row = {code: row for row, code in enumerate(labels.langs)}
        self._lexicons: dict[str | None, Lexicon] = {}
        self._fitting = Lock()

    def lexicon(self, lang: str | None) -> Lexicon:
        """Labels to look for in running text of a language.

        Those of the language itself and English ones, which trades use everywhere;
        all labels where the language is not declared, English where it is not loaded.
        """
        key = lang if lang is None or lang in self._lang_row else "en"
        with self._fitting:
            lexicon = self._lexicons.get(key)
            if lexicon is None:
                lexicon = self._lexicons[key] = self._build_lexicon(key)
        return lexicon

    def _build_lexicon(self, lang: str | None) -> Lexicon:
        wanted = [row for code, row in self._lang_row.items() if lang is None or code in (lang, "en")]
        counts = np.isin(self.labels.lang_row, wanted)
        texts = frozenset(self.labels.texts[row] for row in np.unique(self.labels.text_row[counts]).tolist())
        preferred = np.unique(self.labels.text_row[counts & (self.labels.kind == PREFERRED)])
        return Lexicon(
            texts=texts,
            single_words=frozenset(
                text
                for text in (self.labels.texts[row] for row in preferred.tolist())
                if " " not in text and _stands_alone(text)
            ),
            words=frozenset(word for text in texts for word in text.split()),
        )

    def exact(self, phrase: str, lang: str | None = None) -> list[tuple[int, float, LinkMethod]]:
        """Concepts that carry ``phrase`` (in canonical form) as a label, best first."""
        row = self._text_row.get(phrase)
        if row is None:
            return []
        wanted = self._lang_row.get(lang or "")
        best: dict[int, tuple[float, LinkMethod]] = {}
        for i in range(int(self._slices[row]), int(self._slices[row + 1])):
            kind = int(self.labels.kind[i])
            score = self.config.exact_scores[kind]
            if wanted is not None and int(self.labels.lang_row[i]) != wanted:
                score *= self.config.foreign_factor
            method = LinkMethod.EXACT_PREFERRED if kind == PREFERRED else LinkMethod.EXACT_ALTERNATIVE
            concept = int(self.labels.concept_row[i])
            if score > best.get(concept, (0.0, method))[0]:
                best[concept] = (score, method)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
        return [(concept, score, method) for concept, (score, method) in ranked]

    def link(
        self,
        phrases: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        k: int = 5,
        config: LinkConfig | None = None,
    ) -> Links:
        """Link every phrase to at most ``k`` concepts.

        Parameters
        ----------
        phrases : sequence of str
            Raw phrases; an empty one gets no link.
        langs : sequence of str or None, optional
            Declared ISO 639-1 language of each phrase. Labels of other languages
            still count, a little less.
        k : int
            At least 1.
        config : LinkConfig, optional
            Settings for this call, for example a stricter threshold for running text.

        Raises
        ------
        ValueError
            If ``k < 1`` or ``langs`` differs in length from ``phrases``.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        declared = list(langs) if langs is not None else [None] * len(phrases)
        if len(declared) != len(phrases):
            raise ValueError("langs must be as long as phrases")
        keys = [(canonical(phrase), lang) for phrase, lang in zip(phrases, declared, strict=True)]
        distinct = sorted({key for key in keys if key[0]}, key=lambda key: (key[0], key[1] or ""))
        found = {key: self.exact(*key) for key in distinct}
        rest = [key for key in distinct if not found[key]]
        if rest and self.labels.texts:
            for block in _blocks(rest):
                found.update(zip(block, self._fuzzy(block, config or self.config), strict=True))
        return pack_links([found.get(key, [])[:k] for key in keys])

    def _fuzzy(
        self, keys: Sequence[tuple[str, str | None]], config: LinkConfig
    ) -> list[list[tuple[int, float, LinkMethod]]]:
        phrases = sorted({phrase for phrase, _ in keys})
        shortlist = self._retrieve(phrases, config)
        position = {phrase: row for row, phrase in enumerate(phrases)}
        fuzzy = self._rerank(phrases, shortlist, config)
        return [
            self._best_concepts(position[phrase], lang, shortlist, fuzzy, config) for phrase, lang in keys
        ]

    def _retrieve(self, phrases: Sequence[str], config: LinkConfig) -> csr_matrix:
        """Cosine of the nearest labels, shape (n_phrases, n_texts), float32."""
        from app.matching.sparse_top import top_of_product  # SciPy is only needed from here on

        ngrams, label_matrix = self._ngrams
        queries = ngrams.transform(phrases, max_share=config.max_share)
        return top_of_product(
            queries,
            label_matrix,
            config.n_retrieved,
            threshold=config.min_cosine,
            n_threads=config.n_threads,
        )

    def _rerank(
        self, phrases: Sequence[str], shortlist: csr_matrix, config: LinkConfig
    ) -> NDArray[np.float64]:
        """Score of every shortlisted label, aligned with ``shortlist.data``."""
        from rapidfuzz import fuzz, process

        rows = np.repeat(np.arange(len(phrases)), np.diff(shortlist.indptr)).tolist()
        left = [phrases[row] for row in rows]
        right = [self.labels.texts[column] for column in shortlist.indices]

        def similarity(scorer: Any) -> NDArray[np.float64]:
            percent: NDArray[np.float64] = process.cpdist(
                left, right, scorer=scorer, workers=1, dtype=np.float64
            )
            return percent / 100.0

        in_order = np.maximum(similarity(fuzz.ratio), similarity(fuzz.token_sort_ratio))
        subset = similarity(fuzz.token_set_ratio)
        # Rounded so that float32 noise between machines cannot order two labels.
        cosine = np.round(shortlist.data.astype(np.float64), 5)
        score = config.cosine_weight * cosine + config.order_weight * in_order + config.subset_weight * subset
        below_exact = np.minimum(score, min(config.exact_scores) - 0.01)
        return np.asarray(np.round(below_exact, 6), dtype=np.float64)

    def _best_concepts(
        self,
        row: int,
        lang: str | None,
        shortlist: csr_matrix,
        score: NDArray[np.float64],
        config: LinkConfig,
    ) -> list[tuple[int, float, LinkMethod]]:
        wanted = self._lang_row.get(lang or "")
        best: dict[int, float] = {}
        for entry in range(int(shortlist.indptr[row]), int(shortlist.indptr[row + 1])):
            if score[entry] < config.min_score:
                continue
            text_row = int(shortlist.indices[entry])
            for i in range(int(self._slices[text_row]), int(self._slices[text_row + 1])):
                value = float(score[entry])
                if wanted is not None and int(self.labels.lang_row[i]) != wanted:
                    value *= config.foreign_factor
                concept = int(self.labels.concept_row[i])
                if value >= config.min_score and value > best.get(concept, 0.0):
                    best[concept] = value
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return [(concept, value, LinkMethod.FUZZY) for concept, value in ranked]

    @property
    def _ngrams(self) -> tuple[NgramTfidf, csr_matrix]:
        with self._fitting:
            return self._fitted

    @cached_property
    def _fitted(self) -> tuple[NgramTfidf, csr_matrix]:
        """The n-gram weights, and the labels' matrix transposed for the product."""
        ngrams = NgramTfidf(self.labels.texts)
        return ngrams, ngrams.matrix.T.tocsr()


def _stands_alone(word: str) -> bool:
    return len(word) >= _MIN_LETTERS or any(char in "+#." for char in word)


def _blocks(keys: Sequence[tuple[str, str | None]]) -> Iterator[Sequence[tuple[str, str | None]]]:
    for start in range(0, len(keys), _PHRASES_PER_BLOCK):
        yield keys[start : start + _PHRASES_PER_BLOCK]


def pack_links(per_phrase: Sequence[Sequence[tuple[int, float, LinkMethod]]]) -> Links:
    """Lay out the links of each phrase, best first, as arrays."""
    indptr = np.zeros(len(per_phrase) + 1, dtype=np.int64)
    np.cumsum([len(links) for links in per_phrase], out=indptr[1:])
    flat = [link for links in per_phrase for link in links]
    return Links(
        indptr=indptr,
        concept_row=np.array([link[0] for link in flat], dtype=np.int32),
        score=np.array([link[1] for link in flat], dtype=np.float64),
        method=np.array([METHODS.index(link[2]) for link in flat], dtype=np.int8),
    )
