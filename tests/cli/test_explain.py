"""Explanations that can be read aloud, and the page of them in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "explanations.md"
COMMAND = re.compile(r"^    talentbridge (explain .*)$", re.MULTILINE)


def test_the_page_is_what_the_command_on_it_gives(command, tmp_path) -> None:
    page = PAGE.read_text("utf-8")
    found = COMMAND.search(page)
    assert found is not None
    out = tmp_path / "page.md"
    assert command(*found[1].split(), "-o", out).code == 0
    made = out.read_text("utf-8")
    assert made.count("\n### ") >= 10
    # The introduction is written by hand; all beneath it by the command.
    assert page.partition("\n## ")[2].splitlines() == made.partition("\n## ")[2].splitlines()


@pytest.mark.parametrize(("reader", "called"), [("fr", "score"), ("ar", "الدرجة")])
def test_steps_add_up_and_nothing_is_left_unsaid(command, tmp_path, reader, called) -> None:
    out = tmp_path / "page.md"
    assert command("explain", "--on", "2026-11-26", "--reader", reader, "-k", "1", "-o", out).code == 0
    page = out.read_text("utf-8")
    assert "{" not in page
    for pair in page.split("\n### ")[1:]:
        score = re.search(rf"{called} ([0-9.]+)", pair)
        reached = re.findall(r"^\| .* \| [0-9.]+ \| ([0-9.]+) \|", pair, re.MULTILINE)
        assert score is not None
        assert reached[-1] == score[1]


@pytest.mark.parametrize(
    ("option", "value", "word"), [("--reader", "eo", "eo"), ("--vacancy", "v-404", "v-404")]
)
def test_what_is_not_there_is_named(command, option, value, word) -> None:
    ended = command("explain", option, value)
    assert ended.code == 2
    assert word in ended.err
