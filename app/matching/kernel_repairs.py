"""The compiled search for what words were before errors of typing; see ``app.matching.repairs``."""

from __future__ import annotations

import numpy as np

from app.matching.kernel_steps import clear_masks, keep, kernel, set_masks
from app.matching.repairs import MAX_REPAIRS
from app.matching.spelling import LONGEST_SPELLING

_RARITY_BOUND = 1 << 20  # above every rarity


@kernel
def sign(spelling_start, spelling):
    """Which characters each word has, by the last five bits of their codes.

    An edit takes at most one character away and brings at most one, so of words ``n``
    edits apart neither has more than ``n`` bits that the other lacks.
    """
    signature = np.zeros(len(spelling_start) - 1, np.uint32)
    for row in range(len(signature)):
        for at in range(spelling_start[row], spelling_start[row + 1]):
            signature[row] |= np.uint32(1) << np.uint32(spelling[at] & 31)
    return signature


@kernel
def may_be_near(mine, signature, first, last, most, flags):
    """Flag words that ``most`` edits may lead to; without branches, so that many are judged at once."""
    one = np.uint32(1)
    for at in range(first, last):
        lacking, added = mine & ~signature[at], signature[at] & ~mine
        lacking &= lacking - one
        added &= added - one
        if most > 1:
            lacking &= lacking - one
            added &= added - one
        flags[at - first] = (lacking | added) == np.uint32(0)


@kernel
def edits(masks, n_left, codes, start, end):
    """Errors of typing between words by the bit-parallel recurrence of Hyyrö (2003); 64 letters at most."""
    one = np.uint64(1)
    positive = np.uint64(0xFFFFFFFFFFFFFFFF)
    negative = np.uint64(0)
    diagonal = np.uint64(0)
    before = np.uint64(0)
    last = one << np.uint64(n_left - 1)
    distance = n_left
    for at in range(start, end):
        match = masks[codes[at]]
        swapped = (((~diagonal) & match) << one) & before
        diagonal = (((match & positive) + positive) ^ positive) | match | negative | swapped
        across = negative | ~(diagonal | positive)
        back = diagonal & positive
        if across & last:
            distance += 1
        if back & last:
            distance -= 1
        across = (across << one) | one
        back = back << one
        positive = back | ~(diagonal | across)
        negative = across & diagonal
        before = match
    return distance


@kernel
def find_near(
    spelling_start,
    spelling,
    most_edits,
    wanted_langs,
    row_by_length,
    length_start,
    signature,
    rarity,
    word_langs,
    word_spelling_start,
    word_spelling,
    masks,
):
    """Label words within some edits of each word: by edits, then the most used, then row."""
    own = sign(spelling_start, spelling)
    near_row = np.empty((len(most_edits), MAX_REPAIRS), np.int64)
    near_score = np.empty((len(most_edits), MAX_REPAIRS), np.float64)
    start = np.zeros(len(most_edits) + 1, np.int64)
    flags = np.empty(len(row_by_length), np.bool_)
    for row in range(len(most_edits)):
        n_found = 0
        most = most_edits[row]
        first, last = spelling_start[row], spelling_start[row + 1]
        n_letters = last - first
        if most > 0:
            begin = length_start[n_letters - most]
            end = length_start[min(n_letters + most, LONGEST_SPELLING) + 1]
            may_be_near(own[row], signature, begin, end, most, flags)
            set_masks(masks, spelling, first, last)
            for at in range(begin, end):
                if not flags[at - begin]:
                    continue
                word = row_by_length[at]
                if word_langs[word] & wanted_langs[row] == 0:
                    continue
                distance = edits(
                    masks, n_letters, word_spelling, word_spelling_start[word], word_spelling_start[word + 1]
                )
                if distance <= most:
                    score = -float(distance * _RARITY_BOUND + rarity[word])
                    n_found = keep(near_row[row], near_score[row], n_found, MAX_REPAIRS, word, score)
            clear_masks(masks, spelling, first, last)
        start[row + 1] = start[row] + n_found
    found_row = np.empty(start[-1], np.int32)
    found_edits = np.empty(start[-1], np.int32)
    for row in range(len(most_edits)):
        for i in range(start[row + 1] - start[row]):
            found_row[start[row] + i] = near_row[row, i]
            found_edits[start[row] + i] = np.int64(-near_score[row, i]) // _RARITY_BOUND
    return start, found_row, found_edits
