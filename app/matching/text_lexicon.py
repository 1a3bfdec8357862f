"""What running text is searched for: labels, and cheap signs that words near one another name a skill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from copy import copy
from functools import lru_cache
from itertools import pairwise

# Words that share so many first letters mostly share their stem; what only seems
# alike is told apart by the linker, which sees the words themselves.
_STEM_LENGTH = 5
# Without these "read" and "reading" would differ; what remains is four letters at least.
_ENDINGS = ("ings", "ing", "ers", "er", "ed", "es", "s")
_MIN_STEM = 4
_ARABIC_ARTICLES = ("وال", "بال", "كال", "فال", "لل", "ال")
_PAIR_BASE = 1 << 24
_LONGEST_LABEL = 6
# "Engineering" is another name of one concept and a part of many: by itself it says too little.
_VAGUE = 60
# "Plan" is a skill's preferred name, and a word of a thousand others.
_COMMON = 600


class TextLexicon:
    """Labels of one language and English, by their words, their stems and their pairs of stems.

    Parameters
    ----------
    texts : collection of str
        Canonical labels.
    single_words : collection of str
        Labels of one word that name their skill wherever they stand.
    function : collection of str
        Small words that a reworded label may leave out.

    Attributes
    ----------
    texts
        As given.
    single_words
        As given, without those that very many labels share.
    longest : dict of str to int
        Words of the longest label by its first two words, or its only one.
    """

    def __init__(
        self, texts: Collection[str], single_words: Collection[str], function: Collection[str]
    ) -> None:
        self.texts = texts
        self.single_words = single_words
        self.function = function
        self.longest: dict[str, int] = {}
        self._stem_row: dict[str, int] = {}
        self._pairs: set[int] = set()
        self._wordings: set[tuple[int, ...]] = set()
        self._n_labels: Counter[str] = Counter()
        self._add(texts)
        self.single_words = frozenset(word for word in single_words if self._n_labels[word] <= _COMMON)

    def extended(self, texts: Collection[str], single_words: Collection[str]) -> TextLexicon:
        """The same with more labels; ``texts`` and ``single_words`` hold the present ones too."""
        more = copy(self)
        more.texts, more.single_words = texts, single_words
        more.longest = dict(self.longest)
        more._stem_row = dict(self._stem_row)
        more._pairs, more._wordings = set(self._pairs), set(self._wordings)
        more._n_labels = self._n_labels.copy()
        more._add([text for text in texts if text not in self.texts])
        return more

    def _add(self, texts: Iterable[str]) -> None:
        for text in texts:
            words = text.split()
            self._n_labels.update(words)
            opening = " ".join(words[:2])
            if len(words) > self.longest.get(opening, 0):
                self.longest[opening] = len(words)
            rows = [self._row(word) for word in words if word not in self.function]
            self._pairs.update(_pair(left, right) for left, right in pairwise(rows))
            if 0 < len(rows) <= _LONGEST_LABEL:
                self._wordings.add(tuple(sorted(rows)))

    def is_name(self, word: str) -> bool:
        """Whether a word by itself is a label, and not one that hundreds of longer labels share."""
        return word in self.texts and (word in self.single_words or not self.is_vague(word))

    def is_vague(self, word: str) -> bool:
        """Whether so many labels have a word that it says too little by itself."""
        return self._n_labels[word] > _VAGUE

    def stem(self, word: str) -> int:
        """A number for the stem of a word; -1 if no label uses it."""
        return self._stem_row.get(_stem(word), -1)

    def stand_together(self, left: int, right: int) -> bool:
        """Whether some label has words of these two stems next to each other, in either order."""
        return left >= 0 and right >= 0 and _pair(left, right) in self._pairs

    def is_wording(self, stems: Sequence[int]) -> bool:
        """Whether some label has words of just these stems, in any order."""
        return tuple(sorted(stems)) in self._wordings

    def _row(self, word: str) -> int:
        return self._stem_row.setdefault(_stem(word), len(self._stem_row))


def _pair(left: int, right: int) -> int:
    return min(left, right) * _PAIR_BASE + max(left, right)


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    if "\u0600" <= word[0] <= "\u06ff":
        for article in _ARABIC_ARTICLES:
            if word.startswith(article) and len(word) > len(article) + 2:
                word = word[len(article) :]
                break
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + _MIN_STEM:
            word = word[: -len(ending)]
            if word[-1] == word[-2]:
                word = word[:-1]  # planning, plan
            break
    return word[:_STEM_LENGTH]
