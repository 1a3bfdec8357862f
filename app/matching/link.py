"""Phrase -> ranked concepts: exact label, else the candidates of a search, fused and calibrated.

A score is the probability that the link is right, so a threshold means something.
Abstaining is a result: a phrase whose best concept stays under it gets none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.domain.enums import ConceptKind, LinkMethod
from app.matching.compiled import Search, built_index
from app.matching.fusion import FusionModel
from app.matching.fusion_models import exact_model_for, model_for
from app.matching.label_index import MAX_LANGS, LabelIndex
from app.matching.labels import PREFERRED, LabelTable
from app.matching.latent_space import LatentSpace
from app.matching.priors import NO_PRIORS
from app.matching.qualifiers import shorter_forms
from app.matching.spelling import starts
from app.matching.text import canonical_phrase
from app.matching.themes import Themes

if TYPE_CHECKING:
    from app.matching.semantic import SemanticChannel, SemanticSearch

# Bounds the memory of a large batch; no result depends on it.
_PHRASES_PER_BLOCK = 2048

# A phrase is a few words. What goes on for longer is linked by its beginning.
MAX_PHRASE_WORDS = 32

# Shorter words ("R", "go") name a skill only where they stand alone.
_MIN_LETTERS = 4

METHODS = (LinkMethod.EXACT_PREFERRED, LinkMethod.EXACT_ALTERNATIVE, LinkMethod.ALIAS, LinkMethod.FUZZY)

# How far the language of a label is from that of a phrase.
_OWN, _ENGLISH, _FOREIGN = range(3)

Link = tuple[int, float, LinkMethod]
"""Concept row, score, method."""

LatentSource = Callable[[LabelIndex], LatentSpace | None]
"""Gives the latent space that was learned for an index, if there is one."""

PriorSource = Callable[[], NDArray[np.float64]]
"""Gives the priors of all concepts; see ``app.matching.priors``."""

SemanticSource = Callable[[LabelTable], "SemanticChannel"]
"""Gives the embeddings of labels, where the semantic channel is on."""


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """Settings of the linker; all scores lie in [0, 1].

    Attributes
    ----------
    min_score
        Below this probability a link is no link. On the labelled development phrases
        that are no label, no other threshold has a clearly better balance of right links
        taken and wrong ones refused (F1 0.5; benchmarks/fit_linker.py prints it).
    qualified_factor
        Applied to the score of an exact link where qualifiers had to come off the phrase.
    """

    min_score: float = 0.3
    qualified_factor: float = 0.9


class Links(NamedTuple):
    """Links of a batch of phrases, grouped by phrase, best first within one.

    Attributes
    ----------
    indptr : ndarray of shape (n_phrases + 1,), int64
        Phrase ``i`` owns the entries ``indptr[i]:indptr[i + 1]``.
    concept_row : ndarray of shape (n_links,), int32
    score : ndarray of shape (n_links,), float64
        In [0, 1]; higher is better.
    method : ndarray of shape (n_links,), int8
        Position in ``METHODS``.
    """

    indptr: NDArray[np.int64]
    concept_row: NDArray[np.int32]
    score: NDArray[np.float64]
    method: NDArray[np.int8]

    def of(self, phrase_row: int) -> list[Link]:
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


class Linker:
    """Links phrases to the concepts of one label table. Immutable and thread-safe.

    What the search needs is built when the first phrase needs it: exact labels,
    the common case of structured data, then never wait for it.
    """

    def __init__(
        self,
        labels: LabelTable,
        config: LinkConfig | None = None,
        *,
        kind: ConceptKind = ConceptKind.SKILL,
        latent_source: LatentSource | None = None,
        semantic_source: SemanticSource | None = None,
        index: LabelIndex | None = None,
        prior_source: PriorSource | None = None,
        keep: Callable[[LabelTable, LabelIndex], None] | None = None,
    ) -> None:
        """Link to the concepts of ``labels``.

        Parameters
        ----------
        kind
            Kind of the concepts: it chooses the fitted weights.
        latent_source
            Where the latent space comes from once it is needed.
        semantic_source
            Where the embeddings come from; the semantic channel is off where None.
        index
            The labels arranged for the search, latent space included, if that was done before.
        prior_source
            Gives the priors of the concepts once they are needed; without it none is likelier than another.
        keep
            Called with the labels and what was arranged of them, once that is done.
        """
        self.labels = labels
        self.config = config or LinkConfig()
        self._kind = kind
        self._exact_model = exact_model_for(kind)
        self._latent_source = latent_source
        self._semantic_source = semantic_source
        self._given = index
        self._prior_source = prior_source
        self._keep = keep
        self._slices = labels.label_slices()
        self._text_row = {text: row for row, text in enumerate(labels.texts)}
        self._lang_row = {code: row for row, code in enumerate(labels.langs)}
        self._lexicons: dict[str | None, Lexicon] = {}
        self._building = Lock()

    def lexicon(self, lang: str | None) -> Lexicon:
        """Labels to look for in running text of a language.

        Those of the language itself and English ones, which trades use everywhere;
        all labels where the language is not declared, English where it is not loaded.
        """
        key = lang if lang is None or lang in self._lang_row else "en"
        with self._building:
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

    def exact(self, phrase: str, lang: str | None = None) -> list[Link]:
        """Concepts that carry ``phrase`` (in canonical form) as a label, best first.

        Labels of the declared language come first, then English ones, then any others; among each
        preferred ones, then alternative, hidden and derived ones.
        The score says how often such a label means its concept; concepts with equal claim share it.
        It is at least ``min_score``: a label is a link.
        """
        row = self._text_row.get(phrase)
        if row is None:
            return []
        wanted = self._lang_row.get(lang or "")
        english = self._lang_row.get("en")
        best: dict[int, tuple[int, int]] = {}
        for i in range(int(self._slices[row]), int(self._slices[row + 1])):
            lang_row = int(self.labels.lang_row[i])
            distance = _OWN if wanted in (None, lang_row) else _ENGLISH if lang_row == english else _FOREIGN
            claim = distance, int(self.labels.kind[i])
            concept = int(self.labels.concept_row[i])
            best[concept] = min(claim, best.get(concept, claim))
        n_equal = Counter(best.values())
        links: list[Link] = []
        most = 1.0
        for claim, concept in sorted((claim, concept) for concept, claim in best.items()):
            most = min(most, self._exact_score(claim) / n_equal[claim])
            is_preferred = claim[1] == PREFERRED
            method = LinkMethod.EXACT_PREFERRED if is_preferred else LinkMethod.EXACT_ALTERNATIVE
            links.append((concept, round(max(most, self.config.min_score), 6), method))
        return links

    def _exact_score(self, claim: tuple[int, int]) -> float:
        """How often a label means its concept, by how far its language is off and its kind."""
        distance, kind = claim
        if distance == _FOREIGN:
            return self._exact_model.foreign
        is_preferred = distance == _OWN and kind == PREFERRED
        return self._exact_model.preferred if is_preferred else self._exact_model.alternative

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
            Raw phrases; an empty one gets no link, of a very long one the beginning is read.
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
        config = config or self.config
        keys = self._keys(phrases, langs, k)
        found = {key: self.exact(*key)[:k] for key in set(keys)}
        rest = sorted((key for key, links in found.items() if key[0] and not links), key=_order)
        for key, links in self._search_all(rest, k):
            found[key] = [link for link in links if link[1] >= config.min_score]
        return pack_links([found[key] for key in keys])

    def candidates(
        self, phrases: Sequence[str], *, langs: Sequence[str | None] | None = None, k: int = 5
    ) -> Links:
        """Find the ``k`` concepts each phrase most likely means, however unlikely that is.

        Those with exactly the phrase as a label come first. Parameters and errors are those of ``link``.
        """
        keys = self._keys(phrases, langs, k)
        found: dict[tuple[str, str | None], list[Link]] = {}
        for key, links in self._search_all(sorted({key for key in keys if key[0]}, key=_order), k):
            found[key] = _before(self.exact(*key), links)[:k]
        return pack_links([found.get(key, []) for key in keys])

    def _keys(
        self, phrases: Sequence[str], langs: Sequence[str | None] | None, k: int
    ) -> list[tuple[str, str | None]]:
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        declared = list(langs) if langs is not None else [None] * len(phrases)
        if len(declared) != len(phrases):
            raise ValueError("langs must be as long as phrases")
        return [(canonical_phrase(phrase), lang) for phrase, lang in zip(phrases, declared, strict=True)]

    def _search_all(
        self, keys: Sequence[tuple[str, str | None]], k: int
    ) -> Iterator[tuple[tuple[str, str | None], list[Link]]]:
        """Best ``k`` concepts of each (canonical phrase, language), likeliest first."""
        if not keys or not self.labels.texts:
            return
        search, model = self._ready
        for start in range(0, len(keys), _PHRASES_PER_BLOCK):
            block = keys[start : start + _PHRASES_PER_BLOCK]
            phrases = [" ".join(phrase.split()[:MAX_PHRASE_WORDS]) for phrase, _ in block]
            rows = [self._lang_row.get(lang or "", MAX_LANGS) for _, lang in block]
            bits = [1 << row if row < MAX_LANGS else 0 for row in rows]
            candidates, fused = search.best(model, phrases, bits, k)
            most = self._exact_model.preferred
            for key, n_found, concepts, order, scores in zip(
                block,
                candidates.n_found.tolist(),
                candidates.concept_row.tolist(),
                fused.order.tolist(),
                fused.score.tolist(),
                strict=True,
            ):
                n_links = min(k, n_found)
                links = [
                    (concepts[column], min(score, most), LinkMethod.FUZZY)
                    for column, score in zip(order[:n_links], scores[:n_links], strict=True)
                ]
                yield key, _before(self._unwrapped(*key), links)[:k]

    def _unwrapped(self, phrase: str, lang: str | None) -> list[Link]:
        """Concepts that carry as a label what is left of ``phrase`` without its qualifiers, best first.

        By the same evidence as the label alone, and no less a link.
        """
        if phrase in self._text_row or phrase.count(" ") >= MAX_PHRASE_WORDS:
            return []
        forms = (self.exact(form, lang) for form in shorter_forms(phrase, lang))
        factor = self.config.qualified_factor
        return [
            (concept, max(round(score * factor, 6), self.config.min_score), method)
            for concept, score, method in next(filter(None, forms), [])
        ]

    @property
    def themes(self) -> Themes | None:
        """What texts are about; None where there is no latent space."""
        search, _ = self._ready
        index = search.index
        return None if index.latent is None else Themes(index.words, index.latent)

    @property
    def _ready(self) -> tuple[Search | SemanticSearch, FusionModel]:
        with self._building:
            return self._built

    @cached_property
    def _built(self) -> tuple[Search | SemanticSearch, FusionModel]:
        index = self._given
        if index is None:
            index = built_index(self.labels)
            if self._latent_source is not None:
                index = index.with_latent(self._latent_source(index))
            if self._keep is not None:
                self._keep(self.labels, index)
        has_latent = index.latent is not None
        model = model_for(self._kind, has_latent=has_latent)
        priors = NO_PRIORS if self._prior_source is None else self._prior_source()
        if self._semantic_source is None:
            return Search(index, priors), model
        from app.matching.semantic import SemanticSearch
        from app.matching.semantic_models import semantic_model_for

        wider = semantic_model_for(self._kind, has_latent=has_latent)
        return SemanticSearch(index, self._semantic_source(self.labels), wider, priors), model


def _before(sure: list[Link], others: list[Link]) -> list[Link]:
    """Sure links before others; of their rivals none is likelier than they."""
    if not sure:
        return others
    known = {concept for concept, _, _ in sure}
    most = min(score for _, score, _ in sure)
    return sure + [
        (concept, min(score, most), method) for concept, score, method in others if concept not in known
    ]


def _order(key: tuple[str, str | None]) -> tuple[str, str]:
    return key[0], key[1] or ""


def _stands_alone(word: str) -> bool:
    return len(word) >= _MIN_LETTERS or any(char in "+#." for char in word)


def pack_links(per_phrase: Sequence[Sequence[Link]]) -> Links:
    """Lay out the links of each phrase, best first, as arrays."""
    flat = [link for links in per_phrase for link in links]
    return Links(
        indptr=starts(per_phrase),
        concept_row=np.array([link[0] for link in flat], dtype=np.int32),
        score=np.array([link[1] for link in flat], dtype=np.float64),
        method=np.array([METHODS.index(link[2]) for link in flat], dtype=np.int8),
    )
