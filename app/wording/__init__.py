"""Messages in the reader's language.

A catalogue is ``catalogues/LANG.json``: sentences with blanks, and the names of closed
vocabularies. A blank says what fills it: ``{lang:language}`` a language code, ``{on:day}`` a day,
``{shifts:shift}`` codes of the vocabulary ``shift``. What people wrote is put in as it stands.

The Arabic catalogue puts a blank for what people wrote between U+2068 (first strong isolate) and
U+2069 (pop directional isolate). Such text is mostly in Latin letters; without them its brackets,
hyphens and numbers would be drawn among the Arabic words around it, in the wrong order. English and
French have none, so that files and pages that are read from left to right stay plain text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any

from app.domain.eligibility import Message, Value

LANGUAGES = ("en", "fr", "ar")
"""Those with a catalogue; the first stands in for every other."""

# Days in the order of Europe; in Arabic the digits of the files that people work with.
_REGIONAL = {"en": "en_GB", "fr": "fr", "ar": "ar_TN"}


def say(message: Message, lang: str | None = None) -> str:
    """Put a message in words.

    Raises
    ------
    KeyError
        No catalogue has the message, or a blank has nothing to fill it.
    """
    return _said(message.code, tuple(message.values.items()), reader_language(lang))


@lru_cache(maxsize=4096)
def _said(code: str, values: tuple[tuple[str, Value], ...], lang: str) -> str:
    # A ranking says the same of many people.
    return _Words(lang).vformat(catalogue(lang)["messages"][code], (), dict(values))


def say_all(messages: Iterable[Message], lang: str | None = None) -> str:
    """Put messages in words, one sentence after the other."""
    return " ".join(say(message, lang) for message in messages)


def term(vocabulary: str, code: str, lang: str | None = None) -> str:
    """What a code of a closed vocabulary is called; raises KeyError for an unknown one."""
    return str(catalogue(reader_language(lang))["terms"][vocabulary][code])


def join(names: Iterable[str], lang: str | None = None) -> str:
    """List names one after the other."""
    return str(catalogue(reader_language(lang))["list_separator"]).join(names)


def reader_language(lang: str | None) -> str:
    """The language that there is a catalogue for."""
    return lang if lang in LANGUAGES else LANGUAGES[0]


@cache
def catalogue(lang: str) -> Mapping[str, Any]:
    """The catalogue of a language."""
    path = files("app.wording") / "catalogues" / f"{lang}.json"
    read: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


class _Words(Formatter):
    """Fills blanks in one language."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[str(key)]

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec:
            return str(value)
        if format_spec in ("language", "country", "day", "percent", "score"):
            return _local(format_spec, value, self._lang)
        codes = str(value).split(", ")
        return join([term(format_spec, code, self._lang) for code in codes], self._lang)


@lru_cache(maxsize=4096)
def _local(kind: str, value: Any, lang: str) -> str:
    # 40 ms, and not needed where nothing is put in words.
    from babel import Locale
    from babel.dates import format_date
    from babel.numbers import format_decimal, format_percent

    locale = Locale.parse(_REGIONAL[lang])
    if kind == "day":
        return str(format_date(date.fromisoformat(value), "long", locale=locale))
    if kind == "percent":
        return str(format_percent(value / 100, locale=locale))
    if kind == "score":
        return str(format_decimal(float(value), "0.000", locale=locale))
    names = locale.languages if kind == "language" else locale.territories
    return str(names.get(value, value))
