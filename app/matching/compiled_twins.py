"""What compiled code does of linking, for one index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.candidates import FEATURES, Candidates, EncodedPhrases
from app.matching.compiled_words import CompiledEncoder
from app.matching.fusion import Fused, FusionModel, Ordered
from app.matching.kernel_ranking import order_candidates, to_exponents, to_probabilities
from app.matching.kernel_words import unseen_shares
from app.matching.kernels import CompiledSearch
from app.matching.label_index import LabelIndex
from app.matching.priors import PriorTerms


class CompiledTwins:
    """Compiled twins of encoding and searching; threads may share them."""

    def __init__(self, index: LabelIndex) -> None:
        self.encode = CompiledEncoder(index)
        self.search = CompiledSearch(index)

    @staticmethod
    def unseen(phrases: EncodedPhrases) -> NDArray[np.float64]:
        """Do the work of ``unseen_share`` in compiled code."""
        shares: NDArray[np.float64] = unseen_shares(phrases.word_start, phrases.word, phrases.strangeness)
        return shares


class CompiledFusion:
    """The compiled twin of ``fuse`` for one model and the priors of its concepts; threads may share it."""

    def __init__(self, model: FusionModel, prior: PriorTerms) -> None:
        weights = [
            (column, model.weights[name]) for column, name in enumerate(FEATURES) if name in model.weights
        ]
        self._column = np.array([column for column, _ in weights], np.int64)
        self._weight = np.array([weight for _, weight in weights], np.float64)
        self._model = model
        self._prior = prior

    def order(self, candidates: Candidates, k: int) -> Ordered:
        """Do the work of ``best_columns`` in compiled code."""
        n_phrases, n_columns = candidates.concept_row.shape
        n_best = min(k, n_columns)
        ordered = Ordered(np.empty((n_phrases, n_best), np.int64), np.empty((n_phrases, n_best)))
        order_candidates(
            candidates.n_found,
            candidates.concept_row,
            candidates.features,
            self._column,
            self._weight,
            self._prior.utility,
            *ordered,
        )
        return ordered

    def __call__(self, candidates: Candidates, unseen: NDArray[np.float64], k: int) -> Fused:
        """Do the work of ``fuse`` in compiled code."""
        order, score = self.order(candidates, k)
        share = np.empty(len(score))
        to_exponents(
            score,
            order,
            candidates.concept_row,
            unseen,
            self._prior.certainty,
            self._model.intercept,
            self._model.slope,
            self._model.unseen_slope,
            share,
        )
        # NumPy's own exponential, as in the twin: the compiler's may differ in the last bit.
        np.exp(share, out=share)
        np.exp(score, out=score)
        to_probabilities(score, share)
        return Fused(order, score)
