"""Taking off a phrase what wraps a skill: "2 years of welding", "basic Python", "Python (primary)"."""

from __future__ import annotations

from collections.abc import Mapping

from app.matching.cues import Signal, cue_table
from app.matching.text import canonical, tokens
from app.matching.titles import without_gender_marks

_LONGEST_PHRASE = 300
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


def strip_qualifiers(phrase: str, lang: str | None = None) -> tuple[str, ...]:
    """A phrase, and what is left of it without qualifiers at its edges.

    Parameters
    ----------
    phrase : str
        One phrase, in any language.
    lang : str, optional
        Whose qualifiers count; English ones always do.

    Returns
    -------
    tuple of str
        The phrase as it is, and the shorter form if there is one and something is left of
        it. A caller tries both: "basic life support" is a skill, "basic Python" is not.

    Examples
    --------
    >>> strip_qualifiers("2 years of welding")
    ('2 years of welding', 'welding')
    >>> strip_qualifiers("Python (primary)")
    ('Python (primary)', 'Python')
    >>> strip_qualifiers("welding")
    ('welding',)
    """
    if len(phrase) > _LONGEST_PHRASE:
        return (phrase,)
    short = _without_edges(phrase, lang)
    return (phrase, short) if short and canonical(short) != canonical(phrase) else (phrase,)


def _without_edges(phrase: str, lang: str | None) -> str:
    plain = without_gender_marks(phrase)
    table = cue_table(lang)
    words = tokens(plain)
    texts = [word.text for word in words]
    cues = [hit for hit in table.signals.find(texts) if hit.value.signal in _STRIPPED]
    first, last = 0, len(words)
    opening = {hit.first: hit.last for hit in cues}
    closing = {hit.last: hit.first for hit in cues}
    while first < last:
        after = opening.get(first)
        if after is None and (
            _is_number(texts[first], table.numbers) or (first and texts[first] in table.function)
        ):
            after = first + 1
        if after is None:
            break
        first = after
    while last > first:
        before = closing.get(last)
        if before is None and last < len(words) and texts[last - 1] in table.function:
            before = last - 1
        if before is None:
            break
        last = before
    if first >= last:
        return ""
    # Brackets that only held a qualifier go with it, others stay whole.
    short = plain[words[first].start : words[last - 1].end]
    return short + ")" if short.count("(") > short.count(")") else short


def _is_number(word: str, numbers: Mapping[str, int]) -> bool:
    return word.rstrip("+").isdigit() or word in numbers
