import re
from pathlib import Path

import pytest

from app.intake.codes import ISO_639_1, ISO_3166_1, country_code, language_code
from app.intake.columns import (
    ALIAS_COLUMNS,
    CANDIDATE_COLUMNS,
    IDENTITY_COLUMNS,
    PHRASE_COLUMNS,
    VACANCY_COLUMNS,
    field_of,
    header_key,
)

PAGE = Path(__file__).parents[3] / "docs" / "file-mode.md"
TABLES = {
    "Vacancies": VACANCY_COLUMNS,
    "Candidates": CANDIDATE_COLUMNS,
    "Phrases": PHRASE_COLUMNS,
    "Aliases": ALIAS_COLUMNS,
    "Identity": IDENTITY_COLUMNS,
}


@pytest.mark.parametrize("title", TABLES)
def test_the_documentation_prints_the_table_that_is_used(title):
    text = PAGE.read_text("utf-8")
    [rows] = re.findall(rf"^\| Field \| {title} \|\n\|---\|---\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    printed = {}
    for row in rows.splitlines():
        field, *aliases = re.findall(r"`([^`]+)`", row)
        printed[field] = tuple(aliases)
    assert printed == TABLES[title]


@pytest.mark.parametrize(
    "columns",
    [VACANCY_COLUMNS, CANDIDATE_COLUMNS | IDENTITY_COLUMNS, PHRASE_COLUMNS, ALIAS_COLUMNS],
    ids=["v", "c", "p", "a"],
)
def test_every_header_means_one_field(columns):
    names = [name for field, aliases in columns.items() for name in (field, *aliases)]
    assert len(names) == len(set(names))
    for field, aliases in columns.items():
        for name in (field, *aliases):
            assert header_key(name) == name
            assert field_of(f" {name.upper()} ".replace("_", "  "), columns) == field


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fr", "fr"),
        ("FR", "fr"),
        ("fr-FR", "fr"),
        ("zh_Hant_TW", "zh"),
        ("ara", "ar"),
        ("deu", "de"),
        ("ger", "de"),
        ("iw", "he"),
        (" en ", "en"),
        ("xx", None),
        ("french", None),
        ("", None),
        ("e", None),
    ],
)
def test_language_codes_come_to_one_form(text, code):
    assert language_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"),
        ("EL", "GR"),
        ("uk", "GB"),
        ("TUN", "TN"),
        ("MAR", "MA"),
        ("XK", "XK"),
        ("ZZ", None),
        ("SUN", None),
        ("Germany", None),
        ("", None),
    ],
)
def test_country_codes_come_to_one_form(text, code):
    assert country_code(text) == code


def test_codes_are_their_own_normal_form():
    assert all(language_code(code) == code for code in ISO_639_1)
    assert all(country_code(code) == code for code in ISO_3166_1)


def test_a_header_of_hostile_length_is_not_even_folded(monkeypatch):
    # Putting n combining marks in order takes n * n steps.
    monkeypatch.setattr("app.intake.columns.header_key", lambda _header: pytest.fail("folded"))
    assert field_of("i" + "\u0300\u0316" * 60_000, CANDIDATE_COLUMNS) is None
