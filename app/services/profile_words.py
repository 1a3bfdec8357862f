"""Words of vacancies and profiles, as the text part compares them.

A profile's words are a set: saying one again is worth nothing. A word that a profile puts
in a line of its own, as it does with job titles and skills, *stands out* and counts as a
second word. A word in another language stands for its English translations, too, so that
profiles and vacancies in two languages meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from app.matching.cues import everyday_words, function_words
from app.matching.languages import text_language
from app.matching.reading import read_text
from app.matching.terms import is_term, terms_of
from app.matching.text import canonical
from app.matching.translations import Dictionary

_COMMON = "en"  # adverts everywhere mix English in
_SHORT_LINE = 4
_PROMINENT = "="  # no canonical word has it


class Mention(NamedTuple):
    """How a vacancy speaks of a word: how often, whether in its title, whether every advert does."""

    times: int
    in_title: bool
    is_everyday: bool


def mentions_of(title: str, texts: Iterable[str], lang: str | None) -> dict[str, Mention]:
    """The words of a vacancy that are about the work, but for function words.

    Parameters
    ----------
    texts
        Each is read by itself; what it says of the employer, the offer, applying, equality
        and data protection is left out.
    lang
        ISO 639-1 code; detected where None.
    """
    counts: Counter[str] = Counter()
    everyday: set[str] = set()
    for text in texts:
        for start, end, own in text_language(text, lang):
            reading = read_text(text[start:end], own)
            words = [
                word.text
                for read in reading.clauses
                for word in reading.words[read.clause.first : read.clause.last]
            ]
            _count(words, own, counts, everyday)
    in_title = [word for word in canonical(title).split() if is_term(word)]
    # A title may be read as a heading, which says nothing by itself.
    missing = [word for word in in_title if word not in counts]
    _count(missing, lang, counts, everyday)
    return {
        word: Mention(count, word in in_title, word in everyday) for word, count in sorted(counts.items())
    }


def _count(words: Iterable[str], lang: str | None, counts: Counter[str], everyday: set[str]) -> None:
    small = function_words(lang or _COMMON) | function_words(_COMMON)
    kept = [word for word in words if is_term(word) and word not in small]
    counts.update(kept)
    for code in dict.fromkeys((lang or _COMMON, _COMMON)):
        common = everyday_words(code)
        everyday.update(word for word in kept if common.has(word))


def profile_words(texts: Iterable[str], phrases: Iterable[str]) -> set[str]:
    """The words of a profile, and those that stand out once more.

    Parameters
    ----------
    texts
        Running text.
    phrases
        Skills and occupations as they are named.
    """
    running, named = list(texts), list(phrases)
    lines = (terms_of([line]) for text in [*running, *named] for line in text.splitlines())
    standing_out = (word for line in lines if len(line) <= _SHORT_LINE for word in line)
    return terms_of([*running, *named]) | {prominent(word) for word in standing_out}


def translated(words: AbstractSet[str], dictionary: Dictionary) -> dict[str, str]:
    """English words that a profile does not use, but words of its language stand for.

    Parameters
    ----------
    words
        Words of the profile; what stands out makes what it stands for stand out.

    Returns
    -------
    dict
        The profile's own word behind each, the first by the alphabet, in alphabetical order.
    """
    found: dict[str, str] = {}
    for word in sorted(words):
        own = plain(word)
        for other, _ in dictionary.get(own, ()):
            key = other if word == own else prominent(other)
            if key not in words:
                found.setdefault(key, own)
    return dict(sorted(found.items()))


def prominent(word: str) -> str:
    """The word that stands for a word's standing out."""
    return _PROMINENT + word


def plain(word: str) -> str:
    """The word itself, of one that may stand for its standing out."""
    return word.removeprefix(_PROMINENT)
