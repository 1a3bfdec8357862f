"""Files of aliases: what a row means, and how bad rows are told."""

import io
import json

import pytest

from app.domain.enums import PhraseKind
from app.domain.records import AliasRecord
from app.intake.lines import ALIAS_HEADER, alias_line, alias_row
from app.intake.outcome import ReadOutcome
from app.intake.read import read_aliases

HEADER = "phrase;langue;kind;concept_uri;note"


def table(*rows: str, header: str = HEADER) -> ReadOutcome[AliasRecord]:
    return read_aliases(io.BytesIO("\n".join([header, *rows]).encode()), name="aliases.csv")


def faults(outcome: ReadOutcome[AliasRecord]) -> list[tuple[int | None, str | None, str]]:
    return [(issue.row, issue.column, issue.code) for issue in outcome.issues]


def test_a_row_becomes_an_alias_and_an_empty_concept_is_no_concept() -> None:
    outcome = table("ویلڈنگ کا کام;ur-PK;Skill;urn:x:1;as heard", "মিস্ত্রি;bn;occupation;;")
    assert outcome.records == (
        AliasRecord("ویلڈنگ کا کام", "ur", PhraseKind.SKILL, "urn:x:1", "as heard"),
        AliasRecord("মিস্ত্রি", "bn", PhraseKind.OCCUPATION, None),
    )
    assert outcome.rows == (2, 3)


def test_every_fault_has_its_place_and_remedy() -> None:
    outcome = table(
        ";ur;skill;urn:x:1;",
        "a;xx;skill;urn:x:1;",
        "a;;skill;urn:x:1;",
        "a;ur;text;urn:x:1;",
        "a;ur;;urn:x:1;",
        f"{'x' * 201};ur;skill;urn:x:1;",
        "weld;en;skill;urn:x:1;",
        "Weld;en;skill;urn:x:2;",
    )
    assert faults(outcome) == [
        (2, "phrase", "required"),
        (3, "langue", "invalid-language"),
        (4, "langue", "required"),
        (5, "kind", "invalid-kind"),
        (6, "kind", "required"),
        (7, "phrase", "too-long"),
        (9, "phrase", "duplicate-phrase"),
    ]
    assert len(outcome.records) == 1
    assert "row 8" in outcome.issues[-1].message


@pytest.mark.parametrize("header", ["phrase;lang;kind", "phrase;lang;kind;concept adress"])
def test_a_missing_concept_column_is_no_decision(header: str) -> None:
    outcome = table("weld;en;skill;urn:x:1"[: 14 if header.count(";") == 2 else None], header=header)
    assert outcome.records == ()
    assert faults(outcome) == [(2, None, "required")]
    assert "no concept" in outcome.issues[0].hint


def test_lines_need_the_key_too_and_null_is_no_concept() -> None:
    line = {"phrase": "weld", "lang": "en", "kind": "skill"}
    lines = [
        {**line, "concept_uri": None},
        {**line, "phrase": "grind"},
        {**line, "concept_uri": 7, "lang": "de"},
    ]
    outcome = read_aliases(io.BytesIO("\n".join(map(json.dumps, lines)).encode()), name="aliases.jsonl")
    assert outcome.records[0] == AliasRecord("weld", "en", PhraseKind.SKILL, None)
    assert faults(outcome) == [(2, None, "required")]


def test_what_is_written_reads_back_equal() -> None:
    records = (
        AliasRecord("ویلڈنگ کا کام", "ur", PhraseKind.SKILL, "urn:x:1", 'so; "said"'),
        AliasRecord("=SUM", "en", PhraseKind.OCCUPATION, None),
    )
    lines = "\n".join(json.dumps(alias_line(record)) for record in records)
    assert read_aliases(io.BytesIO(lines.encode()), name="a.jsonl").records == records
    assert [tuple(alias_row(record)) for record in records] == [ALIAS_HEADER] * 2
