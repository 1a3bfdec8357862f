"""Looking for many phrases in a sequence of words at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from app.matching.text import canonical

Value = TypeVar("Value")

_REMEMBERED = 1 << 16  # words


class Hit(NamedTuple, Generic[Value]):
    """A phrase found in a sequence of words: ``words[first:last]``, and what it stands for."""

    first: int
    last: int
    value: Value


class _Entry(NamedTuple, Generic[Value]):
    words: tuple[str, ...]
    value: Value

    def stands_at(self, words: Sequence[str], first: int) -> bool:
        """Whether the phrase stands at ``first``, where its first word does."""
        last = first + len(self.words)
        return last <= len(words) and all(
            word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted
            for word, wanted in zip(words[first + 1 : last], self.words[1:], strict=True)
        )


class PhraseTable(Generic[Value]):
    """Phrases and what they stand for; the longest one counts at each place.

    A phrase is written as words; ``*`` after a word stands for any ending. The time
    of a search is linear in the number of words and free of backtracking.
    """

    def __init__(self) -> None:
        self._entries: dict[str, list[_Entry[Value]]] = {}
        self._prefixes: dict[str, list[_Entry[Value]]] = {}
        self._prefix_lengths: tuple[int, ...] = ()
        self._starting: dict[str, tuple[_Entry[Value], ...]] = {}

    def add(self, phrase: str, value: Value) -> None:
        """Add a phrase; of two values for the same words the first stays.

        Raises
        ------
        ValueError
            If the phrase holds no word.
        """
        words = tuple(_canonical_words(phrase))
        if not words:
            raise ValueError(f"cue phrase without words: {phrase!r}")
        starts = self._prefixes if words[0].endswith("*") else self._entries
        entries = starts.setdefault(words[0].rstrip("*"), [])
        if all(entry.words != words for entry in entries):
            entries.append(_Entry(words, value))
            self._prefix_lengths = tuple(sorted({len(start) for start in self._prefixes}))
        self._starting.clear()

    def find(self, words: Sequence[str]) -> Iterator[Hit[Value]]:
        """Give the phrases in ``words``, left to right, without overlap."""
        free_from = 0
        for first, word in enumerate(words):
            entries = self._starting.get(word)
            if entries is None:
                entries = self._starting_with(word)
            if entries and first >= free_from:
                for entry in entries:
                    if entry.stands_at(words, first):
                        free_from = first + len(entry.words)
                        yield Hit(first, free_from, entry.value)
                        break

    def _starting_with(self, word: str) -> tuple[_Entry[Value], ...]:
        """Phrases that begin with a word, longest first; remembered, since texts repeat their words."""
        found = list(self._entries.get(word, ()))
        for length in self._prefix_lengths:
            found += self._prefixes.get(word[:length], ())
        entries = tuple(sorted(found, key=lambda entry: -len(entry.words)))
        if len(self._starting) >= _REMEMBERED:
            self._starting.clear()
        self._starting[word] = entries
        return entries


def _canonical_words(phrase: str) -> Iterator[str]:
    for word in phrase.split():
        ending = "*" if word.endswith("*") else ""
        parts = canonical(word.rstrip("*")).split()
        yield from parts[:-1]
        if parts:
            yield parts[-1] + ending
