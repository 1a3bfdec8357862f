"""The steps of the compiled search. They trust their arguments; see ``app.matching.kernels``."""

from __future__ import annotations

import numpy as np

from app.matching.jit import kept
from app.matching.label_index import IMPACT_UNITS
from app.matching.latent import N_DIMS
from app.matching.latent_space import VECTOR_UNITS
from app.matching.spelling import LONGEST_SPELLING
from app.matching.words import (
    INFLECTED,
    LEAST_COSINE,
    LEAST_RATIO,
    LEAST_RATIO_SAME_PREFIX,
    LIKENESS_UNITS,
    MAX_LIKES,
    N_LOOKED_AT,
    PREFIX_SHARE,
    SHORTEST_LIKE,
)

kernel = kept


@kernel
def weigh(
    phrase_word, first, last, phrase_rarity, like_start, like_word, likeness, weight, weighted, best_like
):
    n_weighted = 0
    for i in range(first, last):
        word = phrase_word[i]
        for at in range(like_start[word], like_start[word + 1]):
            like = like_word[at]
            value = phrase_rarity[word] * likeness[at] // LIKENESS_UNITS
            if best_like[like] == 0:
                weighted[n_weighted] = like
                n_weighted += 1
            if likeness[at] > best_like[like]:
                best_like[like] = likeness[at]
            if value > weight[like]:
                weight[like] = value
    return n_weighted


@kernel
def accumulate(
    weight, weighted, n_weighted, is_common, word_start, posting_entry, posting_impact, score, touched
):
    is_telling = False
    for i in range(n_weighted):
        if not is_common[weighted[i]]:
            is_telling = True
    n_touched = 0
    for i in range(n_weighted):
        word = weighted[i]
        if is_telling and is_common[word]:
            continue
        value = weight[word]
        for at in range(word_start[word], word_start[word + 1]):
            entry = posting_entry[at]
            gain = value * np.int32(posting_impact[at])
            if gain > 0:
                if score[entry] == 0:
                    touched[n_touched] = entry
                    n_touched += 1
                score[entry] += gain
    return n_touched


@kernel
def keep(rows, scores, n, n_most, row, value):
    """Insert into the best so far: by score descending, then row ascending."""
    if n == n_most and (value < scores[n - 1] or (value == scores[n - 1] and row > rows[n - 1])):
        return n
    place = n if n < n_most else n - 1
    while place > 0 and (scores[place - 1] < value or (scores[place - 1] == value and rows[place - 1] > row)):
        scores[place] = scores[place - 1]
        rows[place] = rows[place - 1]
        place -= 1
    scores[place] = value
    rows[place] = row
    return n + 1 if n < n_most else n


@kernel
def vector_of(phrase_word, first, last, phrase_rarity, word_vector, summed, vector):
    summed[:] = 0
    for i in range(first, last):
        word = phrase_word[i]
        is_repeated = False
        for other in range(first, i):
            if phrase_word[other] == word:
                is_repeated = True
        if not is_repeated:
            for d in range(N_DIMS):
                summed[d] += np.int64(phrase_rarity[word]) * word_vector[word, d]
    largest = np.int64(1)
    for d in range(N_DIMS):
        largest = max(largest, abs(summed[d]))
    squares = np.int64(0)
    for d in range(N_DIMS):
        value = (2 * VECTOR_UNITS * summed[d] + largest) // (2 * largest)
        vector[d] = value
        squares += value * value
    return np.sqrt(float(max(squares, np.int64(1))))


@kernel
def cover(
    phrase_word,
    first,
    last,
    phrase_rarity,
    like_start,
    like_word,
    likeness,
    best_like,
    in_label,
    text_word,
    label_from,
    label_to,
    rarity,
    score,
    out,
):
    label_whole = np.int64(0)
    label_covered = np.int64(0)
    for label in range(label_from, label_to):
        word = text_word[label]
        in_label[word] = True
        label_whole += rarity[word]
        label_covered += rarity[word] * np.int64(best_like[word])
    covered = np.int64(0)
    whole = np.int64(0)
    squares = np.int64(0)
    for i in range(first, last):
        word = phrase_word[i]
        most = np.int64(0)
        for at in range(like_start[word], like_start[word + 1]):
            if in_label[like_word[at]]:
                most = max(most, np.int64(likeness[at]))
        value = np.int64(phrase_rarity[word])
        whole += value
        squares += value * value
        covered += value * most
    for label in range(label_from, label_to):
        in_label[text_word[label]] = False
    norm = np.sqrt(float(squares))
    out[0] = float(score) / (IMPACT_UNITS * norm) if norm > 0 else 0.0
    out[1] = float(covered) / float(LIKENESS_UNITS * max(np.int64(1), whole))
    out[2] = float(label_covered) / float(LIKENESS_UNITS * max(np.int64(1), label_whole))
    same = out[1] * out[2]
    out[5] = (same * same) * (same * same)


@kernel
def set_masks(masks, codes, start, end):
    for i in range(start, end):
        masks[codes[i]] |= np.uint64(1) << np.uint64(i - start)
    # Code 0 stands for every character that no label uses.
    masks[0] = np.uint64(0)


@kernel
def clear_masks(masks, codes, start, end):
    for i in range(start, end):
        masks[codes[i]] = np.uint64(0)


@kernel
def alike(masks, n_left, codes, start, end):
    """2 * LCS / (m + n) by the bit-parallel recurrence of Hyyrö (2004); at most 64 characters."""
    total = n_left + end - start
    if total == 0 or n_left == 0:
        return 0.0
    ones = np.uint64(0xFFFFFFFFFFFFFFFF)
    state = ones
    for i in range(start, end):
        match = state & masks[codes[i]]
        state = (state + match) | (state - match)
    if n_left < LONGEST_SPELLING:
        state |= ~((np.uint64(1) << np.uint64(n_left)) - np.uint64(1))
    common = 0
    left = ~state
    while left != np.uint64(0):
        left &= left - np.uint64(1)
        common += 1
    return 2.0 * float(common) / float(total)


@kernel
def sharpen(likeness):
    squared = likeness * likeness
    return (squared * squared) * (squared * squared)


@kernel
def find_likes(
    gram_start,
    gram,
    gram_weight,
    posting_start,
    posting_word,
    posting_weight,
    norm,
    word_langs,
    own_row,
    wanted_langs,
    spelling_start,
    spelling,
    word_spelling_start,
    word_spelling,
    masks,
    acc,
    touched,
    n_like,
    like_word,
    likeness,
):
    """Label words spelt like each word; the compiled twin of ``app.matching.words``' search for likes."""
    nearest = np.empty(N_LOOKED_AT, np.int64)
    cosine = np.empty(N_LOOKED_AT, np.float64)
    alike_row = np.empty(MAX_LIKES, np.int64)
    alike_ratio = np.empty(MAX_LIKES, np.float64)
    for row in range(len(own_row)):
        squares = np.int64(0)
        n_touched = 0
        for at in range(gram_start[row], gram_start[row + 1]):
            value = np.int64(gram_weight[gram[at]])
            squares += value * value
            for entry in range(posting_start[gram[at]], posting_start[gram[at] + 1]):
                word = posting_word[entry]
                if acc[word] == 0:
                    touched[n_touched] = word
                    n_touched += 1
                acc[word] += value * posting_weight[entry]
        own_norm = np.sqrt(float(squares))
        n_near = 0
        for i in range(n_touched):
            word = touched[i]
            near = float(acc[word]) / max(own_norm * norm[word], 1.0)
            if near >= LEAST_COSINE and word_langs[word] & wanted_langs[row] != 0:
                n_near = keep(nearest, cosine, n_near, N_LOOKED_AT, word, near)
            acc[word] = 0
        start, end = spelling_start[row], spelling_start[row + 1]
        set_masks(masks, spelling, start, end)
        n_alike = 0
        for i in range(n_near):
            word = nearest[i]
            other, other_end = word_spelling_start[word], word_spelling_start[word + 1]
            if word == own_row[row] or other_end - other < SHORTEST_LIKE:
                continue
            ratio = alike(masks, end - start, word_spelling, other, other_end)
            wanted = max(3, int(np.rint(PREFIX_SHARE * min(end - start, other_end - other))))
            begins = True
            for d in range(wanted):
                if start + d >= end or other + d >= other_end:
                    begins = begins and (end - start == other_end - other)
                    break
                if spelling[start + d] == 0 or spelling[start + d] != word_spelling[other + d]:
                    begins = False
                    break
            if ratio >= (LEAST_RATIO_SAME_PREFIX if begins else LEAST_RATIO):
                n_alike = keep(alike_row, alike_ratio, n_alike, MAX_LIKES, word, ratio)
        clear_masks(masks, spelling, start, end)
        factor = INFLECTED if own_row[row] >= 0 else 1.0
        n_like[row] = n_alike
        for i in range(n_alike):
            like_word[row, i] = alike_row[i]
            likeness[row, i] = int(np.rint(LIKENESS_UNITS * factor * alike_ratio[i]))
