"""Which of the two twins searches: compiled code where it is ready, plain NumPy elsewhere.

Nobody waits for the compiler. It runs at set-up, or beside a server; until then, and
where Numba is absent, the plain twin gives the same results later. Only a batch that
would take the plain twin longer than the compiler waits for it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.candidates import (
    Candidates,
    EncodedPhrases,
    encode_phrases,
    plain_candidates,
    unseen_share,
)
from app.matching.fusion import WARM_UP, Fused, FusionModel, fuse
from app.matching.jit import CompiledCode, is_installed
from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import PREFERRED, LabelTable, build_label_table
from app.matching.latent import N_DIMS
from app.matching.latent_space import latent_space
from app.matching.priors import NO_PRIORS, PriorTerms, prior_terms
from app.matching.words import ANY_LANG, Likes, WordTable

if TYPE_CHECKING:
    from app.matching.compiled_twins import CompiledFusion, CompiledTwins

_WORTH_COMPILING = 400
"""Phrases that take the plain twin about as long as the compiler takes, with a whole release."""

_building = Lock()
_built: OrderedDict[bytes, LabelIndex] = OrderedDict()
_KEPT = 2


class _Fusion(NamedTuple):
    """What orders candidates by a model; compiled once the search is."""

    model: FusionModel
    prior: PriorTerms
    compiled: CompiledFusion | None


class Search:
    """The search of an index, by whichever twin is ready when it is called; threads may share it."""

    def __init__(self, index: LabelIndex, priors: NDArray[np.float64] = NO_PRIORS) -> None:
        """Search an index; ``priors`` are those of its concepts, see ``app.matching.priors``."""
        self.index = self._index = index
        self._priors = priors
        self._compiled: CompiledTwins | None = None
        self._last: _Fusion | None = None

    def __call__(self, phrases: Sequence[str], lang_bits: Sequence[int]) -> tuple[EncodedPhrases, Candidates]:
        """Find the candidates of canonical phrases; a bit says which language each is declared to be in."""
        compiled = self._twins(len(phrases))
        if compiled is None:
            encoded = encode_phrases(self._index, phrases, lang_bits)
            return encoded, plain_candidates(self._index, encoded)
        encoded = compiled.encode(phrases, lang_bits)
        return encoded, compiled.search(encoded)

    def best(
        self, model: FusionModel, phrases: Sequence[str], lang_bits: Sequence[int], k: int
    ) -> tuple[Candidates, Fused]:
        """Find the candidates of canonical phrases, and order the best ``k`` of each by a model."""
        encoded, candidates = self(phrases, lang_bits)
        fusion, compiled = self._fusion(model), self._compiled
        if compiled is None or fusion.compiled is None:
            return candidates, fuse(model, candidates, fusion.prior, unseen_share(encoded), k)
        return candidates, fusion.compiled(candidates, compiled.unseen(encoded), k)

    def _fusion(self, model: FusionModel) -> _Fusion:
        last = self._last
        if last is None or last.model is not model:
            last = _Fusion(model, prior_terms(model, self._priors, self._index.n_concepts), None)
        if last.compiled is None and self._compiled is not None:
            from app.matching.compiled_twins import CompiledFusion

            last = last._replace(compiled=CompiledFusion(model, last.prior))
        # Two threads may both make it; the two are equal.
        self._last = last
        return last

    def _twins(self, n_phrases: int) -> CompiledTwins | None:
        if self._compiled is None and (is_ready() or (is_installed() and n_phrases >= _WORTH_COMPILING)):
            from app.matching.compiled_twins import CompiledTwins

            compile_now()
            self._compiled = CompiledTwins(self._index)
        return self._compiled


def built_index(labels: LabelTable) -> LabelIndex:
    """Arrange a label table for the search, by the faster twin if it is ready.

    The last tables are kept by content: who learns from a release links with it next.
    """
    key = _digest(labels)
    with _building:
        index = _built.get(key)
        if index is None:
            index = _built[key] = build_label_index(labels, _find_likes if is_ready() else None)
        _built.move_to_end(key)
        while len(_built) > _KEPT:
            _built.popitem(last=False)
        return index


def _find_likes(table: WordTable, words: Sequence[str]) -> Likes:
    from app.matching.compiled_words import CompiledLikes

    compile_now()
    return CompiledLikes(table)(words, np.full(len(words), ANY_LANG, np.int64))


def _digest(labels: LabelTable) -> bytes:
    digest = hashlib.sha256("\n".join((*labels.langs, *labels.texts)).encode())
    for array in (labels.text_row, labels.concept_row, labels.kind, labels.lang_row):
        digest.update(array.tobytes())
    return digest.digest()


def is_ready() -> bool:
    """Whether compiled code of this version lies ready, in this process or on this machine."""
    return linking_code.is_ready()


def compile_now() -> None:
    """Compile, or load what was compiled before; returns when the compiled twin can be called."""
    linking_code.compile_now()


def compile_in_background() -> None:
    """Compile beside what the process does; a server calls this when it starts."""
    linking_code.compile_in_background()


def _compile() -> None:
    from app.matching.compiled_twins import CompiledFusion, CompiledTwins

    labels = build_label_table(["welding", "weld metal"], [0, 0], [PREFERRED, PREFERRED], ["en", "en"])
    index = build_label_index(labels)
    space = latent_space(
        index,
        word_vectors=np.zeros((len(index.words.words), N_DIMS), np.int16),
        ngram_vectors=np.zeros((len(index.words.ngrams), N_DIMS), np.int16),
        concept_vectors=np.zeros((index.n_concepts, N_DIMS), np.int8),
    )
    twins = CompiledTwins(index.with_latent(space))
    encoded = twins.encode(["weld", "wield"], [0, 0])
    CompiledFusion(WARM_UP, prior_terms(WARM_UP, NO_PRIORS, 1))(
        twins.search(encoded), twins.unseen(encoded), 1
    )


linking_code = CompiledCode(
    "linking",
    (
        *("kernels.py", "kernel_products.py", "kernel_ranking.py", "kernel_repairs.py"),
        *("kernel_steps.py", "kernel_words.py"),
        # How they are compiled, and what they take constants from.
        *("jit.py", "candidates.py", "label_index.py", "labels.py", "latent.py", "latent_space.py"),
        *("repairs.py", "spelling.py", "words.py"),
    ),
    _compile,
)
