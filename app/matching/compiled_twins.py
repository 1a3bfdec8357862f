"""What compiled code does of linking, for one index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching.candidates import FEATURES, Candidates, EncodedPhrases
from app.matching.compiled_words import CompiledEncoder
from app.matching.fusion import FusionModel, Ordered
from app.matching.kernel_ranking import order_candidates
from app.matching.kernel_words import unseen_shares
from app.matching.kernels import CompiledSearch
from app.matching.label_index import LabelIndex


class CompiledTwins:
    """Compiled twins of encoding, searching and ordering; threads may share them."""

    def __init__(self, index: LabelIndex) -> None:
        self.encode = CompiledEncoder(index)
        self.search = CompiledSearch(index)

    @staticmethod
    def unseen(phrases: EncodedPhrases) -> NDArray[np.float64]:
        """Do the work of ``unseen_share`` in compiled code."""
        shares: NDArray[np.float64] = unseen_shares(phrases.word_start, phrases.word, phrases.strangeness)
        return shares

    @staticmethod
    def order(model: FusionModel, candidates: Candidates, k: int) -> Ordered:
        """Do the work of ``best_columns`` in compiled code."""
        weights = [
            (column, model.weights[name]) for column, name in enumerate(FEATURES) if name in model.weights
        ]
        n_phrases, n_columns = candidates.concept_row.shape
        ordered = Ordered(
            np.empty((n_phrases, min(k, n_columns)), np.int64), np.empty((n_phrases, min(k, n_columns)))
        )
        order_candidates(
            candidates.n_found,
            candidates.features,
            np.array([column for column, _ in weights], np.int64),
            np.array([weight for _, weight in weights], np.float64),
            *ordered,
        )
        return ordered
