from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.web.labels import _LABELS, label
from app.web.wording import LOCALES, Words, best_locale

WEB = Path(__file__).parents[2] / "app/web"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {
    "**/templates/**.html": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
}
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
TRANSLATED = [locale for locale in LOCALES if locale != "en"]


@cache
def messages() -> frozenset[Any]:
    """Every message of the console: a text, or a pair for one and for many."""
    found = extract_from_dir(str(WEB), METHODS, OPTIONS, keywords=KEYWORDS)
    return frozenset(message for _, _, message, _, _ in found)


def catalogue(locale: str) -> dict[Any, Any]:
    path = WEB / f"locale/{locale}/console.po"
    with path.open("rb") as source:
        return {entry.id: entry.string for entry in read_po(source, locale=locale) if entry.id}


def blanks(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_message_has_a_translation(locale: str):
    assert len(messages()) > 50
    held = catalogue(locale)
    missing = [message for message in messages() if not any(_forms(held.get(message, "")))]
    assert not missing, sorted(map(str, missing))


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_translation_is_left_over_or_lost_a_blank(locale: str):
    for message, translation in catalogue(locale).items():
        assert message in messages(), f"no page says {message!r} any more"
        wanted = set().union(*(blanks(form) for form in _forms(message)))
        for form in _forms(translation):
            assert form, message
            # The form for one thing may name the number in words.
            assert blanks(form) <= wanted, (message, form)
        last = _forms(translation)[-1]
        assert blanks(last) == blanks(_forms(message)[-1]), (message, last)


def _forms(message: str | tuple[str, ...]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_reason_and_role_has_a_name(locale: str):
    words = Words(locale)
    for kind, names in _LABELS.items():
        assert set(names) == {each.value for each in kind}, kind
        assert all(label(words, each) for each in kind)


def test_days_numbers_and_names_are_written_as_the_reader_does():
    english, french, arabic = (Words(locale) for locale in ("en", "fr", "ar"))
    day = date(2026, 11, 26)
    assert (english.day(day), french.day(day)) == ("26 Nov 2026", "26 nov. 2026")
    assert english.day(None) == ""
    assert english.moment(datetime(2026, 11, 26, 9, 5, tzinfo=UTC)) == "26 Nov 2026, 09:05"
    assert (english.score(0.18), french.score(0.18)) == ("0.180", "0,180")
    assert (english.country("TN"), french.country("TN"), arabic.country("TN")) == (
        "Tunisia",
        "Tunisie",
        "تونس",
    )
    assert english.language("ar") == "Arabic"
    assert (english.direction, arabic.direction) == ("ltr", "rtl")


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("ar", "ar"), ("de-DE,de;q=0.9", "en"), ("", "en"), (";;,", "en")],
)
def test_the_browser_is_asked_for_a_language(accepted: str, locale: str):
    assert best_locale(accepted) == locale
