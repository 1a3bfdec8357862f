"""Compiled twin of ``app.matching.candidates``: one call for a batch of phrases.

Only whole numbers are added up and every order is total, so both give the same
bits. Nothing here allocates per phrase: the scratch arrays are cleared by
walking what was touched.
"""

from __future__ import annotations

from threading import local
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.candidates import (
    FEATURES,
    MAX_CANDIDATES,
    N_BY_LATENT,
    N_BY_WORDS,
    N_FEATURES,
    Candidates,
    EncodedPhrases,
)
from app.matching.kernel_products import N_AT_ONCE, dot, multiply, nearest
from app.matching.kernel_ranking import BLOCK, STEPS, best_by_words, nearest_concepts, read_ahead
from app.matching.kernel_steps import (
    accumulate,
    alike,
    clear_masks,
    cover,
    kernel,
    set_masks,
    sharpen,
    vector_of,
    weigh,
)
from app.matching.label_index import LabelIndex
from app.matching.labels import PREFERRED
from app.matching.latent import N_DIMS

assert len(FEATURES) == N_FEATURES == 12

_NO_VECTORS = np.zeros((0, 0), dtype=np.int8)
_NO_NORMS = np.zeros(0, dtype=np.float64)


class _Scratch(NamedTuple):
    """Work arrays of one thread and index, all zeros between calls where that matters."""

    score: NDArray[np.int32]
    touched: NDArray[np.int32]
    weight: NDArray[np.int32]
    weighted: NDArray[np.int32]
    is_chosen: NDArray[np.bool_]
    masks: NDArray[np.uint64]
    sorted_masks: NDArray[np.uint64]
    vectors: NDArray[np.int16]
    dots: NDArray[np.int32]
    highest: NDArray[np.int32]
    ahead: NDArray[np.int64]
    best_like: NDArray[np.int32]
    in_label: NDArray[np.bool_]


class CompiledSearch:
    """The compiled search of one index; threads may share it."""

    def __init__(self, index: LabelIndex) -> None:
        self._index = index
        self._own = local()
        self._rough = _rough(index)

    def __call__(self, phrases: EncodedPhrases) -> Candidates:
        """Do the work of ``plain_candidates`` in compiled code."""
        scratch = getattr(self._own, "scratch", None)
        if scratch is None:
            scratch = self._own.scratch = _scratch(self._index)
        return _search(self._index, phrases, scratch, self._rough)


def _scratch(index: LabelIndex) -> _Scratch:
    n_entries, n_words, n_codes = len(index.entry_text), len(index.words.words), len(index.alphabet) + 1
    return _Scratch(
        score=np.zeros(n_entries, np.int32),
        touched=np.empty(n_entries, np.int32),
        weight=np.zeros(n_words, np.int32),
        weighted=np.empty(n_words, np.int32),
        is_chosen=np.zeros(index.n_concepts, np.bool_),
        masks=np.zeros(n_codes, np.uint64),
        sorted_masks=np.zeros(n_codes, np.uint64),
        vectors=np.empty((N_AT_ONCE, N_DIMS), np.int16),
        dots=np.empty((N_AT_ONCE, index.n_concepts), np.int32),
        highest=np.empty(index.n_concepts // BLOCK + 1, np.int32),
        ahead=np.zeros(1, np.int64),
        best_like=np.zeros(n_words, np.int32),
        in_label=np.zeros(n_words, np.bool_),
    )


def _rough(index: LabelIndex) -> NDArray[np.float32]:
    """What a product with each concept's vector is multiplied by for its cosine in steps."""
    if index.latent is None:
        return np.zeros(0, np.float32)
    is_named = np.diff(index.concept_start) > 0
    return np.where(is_named, STEPS / index.latent.concept_norm, 0.0).astype(np.float32)


def _search(
    index: LabelIndex, phrases: EncodedPhrases, scratch: _Scratch, rough: NDArray[np.float32]
) -> Candidates:
    n_phrases = len(phrases.lang_bit)
    found = Candidates(
        np.zeros(n_phrases, np.int32),
        np.zeros((n_phrases, MAX_CANDIDATES), np.int32),
        np.zeros((n_phrases, MAX_CANDIDATES), np.int32),
        np.zeros((n_phrases, MAX_CANDIDATES, N_FEATURES)),
    )
    latent = index.latent
    _find(
        phrases.word_start,
        phrases.word,
        phrases.rarity,
        phrases.likes.indptr,
        phrases.likes.word_row,
        phrases.likes.likeness,
        phrases.vectors,
        phrases.spelling_start,
        phrases.spelling,
        phrases.sorted_spelling_start,
        phrases.sorted_spelling,
        phrases.lang_bit,
        index.words.rarity,
        index.entry_concept,
        index.entry_text,
        index.entry_kind,
        index.entry_langs,
        index.concept_start,
        index.text_start,
        index.text_word,
        index.word_start,
        index.posting_entry,
        index.posting_impact,
        index.is_common,
        index.spelling_start,
        index.spelling,
        index.sorted_spelling_start,
        index.sorted_spelling,
        *scratch,
        _NO_VECTORS if latent is None else latent.text_vectors,
        _NO_NORMS if latent is None else latent.text_norm,
        _NO_VECTORS if latent is None else latent.concept_vectors,
        _NO_NORMS if latent is None else latent.concept_norm,
        rough,
        found.n_found,
        found.concept_row,
        found.entry_row,
        found.features,
    )
    return found


@kernel
def _find(
    phrase_word_start,
    phrase_word,
    phrase_rarity,
    like_start,
    like_word,
    likeness,
    word_vector,
    phrase_spelling_start,
    phrase_spelling,
    phrase_sorted_start,
    phrase_sorted,
    lang_bit,
    rarity,
    entry_concept,
    entry_text,
    entry_kind,
    entry_langs,
    concept_start,
    text_start,
    text_word,
    word_start,
    posting_entry,
    posting_impact,
    is_common,
    spelling_start,
    spelling,
    sorted_start,
    sorted_spelling,
    score,
    touched,
    weight,
    weighted,
    is_chosen,
    masks,
    sorted_masks,
    vectors,
    dots,
    highest,
    ahead,
    best_like,
    in_label,
    text_vectors,
    text_norm,
    concept_vectors,
    concept_norm,
    rough,
    n_found,
    concept_row,
    entry_row,
    features,
):
    has_latent = word_vector.shape[1] == N_DIMS
    norms = np.ones(N_AT_ONCE, np.float64)
    summed = np.zeros(N_DIMS, np.int64)
    by_words = np.empty(N_BY_WORDS, np.int64)
    word_score = np.empty(N_BY_WORDS, np.float64)
    by_latent = np.empty(N_BY_LATENT, np.int64)
    latent_score = np.empty(N_BY_LATENT, np.float64)
    chosen = np.empty(N_BY_WORDS + N_BY_LATENT, np.int64)
    for row in range(len(lang_bit)):
        first, last = phrase_word_start[row], phrase_word_start[row + 1]
        n_weighted = weigh(
            phrase_word,
            first,
            last,
            phrase_rarity,
            like_start,
            like_word,
            likeness,
            weight,
            weighted,
            best_like,
        )
        n_touched = accumulate(
            weight, weighted, n_weighted, is_common, word_start, posting_entry, posting_impact, score, touched
        )
        n_words = best_by_words(touched, n_touched, score, entry_concept, N_BY_WORDS, by_words, word_score)
        n_latent = 0
        at = row % N_AT_ONCE
        if has_latent:
            if at == 0:
                n_at_once = min(N_AT_ONCE, len(lang_bit) - row)
                for other in range(n_at_once):
                    norms[other] = vector_of(
                        phrase_word,
                        phrase_word_start[row + other],
                        phrase_word_start[row + other + 1],
                        phrase_rarity,
                        word_vector,
                        summed,
                        vectors[other],
                    )
                multiply(concept_vectors, vectors, n_at_once, dots)
            n_latent = nearest_concepts(
                concept_norm, rough, dots[at], norms[at], N_BY_LATENT, by_latent, latent_score, highest
            )
        n_chosen = 0
        for i in range(n_words):
            is_chosen[by_words[i]] = True
            chosen[n_chosen] = by_words[i]
            n_chosen += 1
        for i in range(n_latent):
            if not is_chosen[by_latent[i]]:
                is_chosen[by_latent[i]] = True
                chosen[n_chosen] = by_latent[i]
                n_chosen += 1
        chosen[:n_chosen].sort()
        start, end = phrase_spelling_start[row], phrase_spelling_start[row + 1]
        sorted_from, sorted_to = phrase_sorted_start[row], phrase_sorted_start[row + 1]
        set_masks(masks, phrase_spelling, start, end)
        set_masks(sorted_masks, phrase_sorted, sorted_from, sorted_to)
        n_found[row] = n_chosen
        for place in range(n_chosen):
            concept = chosen[place]
            is_chosen[concept] = False
            entry = concept_start[concept]
            for other in range(entry + 1, concept_start[concept + 1]):
                if score[other] > score[entry]:
                    entry = other
            if score[entry] == 0 and has_latent:
                entry = nearest(
                    concept_start[concept],
                    concept_start[concept + 1],
                    entry_text,
                    text_vectors,
                    text_norm,
                    vectors,
                    at,
                )
            concept_row[row, place] = concept
            entry_row[row, place] = entry
        ahead[0] = read_ahead(
            entry_row[row, :n_chosen],
            entry_text,
            text_start,
            text_word,
            spelling_start,
            spelling,
            sorted_start,
            sorted_spelling,
            text_vectors,
        )
        for place in range(n_chosen):
            concept = chosen[place]
            entry = entry_row[row, place]
            text = entry_text[entry]
            out = features[row, place]
            cover(
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
                text_start[text],
                text_start[text + 1],
                rarity,
                score[entry],
                out,
            )
            out[3] = alike(masks, end - start, spelling, spelling_start[text], spelling_start[text + 1])
            out[4] = alike(
                sorted_masks,
                sorted_to - sorted_from,
                sorted_spelling,
                sorted_start[text],
                sorted_start[text + 1],
            )
            out[10] = sharpen(max(out[3], out[4]))
            if has_latent:
                out[6] = float(dots[at, concept]) / (norms[at] * concept_norm[concept])
                near = max(out[6], 0.0)
                out[11] = (near * near) * near
                out[7] = float(dot(text_vectors, text, vectors, at)) / (norms[at] * text_norm[text])
            out[8] = 1.0 if entry_kind[entry] == PREFERRED else 0.0
            out[9] = 1.0 if lang_bit[row] != 0 and (entry_langs[entry] & lang_bit[row]) == 0 else 0.0
        clear_masks(masks, phrase_spelling, start, end)
        clear_masks(sorted_masks, phrase_sorted, sorted_from, sorted_to)
        for i in range(n_touched):
            score[touched[i]] = 0
        for i in range(n_weighted):
            weight[weighted[i]] = 0
            best_like[weighted[i]] = 0
