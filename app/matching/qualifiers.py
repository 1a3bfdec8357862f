"""Taking off a phrase what wraps a skill: "2 years of welding", "basic Python", "Python (primary)"."""

from __future__ import annotations

from collections.abc import Mapping

from app.matching.cues import Signal, cue_table

_MOST_WORDS = 6  # that come off at either end
_STRIPPED = frozenset(
    {
        Signal.QUALIFIER,
        Signal.LEVEL,
        Signal.ESSENTIAL,
        Signal.OPTIONAL,
        Signal.YEARS,
        Signal.MONTHS,
        Signal.AGE,
    }
)


def shorter_forms(phrase: str, lang: str | None = None) -> list[str]:
    """What is left of a phrase when qualifiers at its edges come off, the longest first.

    A caller looks for the first that means something by itself: "basic life support" is a
    skill, and in "basic level crossing signalling" only one of two qualifiers is one.

    Parameters
    ----------
    phrase : str
        One phrase in canonical form.
    lang : str, optional
        Whose qualifiers count; English ones always do.

    Examples
    --------
    >>> shorter_forms("2 years of welding")
    ['years of welding', 'of welding', 'welding']
    >>> shorter_forms("welding")
    []
    """
    words = phrase.split()
    table = cue_table(lang)
    is_loose = [_is_number(word, table.numbers) for word in words]
    for hit in table.signals.find(words):
        if hit.value.signal in _STRIPPED:
            is_loose[hit.first : hit.last] = [True] * (hit.last - hit.first)
    if not any(is_loose):
        return []
    first = _n_loose(words, is_loose, table.function)
    last = len(words) - _n_loose(words[::-1], is_loose[::-1], table.function)
    spans = [
        (start, end)
        for start in range(min(first, _MOST_WORDS) + 1)
        for end in range(max(last, len(words) - _MOST_WORDS), len(words) + 1)
        if start < end and end - start < len(words)
    ]
    return [" ".join(words[start:end]) for start, end in sorted(spans, key=lambda span: span[0] - span[1])]


def _n_loose(words: list[str], is_loose: list[bool], function: frozenset[str]) -> int:
    """Words at the beginning that may come off; small words only after others, so that "no" stays."""
    for at, word in enumerate(words):
        if not is_loose[at] and (at == 0 or word not in function):
            return at
    return len(words)


def _is_number(word: str, numbers: Mapping[str, int]) -> bool:
    return word.rstrip("+").isdigit() or word in numbers
