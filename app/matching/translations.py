"""English words for words of other languages, learned from the labels of a release.

Labels of one concept in two languages are taken for translations of each other, and IBM
Model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation") finds which of
their words correspond, in both directions; a word's translation has to be likely in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = Sequence[str]


@dataclass(frozen=True, slots=True)
class TranslationConfig:
    """Settings of the learning; probabilities lie in [0, 1].

    Attributes
    ----------
    n_passes
        Passes of expectation maximisation; more change nothing that counts.
    least
        A translation is at least so probable.
    most
        Translations kept of a word, the most probable.
    sure
        From this probability of them together on a word stands wholly for its translations.
    """

    n_passes: int = 6
    least: float = 0.1
    most: int = 2
    sure: float = 0.5


TRANSLATIONS = TranslationConfig()


class Translation(NamedTuple):
    """An English word, and how much of a word's weight it stands for, in (0, 1]."""

    word: str
    share: float


Dictionary = Mapping[str, tuple[Translation, ...]]
"""Translations of words of one language."""


def learn_translations(
    foreign: Sequence[Words], english: Sequence[Words], config: TranslationConfig = TRANSLATIONS
) -> Dictionary:
    """Learn which English words the words of another language stand for.

    Parameters
    ----------
    foreign, english : sequences of sequences of str, equally long
        Words of two texts that mean the same, at each place.

    Returns
    -------
    dict
        Translations of each foreign word that has any but itself, the greatest share first; a word's
        shares add up to 1 at most.

    Raises
    ------
    ValueError
        If the sequences differ in length.
    """
    if len(foreign) != len(english):
        raise ValueError("foreign and english must have equal length")
    ours, theirs = _Numbered(foreign), _Numbered(english)
    forth, forth_probability = _model(ours, theirs, config.n_passes)
    back, back_probability = _model(theirs, ours, config.n_passes)
    turned = back[:, ::-1]
    width = len(theirs.words)
    keys, turned_keys = forth @ (width, 1), turned @ (width, 1)
    order = np.argsort(turned_keys)
    at = order[np.minimum(np.searchsorted(turned_keys, keys, sorter=order), max(0, len(order) - 1))]
    is_both = turned_keys[at] == keys if len(order) else np.zeros(len(keys), dtype=bool)
    # Rounded, so that no machine's square root decides.
    likely = np.round(np.sqrt(forth_probability * np.where(is_both, back_probability[at], 0.0)), 6)
    found: dict[str, list[tuple[float, str]]] = {}
    for row in np.flatnonzero(likely >= config.least).tolist():
        word, translation = forth[row].tolist()
        found.setdefault(ours.words[word], []).append((-float(likely[row]), theirs.words[translation]))
    shared = {word: _shares(word, sorted(each)[: config.most], config.sure) for word, each in found.items()}
    return {word: shared[word] for word in sorted(shared) if shared[word]}


def _shares(word: str, likeliest: Sequence[tuple[float, str]], sure: float) -> tuple[Translation, ...]:
    """Share a word's weight out; a translation spelt like the word keeps its part of it there."""
    total = max(sure, -sum(negative for negative, _ in likeliest))
    return tuple(
        Translation(other, round(-negative / total, 6)) for negative, other in likeliest if other != word
    )


class _Numbered:
    """Texts as numbers of their words: number 0 is the word that stands for nothing, one in each text."""

    def __init__(self, texts: Sequence[Words]) -> None:
        number_of: dict[str, int] = {"": 0}
        numbers = [
            [0, *(number_of.setdefault(word, len(number_of)) for word in dict.fromkeys(text))]
            for text in texts
        ]
        self.words = tuple(number_of)
        self.length = np.array([len(each) for each in numbers], dtype=np.int64)
        self.start = np.cumsum(self.length) - self.length
        self.number = np.array([number for each in numbers for number in each], dtype=np.int64)


def _model(
    source: _Numbered, target: _Numbered, n_passes: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Probability of target words given source words.

    Returns
    -------
    pairs : ndarray of shape (n_pairs, 2), int64
        Numbers of source and target word, neither of them 0; ascending.
    probability : ndarray of shape (n_pairs,), float64
    """
    # A target word's occurrence, but for the word that stands for nothing, with each word of the source text.
    text = np.repeat(np.arange(len(target.length)), target.length)
    is_word = target.number > 0
    text, word = text[is_word], target.number[is_word]
    n_sources = source.length[text]
    occurrence = np.repeat(np.arange(len(word)), n_sources)
    within = np.arange(len(occurrence)) - np.repeat(np.cumsum(n_sources) - n_sources, n_sources)
    given = source.number[source.start[text][occurrence] + within]
    width = len(target.words)
    keys, pair = np.unique(given * width + word[occurrence], return_inverse=True)
    first, second = keys // width, keys % width
    probability = np.full(len(keys), 1.0 / width)
    for _ in range(n_passes):
        each = probability[pair]
        total = np.bincount(occurrence, each, len(word))
        expected = np.bincount(pair, each / total[occurrence], len(keys))
        probability = expected / np.bincount(first, expected, len(source.words))[first]
    is_pair = first > 0
    return np.stack([first, second], axis=1)[is_pair], probability[is_pair]
