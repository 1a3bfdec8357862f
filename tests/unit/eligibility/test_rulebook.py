"""The rules and tables that the package brings are complete, dated and named."""

import json
from datetime import date
from importlib.resources import files

import pytest

from app.domain.enums import Cefr, Rule
from app.eligibility.tables import DatedTable, Entry, default_rulebook, read_rulebook

DAY = date(2026, 11, 26)


def entry(what, territory, start, end=None):
    return Entry(what, territory, date.fromisoformat(start), end and date.fromisoformat(end), "somebody")


def test_every_rule_has_a_need_and_a_source():
    book = default_rulebook()
    assert set(book.rules) == set(Rule)
    assert all(each.source for each in book.rules.values())
    assert set(book.language_weeks) == set(Cefr)


def test_every_entry_names_its_source():
    book = default_rulebook()
    entries = [*book.majority.entries, *book.shortage.entries]
    assert entries
    assert all(each.source and each.territory and each.what for each in entries)


def test_the_narrowest_territory_that_has_an_entry_speaks():
    table = DatedTable(
        (entry("1", "EU", "2020-01-01"), entry("2", "PL", "2020-01-01"), entry("3", "PL52", "2020-01-01"))
    )
    for territory, what in (("PL52", "3"), ("PL521", "3"), ("PL9", "2"), ("PL", "2"), ("DE", "1")):
        assert [each.what for each in table.on(territory, DAY)] == [what]
    assert table.on("MA", DAY) == ()
    assert table.on("", DAY) == ()


def test_an_entry_holds_from_its_first_to_its_last_day():
    table = DatedTable((entry("1", "PL", "2026-01-01", "2026-11-26"),))
    assert table.on("PL", date(2025, 12, 31)) == ()
    assert table.on("PL", date(2026, 11, 26))
    assert table.on("PL", date(2026, 11, 27)) == ()


def test_an_unknown_rule_in_the_file_is_refused():
    rules = json.loads((files("app.eligibility") / "data" / "rules.json").read_text(encoding="utf-8"))
    rules["rules"]["charm"] = {"need": "must", "source": "nobody"}
    with pytest.raises(ValueError, match="charm"):
        read_rulebook(rules, [], [])
