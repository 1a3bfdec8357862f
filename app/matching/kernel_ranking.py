"""Compiled steps that choose and order: which concepts lie nearest, which candidates are best.

They trust their arguments; see ``app.matching.kernels`` and ``app.matching.fusion``.
"""

from __future__ import annotations

import numpy as np

from app.matching.kernel_steps import keep, kernel

_BLOCK = 64
_SURELY_LESS = 1.0 - 1e-9  # far more than rounding takes away


@kernel
def nearest_concepts(concept_start, concept_norm, dots, norm, n_most, rows, scores):
    """Concepts with labels and the highest cosines, best first; equal ones by ascending row.

    Few concepts come near the best: a block of them is passed over where no product
    reaches what the last of the best needs, which takes no division and no branches.
    """
    n_concepts = len(dots)
    n = 0
    least = 0.0
    for first in range(0, n_concepts, _BLOCK):
        last = min(first + _BLOCK, n_concepts)
        n_over = 0
        for concept in range(first, last):
            n_over += np.int64(float(dots[concept]) > least * concept_norm[concept])
        if n_over == 0:
            continue
        for concept in range(first, last):
            if (
                float(dots[concept]) > least * concept_norm[concept]
                and concept_start[concept + 1] > concept_start[concept]
            ):
                value = float(dots[concept]) / (norm * concept_norm[concept])
                n = keep(rows, scores, n, n_most, concept, value)
                if n == n_most:
                    least = scores[n - 1] * norm * _SURELY_LESS
    return n


@kernel
def order_candidates(n_found, features, column, weight, order, best):
    """Utility of every candidate and the columns of the best, by utility descending, then column.

    ``order`` and ``best`` hold as many as are asked for, with -inf beyond what was found.
    """
    n_most = order.shape[1]
    for row in range(len(n_found)):
        n = 0
        for place in range(n_found[row]):
            # One signal after the other: the order of summation is part of the result.
            total = 0.0
            for i in range(len(column)):
                total += weight[i] * features[row, place, column[i]]
            total = np.rint(total * 1e9) / 1e9
            n = keep(order[row], best[row], n, n_most, place, total)
        for place in range(n, n_most):
            order[row, place] = place
            best[row, place] = -np.inf
