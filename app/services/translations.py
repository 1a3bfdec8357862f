"""Dictionaries into English of a release's other languages."""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Lock, RLock

from app.matching.labels import PREFERRED, LabelTable
from app.matching.terms import content_words
from app.matching.translations import Dictionary, Translation, Words, learn_translations

_COMMON = "en"
_MOST_KEPT = 4
"""Releases whose dictionaries a process keeps, the last asked for: what is learned takes seconds."""

_KEEPING = Lock()
_KEPT: dict[str, Translations] = {}
_LONGEST_LABEL = 30
"""Words of a label that are learned from: the time is that of the words of two labels multiplied."""


def translations_of(tables: Sequence[LabelTable]) -> Translations:
    """The dictionaries of label tables: the same again for equal ones while the process keeps them."""
    digest = hashlib.sha256()
    for table in tables:
        digest.update("\n".join((*table.langs, *table.texts)).encode())
        for array in (table.text_row, table.concept_row, table.kind, table.lang_row):
            digest.update(array.tobytes())
    key = digest.hexdigest()
    with _KEEPING:
        found = _KEPT.pop(key, None) or Translations(tables)
        _KEPT[key] = found
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
    return found


class Translations:
    """Learns the dictionaries when they are first asked for. Threads may share it.

    Each label in a language is taken for a translation of what its concept is called in English. A
    word that English labels use, too, may be meant in English by anybody: a vacancy asks for it as it is.
    Any other stands for its translations in whatever language a profile is said to be, so that who uses
    the vacancy's own words always uses what they stand for.
    """

    def __init__(self, tables: Sequence[LabelTable]) -> None:
        """Learn from label tables, each with concept rows of its own."""
        self._tables = tables
        self._learning = RLock()
        self._learned: dict[str, Dictionary] = {}
        self._profile: dict[str | None, Dictionary] = {}

    def for_vacancies(self, lang: str | None) -> Dictionary:
        """What the words of a vacancy stand for; nothing in English, or without labels in both languages.

        Parameters
        ----------
        lang
            ISO 639-1 code of the vacancy.
        """
        with self._learning:
            return {} if lang is None else self._foreign.get(lang, {})

    def for_profiles(self, lang: str | None) -> Dictionary:
        """What the words of a profile stand for.

        Parameters
        ----------
        lang
            ISO 639-1 code of the profile: words that are English, too, are read in it alone.
        """
        with self._learning:
            own = lang if lang in self._foreign else None
            if own not in self._profile:
                learned = {} if own is None else self._learned_of(own)
                shared = {word: found for word, found in learned.items() if word in self._english}
                self._profile[own] = ChainMap(shared, self._of_all)
            return self._profile[own]

    @cached_property
    def _english(self) -> frozenset[str]:
        """Words of English labels."""
        used: set[str] = set()
        for table in self._tables:
            if _COMMON in table.langs:
                is_english = table.lang_row == table.langs.index(_COMMON)
                used.update(*(table.texts[row].split() for row in table.text_row[is_english].tolist()))
        return frozenset(used)

    @cached_property
    def _foreign(self) -> Mapping[str, Dictionary]:
        """Of each language, by its code, the words that no English label uses."""
        langs = sorted({lang for table in self._tables for lang in table.langs})
        return {
            lang: {word: found for word, found in self._learned_of(lang).items() if word not in self._english}
            for lang in langs
        }

    @cached_property
    def _of_all(self) -> dict[str, tuple[Translation, ...]]:
        """The same in one: a word of several languages stands for what it means in any of them."""
        found: dict[str, dict[str, Translation]] = {}
        for dictionary in self._foreign.values():
            for word, translations in dictionary.items():
                held = found.setdefault(word, {})
                for each in translations:
                    held.setdefault(each.word, each)
        return {word: tuple(held.values()) for word, held in found.items()}

    def _learned_of(self, lang: str) -> Dictionary:
        if lang == _COMMON:
            return {}
        if lang not in self._learned:
            self._learned[lang] = learn_translations(*self._pairs(lang))
        return self._learned[lang]

    def _pairs(self, lang: str) -> tuple[list[Words], list[Words]]:
        foreign: list[Words] = []
        english: list[Words] = []
        for table in self._tables:
            if lang not in table.langs or _COMMON not in table.langs:
                continue
            is_common = (table.lang_row == table.langs.index(_COMMON)) & (table.kind == PREFERRED)
            called = {
                concept: _words(table.texts[text], _COMMON)
                for text, concept in zip(
                    table.text_row[is_common].tolist(), table.concept_row[is_common].tolist(), strict=True
                )
            }
            is_own = table.lang_row == table.langs.index(lang)
            for text, concept in zip(
                table.text_row[is_own].tolist(), table.concept_row[is_own].tolist(), strict=True
            ):
                if concept in called:
                    foreign.append(_words(table.texts[text], lang))
                    english.append(called[concept])
        return foreign, english


def _words(label: str, lang: str) -> Words:
    return content_words(label, lang)[:_LONGEST_LABEL]
