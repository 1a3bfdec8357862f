"""Phrase -> the concepts worth a look, each with the signals that tell them apart.

The plain twin of ``app.matching.kernels``: NumPy, SciPy and RapidFuzz, the same to
the last bit, since all that is added up are whole numbers. It serves where Numba is
absent or has not compiled yet, and it is the oracle of the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.label_index import IMPACT_UNITS, LabelIndex
from app.matching.labels import PREFERRED
from app.matching.latent import N_DIMS
from app.matching.latent_space import lengths, to_whole
from app.matching.phrase_words import PhraseWords, words_of_phrases
from app.matching.repairs import find_repairs, likes_with_repairs, vectors_with_repairs
from app.matching.spelling import spell
from app.matching.words import LIKENESS_UNITS, Likes

N_BY_WORDS = 24
N_BY_LATENT = 24
MAX_CANDIDATES = N_BY_WORDS + N_BY_LATENT

FEATURES = (
    "words",  # cosine of the rarity vectors, with the best like of each word
    "phrase_covered",  # share of the phrase's rarity that the label's words account for
    "label_covered",  # share of the label's rarity that the phrase's words account for
    "spelling",  # 2 * LCS / (m + n), characters in order
    "sorted_spelling",  # the same with the words of both in alphabetical order
    "same_words",  # (phrase_covered * label_covered) to the fourth: all words of both, or nearly
    "latent_concept",  # cosine with the concept in the latent space
    "latent_label",  # cosine with the label in the latent space
    "is_preferred",  # the label is a preferred one
    "is_foreign",  # the label is not one of the phrase's declared language
    "closeness",  # the better likeness of spelling to the eighth: errors of typing against other words
    "latent_nearness",  # latent_concept to the third, where it is positive: near concepts against far ones
)
N_FEATURES = len(FEATURES)

_BLOCK = 32  # bounds the memory of the dense scores; no result depends on it


class Candidates(NamedTuple):
    """Concepts worth a look for each phrase, by ascending concept row.

    Attributes
    ----------
    n_found : ndarray of shape (n_phrases,), int32
        Entries of each row below that are filled.
    concept_row : ndarray of shape (n_phrases, MAX_CANDIDATES), int32
    entry_row : ndarray of shape (n_phrases, MAX_CANDIDATES), int32
        The concept's label that is nearest.
    features : ndarray of shape (n_phrases, MAX_CANDIDATES, N_FEATURES), float64
        In [-1, 1]; see ``FEATURES``.
    """

    n_found: NDArray[np.int32]
    concept_row: NDArray[np.int32]
    entry_row: NDArray[np.int32]
    features: NDArray[np.float64]


class EncodedPhrases(NamedTuple):
    """Phrases in the numbers of a label index.

    Attributes
    ----------
    word_start : ndarray of shape (n_phrases + 1,), int64
    word : ndarray of shape (n_phrase_words,), int32
        Words of each phrase, in order: rows below.
    rarity : ndarray of shape (n_distinct,), int32
        Of each distinct word of all phrases.
    likes : Likes
        Label words that each distinct word stands for.
    strangeness : ndarray of shape (n_distinct,), float64
        One less the likeness of the label word most like it, in [0, 1]; 0 for words of labels.
    vectors : ndarray of shape (n_distinct, N_DIMS), int64
        In the latent space; no columns without one.
    spelling_start, spelling, sorted_spelling_start, sorted_spelling
        As in ``LabelIndex``.
    lang_bit : ndarray of shape (n_phrases,), int64
        Bit of the declared language; 0 when none is declared or loaded.
    """

    word_start: NDArray[np.int64]
    word: NDArray[np.int32]
    rarity: NDArray[np.int32]
    likes: Likes
    strangeness: NDArray[np.float64]
    vectors: NDArray[np.int64]
    spelling_start: NDArray[np.int64]
    spelling: NDArray[np.uint16]
    sorted_spelling_start: NDArray[np.int64]
    sorted_spelling: NDArray[np.uint16]
    lang_bit: NDArray[np.int64]


_NO_LIKES = Likes(np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))


def encode_phrases(index: LabelIndex, phrases: Sequence[str], lang_bits: Sequence[int]) -> EncodedPhrases:
    """Turn canonical phrases into the numbers of an index."""
    split = [phrase.split() for phrase in phrases]
    found = words_of_phrases(index.words, split, lang_bits)
    word_start = np.zeros(len(phrases) + 1, dtype=np.int64)
    np.cumsum([len(words) for words in split], out=word_start[1:])
    spelling_start, spelling = spell(index.codes, phrases)
    sorted_start, sorted_spelling = spell(index.codes, [" ".join(sorted(words)) for words in split])
    known = _look_up(index, found)
    return EncodedPhrases(
        word_start=word_start,
        word=found.word,
        **known._asdict(),
        spelling_start=spelling_start,
        spelling=spelling,
        sorted_spelling_start=sorted_start,
        sorted_spelling=sorted_spelling,
        lang_bit=np.array(lang_bits, dtype=np.int64),
    )


def unseen_share(phrases: EncodedPhrases) -> NDArray[np.float64]:
    """How far each phrase's words are from words of labels, shape (n_phrases,), in [0, 1]; 1 without words.

    The mean over its words of one less the likeness of the label word that is spelt most
    like it: 0 for words that labels use, 1 for words like none of them.
    """
    n_words = phrases.word_start[1:] - phrases.word_start[:-1]
    phrase = np.repeat(np.arange(len(n_words)), n_words)
    summed = np.bincount(phrase, weights=phrases.strangeness[phrases.word], minlength=len(n_words))
    return np.where(n_words > 0, (summed / np.maximum(n_words, 1)).round(6), 1.0)


class _Known(NamedTuple):
    """What is known of distinct words; see ``EncodedPhrases``."""

    rarity: NDArray[np.int32]
    likes: Likes
    strangeness: NDArray[np.float64]
    vectors: NDArray[np.int64]


def _look_up(index: LabelIndex, words: PhraseWords) -> _Known:
    """Find words in the index, and work out those that it does not have."""
    table = index.words
    rows, strange, langs = words.row.tolist(), words.strange, words.strange_langs
    repairs = find_repairs(table, strange, langs)
    found = likes_with_repairs(table, table.likes_of(strange, langs), repairs) if strange else _NO_LIKES
    starts, found_starts = table.like_starts, found.indptr.tolist()
    word_rows, likenesses, strangeness, n_likes = [_NO_LIKES.word_row], [_NO_LIKES.likeness], [], [0]
    at = 0
    for row in rows:
        if row >= 0:
            source, start, end = table.likes, starts[row], starts[row + 1]
        else:
            source, start, end = found, found_starts[at], found_starts[at + 1]
            at += 1
        word_rows.append(source.word_row[start:end])
        likenesses.append(source.likeness[start:end])
        n_likes.append(end - start)
        # Likes come best first; a word of the index is its own best.
        nearest = int(source.likeness[start]) if row < 0 and end > start else 0
        strangeness.append(0.0 if row >= 0 else 1.0 - nearest / LIKENESS_UNITS)
    likes = Likes(np.cumsum(n_likes, dtype=np.int64), np.concatenate(word_rows), np.concatenate(likenesses))
    rarity = [int(table.rarity[row]) if row >= 0 else table.unseen_rarity for row in rows]
    if index.latent is None:
        vectors = np.zeros((len(rows), 0), dtype=np.int64)
    else:
        vectors = np.zeros((len(rows), N_DIMS), dtype=np.int64)
        is_known = words.row >= 0
        vectors[is_known] = index.latent.word_vectors[words.row[is_known]]
        if strange:
            own = index.latent.vectors_of_unknown(table, strange)
            vectors[~is_known] = vectors_with_repairs(own, repairs, index.latent.word_vectors)
    return _Known(np.array(rarity, dtype=np.int32), likes, np.array(strangeness), vectors)


def plain_candidates(index: LabelIndex, phrases: EncodedPhrases) -> Candidates:
    """Find the candidates of each phrase and their features."""
    n_phrases = len(phrases.lang_bit)
    found = Candidates(
        np.zeros(n_phrases, np.int32),
        np.zeros((n_phrases, MAX_CANDIDATES), np.int32),
        np.zeros((n_phrases, MAX_CANDIDATES), np.int32),
        np.zeros((n_phrases, MAX_CANDIDATES, N_FEATURES)),
    )
    for start in range(0, n_phrases, _BLOCK):
        _find_block(index, phrases, range(start, min(start + _BLOCK, n_phrases)), found)
    return found


def describe(
    index: LabelIndex, phrases: EncodedPhrases, row: int, concepts: Sequence[int]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Judge concepts that something else proposes for one phrase.

    Returns
    -------
    entry_row : ndarray of shape (n_concepts,), int32
    features : ndarray of shape (n_concepts, N_FEATURES), float64
        Both as in ``Candidates``.
    """
    scores = _word_scores(index, phrases, range(row, row + 1))[0]
    latent = _latent_cosines(index, phrases, row)
    entries = [
        _nearest_entry(index, scores, phrases, row, concept, latent is not None) for concept in concepts
    ]
    features = [
        _features(index, phrases, row, concept, entry, float(scores[entry]), latent)
        for concept, entry in zip(concepts, entries, strict=True)
    ]
    return np.array(entries, dtype=np.int32), np.array(features).reshape(len(entries), N_FEATURES)


def _word_scores(index: LabelIndex, phrases: EncodedPhrases, block: range) -> NDArray[np.float32]:
    """Dot product of each phrase's weights with each entry, shape (n_in_block, n_entries)."""
    from scipy.sparse import csr_matrix

    asked = [_weights(index, phrases, row) for row in block]
    indptr = np.zeros(len(asked) + 1, dtype=np.int64)
    np.cumsum([len(each) for each in asked], out=indptr[1:])
    matrix = csr_matrix(
        (
            np.array([weight for each in asked for weight in each.values()], dtype=np.float32),
            np.array([row for each in asked for row in each], dtype=np.int32),
            indptr,
        ),
        shape=(len(asked), len(index.words.words)),
    )
    scores: NDArray[np.float32] = (matrix @ index.postings).toarray()
    return scores


def _find_block(index: LabelIndex, phrases: EncodedPhrases, block: range, found: Candidates) -> None:
    scores = _word_scores(index, phrases, block)
    named = np.flatnonzero(np.diff(index.concept_start))
    best = np.zeros((len(block), index.n_concepts), dtype=np.float32)
    if len(named):
        best[:, named] = np.maximum.reduceat(scores, index.concept_start[named], axis=1)
    for position, row in enumerate(block):
        latent = _latent_cosines(index, phrases, row)
        concepts = _choose(best[position], latent, index)
        found.n_found[row] = len(concepts)
        for place, concept in enumerate(concepts):
            entry = _nearest_entry(index, scores[position], phrases, row, concept, latent is not None)
            found.concept_row[row, place] = concept
            found.entry_row[row, place] = entry
            found.features[row, place] = _features(
                index, phrases, row, concept, entry, float(scores[position, entry]), latent
            )


def _weights(index: LabelIndex, phrases: EncodedPhrases, row: int) -> dict[int, int]:
    """Weight of each label word that the phrase's words stand for, in 1/64; common words only if alone."""
    weights: dict[int, int] = {}
    for word in _words(phrases, row):
        for like, likeness in _likes(phrases, word):
            weight = int(phrases.rarity[word]) * likeness // LIKENESS_UNITS
            weights[like] = max(weights.get(like, 0), weight)
    telling = {like: weight for like, weight in weights.items() if not index.is_common[like]}
    return dict(sorted((telling or weights).items()))


def _words(phrases: EncodedPhrases, row: int) -> list[int]:
    words: list[int] = phrases.word[phrases.word_start[row] : phrases.word_start[row + 1]].tolist()
    return words


def _likes(phrases: EncodedPhrases, word: int) -> list[tuple[int, int]]:
    taken = slice(int(phrases.likes.indptr[word]), int(phrases.likes.indptr[word + 1]))
    return list(
        zip(phrases.likes.word_row[taken].tolist(), phrases.likes.likeness[taken].tolist(), strict=True)
    )


def phrase_vector(phrases: EncodedPhrases, row: int) -> NDArray[np.int8]:
    """The phrase in the latent space: its distinct words' vectors by rarity, shape (N_DIMS,), int8."""
    words = sorted(set(_words(phrases, row)))
    summed = (phrases.rarity[words].astype(np.int64)[:, None] * phrases.vectors[words]).sum(axis=0)
    whole: NDArray[np.int8] = to_whole(summed[None, :])[0]
    return whole


def _latent_cosines(
    index: LabelIndex, phrases: EncodedPhrases, row: int
) -> tuple[NDArray[np.int8], float, NDArray[np.float64]] | None:
    """The phrase's vector, its length, and its cosine with each concept."""
    if index.latent is None:
        return None
    vector = phrase_vector(phrases, row)
    norm = float(lengths(vector[None, :])[0])
    # Whole numbers below 2**24: float32 adds them up exactly in any order.
    dot = index.latent.concept_vectors.astype(np.float32) @ vector.astype(np.float32)
    return vector, norm, dot.astype(np.float64) / (norm * index.latent.concept_norm)


def _choose(
    best: NDArray[np.float32],
    latent: tuple[NDArray[np.int8], float, NDArray[np.float64]] | None,
    index: LabelIndex,
) -> list[int]:
    chosen = set(_first(best, N_BY_WORDS))
    if latent is not None:
        is_named = np.diff(index.concept_start) > 0
        chosen |= set(_first(np.where(is_named, latent[2], 0.0), N_BY_LATENT))
    return sorted(chosen)


def _first(scores: NDArray[np.float32] | NDArray[np.float64], n: int) -> list[int]:
    """Rows of the ``n`` largest positive scores; equal ones by ascending row."""
    positive = np.flatnonzero(scores > 0)
    order = positive[np.lexsort((positive, -scores[positive]))]
    rows: list[int] = order[:n].tolist()
    return rows


def _nearest_entry(
    index: LabelIndex,
    scores: NDArray[np.float32],
    phrases: EncodedPhrases,
    row: int,
    concept: int,
    has_latent: bool,
) -> int:
    """The concept's label with the best score by words, else in the latent space; the first of equal ones."""
    start, end = int(index.concept_start[concept]), int(index.concept_start[concept + 1])
    best = start + int(np.argmax(scores[start:end]))
    if scores[best] > 0 or index.latent is None or not has_latent:
        return best
    texts = index.entry_text[start:end]
    vector = phrase_vector(phrases, row).astype(np.int64)
    dot = (index.latent.text_vectors[texts].astype(np.int64) @ vector).astype(np.float64)
    return start + int(np.argmax(dot / index.latent.text_norm[texts]))


def _features(
    index: LabelIndex,
    phrases: EncodedPhrases,
    row: int,
    concept: int,
    entry: int,
    score: float,
    latent: tuple[NDArray[np.int8], float, NDArray[np.float64]] | None,
) -> list[float]:
    text = int(index.entry_text[entry])
    label_words: list[int] = index.text_word[index.text_start[text] : index.text_start[text + 1]].tolist()
    by_phrase = dict.fromkeys(label_words, 0)
    words = _words(phrases, row)
    rarities = [int(phrases.rarity[word]) for word in words]
    covered = 0
    for word, rarity in zip(words, rarities, strict=True):
        likes = {like: likeness for like, likeness in _likes(phrases, word) if like in by_phrase}
        best = max(likes.values(), default=0)
        covered += rarity * best
        for like, likeness in likes.items():
            by_phrase[like] = max(by_phrase[like], likeness)
    label_rarity = {word: int(index.words.rarity[word]) for word in label_words}
    label_covered = sum(label_rarity[word] * likeness for word, likeness in by_phrase.items())
    norm = float(np.sqrt(float(sum(rarity * rarity for rarity in rarities))))
    lang_bit = int(phrases.lang_bit[row])
    latent_concept = latent_label = 0.0
    if latent is not None and index.latent is not None:
        vector, length, cosines = latent
        latent_concept = float(cosines[concept])
        dot = int(index.latent.text_vectors[text].astype(np.int64) @ vector.astype(np.int64))
        latent_label = dot / (length * float(index.latent.text_norm[text]))
    phrase_share = covered / (LIKENESS_UNITS * max(1, sum(rarities)))
    label_share = label_covered / (LIKENESS_UNITS * max(1, sum(label_rarity.values())))
    same = phrase_share * label_share
    spelling = _alike(
        phrases.spelling[phrases.spelling_start[row] : phrases.spelling_start[row + 1]],
        index.spelling[index.spelling_start[text] : index.spelling_start[text + 1]],
    )
    sorted_spelling = _alike(
        phrases.sorted_spelling[phrases.sorted_spelling_start[row] : phrases.sorted_spelling_start[row + 1]],
        index.sorted_spelling[index.sorted_spelling_start[text] : index.sorted_spelling_start[text + 1]],
    )
    squared = max(spelling, sorted_spelling) * max(spelling, sorted_spelling)
    near = max(latent_concept, 0.0)
    return [
        score / (IMPACT_UNITS * norm) if norm else 0.0,
        phrase_share,
        label_share,
        spelling,
        sorted_spelling,
        (same * same) * (same * same),
        latent_concept,
        latent_label,
        float(index.entry_kind[entry] == PREFERRED),
        float(lang_bit != 0 and not (int(index.entry_langs[entry]) & lang_bit)),
        (squared * squared) * (squared * squared),
        (near * near) * near,
    ]


def _alike(left: NDArray[np.uint16], right: NDArray[np.uint16]) -> float:
    from rapidfuzz.distance import LCSseq

    total = len(left) + len(right)
    # A code of 0 stands for different characters; it must not equal itself, and labels hold none.
    return 2.0 * LCSseq.similarity(left.tolist(), right.tolist()) / total if total else 0.0
