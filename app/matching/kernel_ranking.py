"""Compiled steps that choose and order: which concepts lie nearest, which candidates are best.

They trust their arguments; see ``app.matching.kernels`` and ``app.matching.fusion``.
"""

from __future__ import annotations

import numpy as np

from app.matching.kernel_steps import keep, kernel
from app.matching.latent import N_DIMS

BLOCK = 64
"""Concepts that are looked at, or passed over, together."""

STEPS = 1024.0
"""Of a rough cosine: fine enough to part the best from most others, and small enough for 32 bits."""

_SURELY_LESS = 2  # steps: more than rounding to 24 bits and then to whole steps takes away


@kernel
def _highest_of_blocks(rough, dots, highest):
    n_whole = len(dots) // BLOCK
    for block in range(n_whole):
        # A constant length: the loop then runs in vector registers.
        most = np.int32(0)
        for concept in range(block * BLOCK, block * BLOCK + BLOCK):
            most = max(most, np.int32(np.float32(dots[concept]) * rough[concept]))
        highest[block] = most
    if n_whole * BLOCK == len(dots):
        return n_whole
    most = np.int32(0)
    for concept in range(n_whole * BLOCK, len(dots)):
        most = max(most, np.int32(np.float32(dots[concept]) * rough[concept]))
    highest[n_whole] = most
    return n_whole + 1


@kernel
def nearest_concepts(concept_norm, rough, dots, norm, n_most, rows, scores, highest):
    """Concepts with labels and the highest cosines, best first; equal ones by ascending row.

    Each of the ``n_most`` best blocks has a concept as near as the last of them, so that
    nothing below it can be among the best. Whole steps of a rough cosine say so without
    divisions and branches; few concepts are then left for the exact one.

    ``rough`` holds ``STEPS`` over each concept's length, and 0 for those without labels.
    """
    n_blocks = _highest_of_blocks(rough, dots, highest)
    n = 0
    for block in range(n_blocks):
        n = keep(rows, scores, n, n_most, block, float(highest[block]))
    least = np.int32(0)
    if n == n_most:
        least = np.int32(scores[n - 1]) - np.int32(_SURELY_LESS)
    n = 0
    for block in range(n_blocks):
        if highest[block] < least:
            continue
        for concept in range(block * BLOCK, min(block * BLOCK + BLOCK, len(dots))):
            is_near = np.int32(np.float32(dots[concept]) * rough[concept]) >= least
            if is_near and dots[concept] > 0 and rough[concept] > 0:
                value = float(dots[concept]) / (norm * concept_norm[concept])
                n = keep(rows, scores, n, n_most, concept, value)
    return n


@kernel
def best_by_words(touched, n_touched, score, entry_concept, n_most, rows, scores):
    """Concepts whose best entry scores highest, best first; equal ones by ascending row."""
    n = 0
    least = np.int32(0)
    for i in range(n_touched):
        entry = touched[i]
        if score[entry] < least:
            continue
        concept = entry_concept[entry]
        value = float(score[entry])
        place = 0
        while place < n and rows[place] != concept:
            place += 1
        if place == n:
            n = keep(rows, scores, n, n_most, concept, value)
        elif value > scores[place]:
            # Taken out, the others move up, and it goes in again where it belongs now.
            for later in range(place + 1, n):
                rows[later - 1] = rows[later]
                scores[later - 1] = scores[later]
            n = keep(rows, scores, n - 1, n_most, concept, value)
        if n == n_most:
            least = np.int32(scores[n - 1])
    return n


@kernel
def read_ahead(
    entries,
    entry_text,
    text_start,
    text_word,
    spelling_start,
    spelling,
    sorted_start,
    sorted_spelling,
    text_vectors,
):
    """Read the first of what will be read of each label.

    Labels lie all over memory. Here the processor waits for many of them at a time, in the
    loop that compares them for one after the other. The sum means nothing; it keeps the
    compiler from leaving the reading out.
    """
    read = np.int64(0)
    for i in range(len(entries)):
        text = entry_text[entries[i]]
        # Every text has a word and a character.
        read += text_word[text_start[text]]
        read += spelling[spelling_start[text]]
        read += sorted_spelling[sorted_start[text]]
        if len(text_vectors) > 0:
            read += text_vectors[text, 0] + text_vectors[text, N_DIMS // 2]
    return read


@kernel
def order_candidates(n_found, concept_row, features, column, weight, prior, order, best):
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
            total += prior[concept_row[row, place]]
            total = np.rint(total * 1e9) / 1e9
            n = keep(order[row], best[row], n, n_most, place, total)
        for place in range(n, n_most):
            order[row, place] = place
            best[row, place] = -np.inf


@kernel
def to_exponents(utility, order, concept_row, unseen, certainty, intercept, slope, unseen_slope, share):
    """Turn utilities, best first, into exponents of odds, and give that of each phrase's probability."""
    for row in range(len(utility)):
        best = utility[row, 0] if np.isfinite(utility[row, 0]) else 0.0
        beside = unseen_slope * unseen[row] + certainty[concept_row[row, order[row, 0]]]
        share[row] = -(intercept + slope * best + beside)
        for place in range(utility.shape[1]):
            utility[row, place] -= best


@kernel
def to_probabilities(odds, share):
    """Turn odds into probabilities, given what comes of each phrase's exponent; rounded as in the twin."""
    for row in range(len(odds)):
        probability = 1.0 / (1.0 + share[row])
        for place in range(odds.shape[1]):
            odds[row, place] = np.rint(probability * odds[row, place] * 1e6) / 1e6
