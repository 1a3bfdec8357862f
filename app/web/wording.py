"""The console's words: gettext catalogues, and dates and numbers as a reader writes them.

Catalogues are ``locale/LANG/console.po``, read as they are: there is nothing to compile and no
step to forget. English is the language of the messages themselves.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from app.wording import join

LOCALES = ("en", "fr", "ar")
"""Languages of the interface; the first is the one of the messages."""

NAMES = {"en": "English", "fr": "Français", "ar": "العربية"}
_RIGHT_TO_LEFT = frozenset({"ar"})
# Days and months in the order and spelling of Europe; Western digits, as in the files people work with.
_REGIONAL = {"en": "en_GB", "fr": "fr_FR", "ar": "ar_TN"}
_MOMENT = {"en": "d MMM y, HH:mm", "fr": "d MMM y, HH:mm", "ar": "d MMM y، HH:mm"}


@dataclass(frozen=True, slots=True)
class Words:
    """A language of the interface.

    ``gettext`` and ``ngettext`` are named so that the usual tools find the messages.
    """

    locale: str

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return "rtl" if self.locale in _RIGHT_TO_LEFT else "ltr"

    def gettext(self, message: str) -> str:
        return translations(self.locale).gettext(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return translations(self.locale).ngettext(one, many, n)

    @property
    def comma(self) -> str:
        """What stands between two things of a list."""
        return join(("", ""), self.locale)

    def listed(self, names: Iterable[object]) -> str:
        """Names one after the other."""
        return join(map(str, names), self.locale)

    def pair(self, name: str, value: str) -> str:
        """What something is called, and what it is."""
        return self.gettext("%(name)s: %(value)s") % {"name": name, "value": value}

    def day(self, value: date | None) -> str:
        """A day, such as 26 Nov 2026; empty for none."""
        from babel.dates import format_date

        return "" if value is None else str(format_date(value, "d MMM y", locale=_REGIONAL[self.locale]))

    def moment(self, value: datetime | None) -> str:
        """A moment in UTC, to the minute; empty for none."""
        from babel.dates import format_datetime

        return (
            ""
            if value is None
            else str(format_datetime(value, _MOMENT[self.locale], locale=_REGIONAL[self.locale]))
        )

    def number(self, value: float, pattern: str | None = None) -> str:
        """A number, grouped; ``pattern`` as in CLDR, such as ``0.000``."""
        from babel.numbers import format_decimal

        return str(format_decimal(value, pattern, locale=_REGIONAL[self.locale]))

    def score(self, value: float) -> str:
        """A score or a share of one, to three digits."""
        return self.number(value, "0.000")

    def percent(self, value: float) -> str:
        from babel.numbers import format_percent

        return str(format_percent(value, locale=_REGIONAL[self.locale]))

    def country(self, code: str | None) -> str:
        """What a country is called; the code where it is unknown, empty for none."""
        return _named("territories", code, self.locale)

    def language(self, code: str | None) -> str:
        """What a language is called; the code where it is unknown, empty for none."""
        return _named("languages", code, self.locale)


def N_(message: str) -> str:  # noqa: N802  # the name that the tools know
    """Mark a message that is translated where it is shown."""
    return message


def best_locale(accepted: str) -> str:
    """The language of the interface that a browser's ``Accept-Language`` prefers."""
    from babel.core import negotiate_locale

    wanted = [(each.partition(";")[0].strip().partition("-")[0].lower()) for each in accepted.split(",")]
    return negotiate_locale([each for each in wanted if each], LOCALES) or LOCALES[0]


@cache
def translations(locale: str) -> gettext.NullTranslations:
    """The messages of a language."""
    if locale == LOCALES[0]:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source = (files("app.web") / "locale" / locale / "console.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source), locale=locale))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def _locale_of(locale: str):  # type: ignore[no-untyped-def]  # babel's Locale, imported only where needed
    from babel import Locale

    return Locale.parse(_REGIONAL[locale])


def _named(kind: str, code: str | None, locale: str) -> str:
    if not code:
        return ""
    return str(getattr(_locale_of(locale), kind).get(code, code))
