"""The documents hold together: links lead somewhere, records have their headings and are listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def anchors(text: str) -> set[str]:
    """Names under which a page's headings can be linked."""
    headings = re.findall(r"^#+ +(.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_every_record_has_the_agreed_form(record: Path):
    text = record.read_text(encoding="utf-8")
    number = record.name[:4]
    assert re.match(
        rf"# {number}\. .+\nStatus: (proposed|accepted|superseded by \d{{4}}) +Date: \d{{4}}-\d\d-\d\d\n",
        text,
    )
    headings = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]


def test_the_index_lists_every_record_and_page():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        name = str(page.relative_to(ROOT / "docs"))
        assert name == "README.md" or f"({name})" in index, name


def test_records_are_numbered_without_repeats():
    numbers = [record.name[:4] for record in RECORDS]
    assert len(set(numbers)) == len(numbers)
