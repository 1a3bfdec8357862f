import gzip
import io
import json
from pathlib import Path

import pytest

from app.domain.enums import Cefr, EvidenceGrade, Importance, SkillLevel
from app.domain.records import (
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    PhraseRecord,
    RequirementRecord,
    VacancyRecord,
)
from app.errors import InvalidInput
from app.intake.read import read_candidates, read_phrases, read_vacancies
from app.intake.source import ReadLimits


def lines(*values: object) -> io.BytesIO:
    return io.BytesIO("".join(json.dumps(value) + "\n" for value in values).encode())


def raw_lines(*values: bytes) -> io.BytesIO:
    return io.BytesIO(b"\n".join(values) + b"\n")


def test_a_full_vacancy_line_becomes_its_record():
    outcome = read_vacancies(
        lines(
            {
                "id": "v1",
                "title": "Schweißer",
                "description": "WIG",
                "lang": "de-DE",
                "country": "el",
                "occupation": 7212,
                "skills": [
                    "TIG welding",
                    {"skill": "http://example.org/s1", "importance": "Optional", "level": "advanced"},
                ],
                "languages": [{"lang": "deu", "cefr": "b1"}, {"lang": "en", "cefr": None}],
                "openings": 3,
            }
        )
    )
    assert outcome.records == (
        VacancyRecord(
            id="v1",
            title="Schweißer",
            description="WIG",
            lang="de",
            country="GR",
            occupation="7212",
            skills=(
                RequirementRecord("TIG welding"),
                RequirementRecord("http://example.org/s1", Importance.OPTIONAL, SkillLevel.ADVANCED),
            ),
            languages=(LanguageRequirement("de", Cefr.B1), LanguageRequirement("en")),
            openings=3,
        ),
    )
    assert outcome.issues == ()
    assert outcome.warnings == ()
    assert outcome.rows == (1,)


def test_a_full_candidate_line_becomes_its_record():
    outcome = read_candidates(
        lines(
            {
                "id": 12,
                "text": "Welder",
                "lang": "ara",
                "occupations": ["welder"],
                "skills": ["MIG welding", {"skill": "safety", "evidence": "certified", "level": 2}],
                "languages": ["fr:B2"],
                "education": ["CAP", {"level": "EQF 4", "field": "metal"}],
                "experience": ["farm", {"occupation": "7212", "text": "yard", "months": 18}],
            }
        )
    )
    assert outcome.records == (
        CandidateRecord(
            id="12",
            text="Welder",
            lang="ar",
            occupations=("welder",),
            skills=(
                ClaimRecord("MIG welding"),
                ClaimRecord("safety", EvidenceGrade.CERTIFIED, SkillLevel.INTERMEDIATE),
            ),
            languages=(LanguageLevel("fr", Cefr.B2),),
            education=("CAP", "EQF 4, metal"),
            experience=(ExperienceRecord(text="farm"), ExperienceRecord("7212", "yard", 18)),
        ),
    )


def test_education_and_experience_may_be_a_single_text():
    [record] = read_candidates(lines({"id": "c", "education": "CAP", "experience": "farm"})).records
    assert record.education == ("CAP",)
    assert record.experience == (ExperienceRecord(text="farm"),)


def test_phrases_are_read_and_a_missing_kind_is_a_skill_with_a_warning():
    outcome = read_phrases(
        lines({"id": "a", "text": "welder", "kind": "occupation"}, {"id": "b", "text": "x"})
    )
    assert outcome.records == (PhraseRecord("a", "welder", None, "occupation"), PhraseRecord("b", "x"))
    assert [(warning.code, warning.count) for warning in outcome.warnings] == [("missing-kind", 1)]


def test_unknown_keys_are_counted_once_per_key_and_refuse_nothing():
    outcome = read_vacancies(
        lines(
            *(
                {"id": str(n), "title": "t", "employer": "x", "skills": [{"skill": "s", "w": 1}]}
                for n in range(3)
            )
        )
    )
    assert len(outcome.records) == 3
    assert [(w.code, w.key, w.count, w.first_row) for w in outcome.warnings] == [
        ("unknown-key", "employer", 3, 1),
        ("unknown-key", "skills/*/w", 3, 1),
    ]


def test_kinds_of_unknown_keys_are_bounded():
    outcome = read_vacancies(lines({"id": "1", "title": "t", **{f"k{n}": n for n in range(5_000)}}))
    assert len(outcome.warnings) == 101
    assert outcome.warnings[-1].key == "…"
    assert sum(warning.count for warning in outcome.warnings) == 5_000


def test_good_rows_survive_around_a_bad_one():
    outcome = read_vacancies(lines({"id": "1", "title": "a"}, {"id": "2"}, {"id": "3", "title": "c"}))
    assert [record.id for record in outcome.records] == ["1", "3"]
    assert outcome.rows == (1, 3)
    assert (outcome.n_rows, outcome.n_refused) == (3, 1)
    [issue] = outcome.issues
    assert (issue.row, issue.pointer, issue.code) == (2, "/title", "required")


def test_a_row_reports_all_its_faults():
    outcome = read_candidates(
        lines({"id": "1", "lang": "zz", "skills": [{"skill": "", "level": 9}], "languages": [{"cefr": "B7"}]})
    )
    assert [(issue.pointer, issue.code) for issue in outcome.issues] == [
        ("/lang", "invalid-language"),
        ("/skills/0/level", "invalid-level"),
        ("/skills/0", "required"),
        ("/languages/0", "required"),
        ("/languages/0/cefr", "invalid-cefr"),
    ]


def test_a_repeated_id_is_refused_with_the_row_of_the_first():
    outcome = read_candidates(lines({"id": "1", "text": "first"}, {"id": "1.0"}, {"id": "2"}))
    assert [record.id for record in outcome.records] == ["1", "2"]
    assert outcome.records[0].text == "first"
    [issue] = outcome.issues
    assert (issue.row, issue.code) == (2, "duplicate-id")
    assert "row 1" in issue.message


def test_an_id_of_a_refused_row_may_be_used_again():
    outcome = read_candidates(lines({"id": "1", "lang": "zz"}, {"id": "1", "lang": "fr"}))
    assert [record.lang for record in outcome.records] == ["fr"]


def test_identity_is_split_off_and_never_told():
    secret = "Zineb-Fictive"
    outcome = read_candidates(
        lines(
            {
                "id": "1",
                "given_name": secret,
                "email": f"{secret}@example.org",
                "birth_date": "2001-02-03",
                "address": secret,
                "phone": secret,
            },
            {
                "id": "2",
                "email": secret,
                "lang": secret,
                "skills": secret,
                "languages": [{"lang": "de", "cefr": secret}],
            },
        )
    )
    [record] = outcome.records
    assert secret not in repr(record)
    identity = outcome.identities["1"]
    assert identity.given_name == secret
    assert identity.email == f"{secret}@example.org"
    assert identity.birth_date is not None
    assert identity.birth_date.isoformat() == "2001-02-03"
    assert secret not in repr(outcome.issues) + repr(outcome.warnings)
    assert len(outcome.issues) == 3
    assert ("not-kept", "address") in {(warning.code, warning.key) for warning in outcome.warnings}


def test_an_unreadable_email_costs_the_email_and_not_the_person():
    outcome = read_candidates(lines({"id": "1", "email": "none", "given_name": "Invented"}))
    assert len(outcome.records) == 1
    assert outcome.identities["1"].email is None
    assert [(warning.code, warning.key) for warning in outcome.warnings] == [("invalid-email", "email")]


def test_a_value_is_shown_only_when_it_is_meant_for_a_closed_list():
    outcome = read_candidates(
        lines(
            {"id": "1", "languages": [{"lang": "de", "cefr": "B7"}]},
            {"id": "2", "languages": [{"lang": "de", "cefr": "Aicha"}]},
            {"id": "3", "skills": [{"skill": "s", "evidence": "certifed"}]},
            {"id": "4", "skills": [{"skill": "s", "evidence": "Aicha"}]},
            {"id": "5", "skills": [{"skill": "s", "evidence": "Assad"}]},
        )
    )
    messages = [issue.message + issue.hint for issue in outcome.issues]
    assert "B7" in messages[0]
    assert "Did you mean certified?" in messages[2]
    assert len(messages) == 5
    assert not any("icha" in message or "assad" in message.lower() for message in messages)


HOSTILE = {
    "not JSON": (b"{nope", "invalid-json"),
    "array": (b"[1]", "not-an-object"),
    "number": (b"7", "not-an-object"),
    "NaN": (b'{"id":"1","title":"t","openings":NaN}', "invalid-number"),
    "Infinity": (b'{"id":"1","title":"t","openings":-Infinity}', "invalid-number"),
    "overflowing float": (b'{"id":"1","title":"t","openings":1e999}', "invalid-number"),
    "giant integer": (b'{"id":"1","title":"t","openings":' + b"9" * 5_000 + b"}", "invalid-number"),
    "big integer": (b'{"id":"1","title":"t","openings":' + b"9" * 400 + b"}", "invalid-number"),
    "big integer id": (b'{"id":' + b"9" * 400 + b',"title":"t"}', "invalid-id"),
    "boolean id": (b'{"id":true,"title":"t"}', "invalid-id"),
    "fractional id": (b'{"id":1.5,"title":"t"}', "invalid-id"),
    "id of several lines": (b'{"id":"a\\nb","title":"t"}', "invalid-id"),
    "deep nesting": (b'{"id":"1","title":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "too-deep"),
    "raw NUL": (b'{"id":"1","title":"a\x00b"}', "invalid-encoding"),
    "escaped NUL": (b'{"id":"1","title":"a\\u0000b"}', "invalid-text"),
    "lone surrogate": (b'{"id":"1","title":"a\\ud800b"}', "invalid-text"),
    "malformed UTF-8": (b'{"id":"1","title":"a\xffb"}', "invalid-encoding"),
    "duplicate key": (b'{"id":"1","title":"t","id":"2"}', "duplicate-key"),
    "text for list": (b'{"id":"1","title":"t","skills":"welding"}', "not-a-list"),
    "object for text": (b'{"id":"1","title":{"a":1}}', "not-text"),
    "list of lists": (b'{"id":"1","title":"t","skills":[["a"]]}', "not-text"),
    "too many items": (b'{"id":"1","title":"t","skills":[' + b'"s",' * 1_000 + b'"s"]}', "too-many-items"),
    "10 MB line": (b'{"id":"1","title":"' + b"x" * 10_000_000 + b'"}', "line-too-long"),
    "long title": (b'{"id":"1","title":"' + b"x" * 2_000 + b'"}', "too-long"),
    "negative openings": (b'{"id":"1","title":"t","openings":-1}', "invalid-number"),
    "boolean openings": (b'{"id":"1","title":"t","openings":true}', "invalid-number"),
}


@pytest.mark.parametrize(("line", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_line_is_one_refused_row(line, code):
    good = b'{"id":"ok","title":"t"}'
    outcome = read_vacancies(raw_lines(good, line, b'{"id":"ok2","title":"t"}'))
    assert [record.id for record in outcome.records] == ["ok", "ok2"]
    assert [(issue.row, issue.code) for issue in outcome.issues] == [(2, code)]


def test_blank_lines_and_crlf_are_no_rows():
    outcome = read_vacancies(io.BytesIO(b'\r\n{"id":"1","title":"t"}\r\n\r\n'))
    assert outcome.rows == (2,)
    assert outcome.n_rows == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(encoding):
    text = '{"id":"1","title":"ملحم"}\n{"id":"2","title":"Schweißer"}\n'
    outcome = read_vacancies(io.BytesIO(text.encode(encoding)), name="v.jsonl")
    assert [record.title for record in outcome.records] == ["ملحم", "Schweißer"]


def test_a_damaged_utf16_line_costs_one_row():
    text = '{"id":"1","title":"t"}\n{"id":"2","title":"\ud800"}\n{"id":"3","title":"t"}\n'
    outcome = read_vacancies(
        io.BytesIO(b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass")), name="v.jsonl"
    )
    assert [record.id for record in outcome.records] == ["1", "3"]


def test_gzip_is_seen_through(tmp_path: Path):
    path = tmp_path / "v.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id":"1","title":"t"}\n'))
    assert len(read_vacancies(path).records) == 1


def test_a_cut_gzip_file_is_refused_as_a_whole():
    cut = gzip.compress(b'{"id":"1","title":"t"}\n' * 1_000)[:-20]
    with pytest.raises(InvalidInput, match="cut short"):
        read_vacancies(io.BytesIO(cut), name="v.jsonl.gz")


def test_a_gzip_bomb_stops_at_the_limit():
    bomb = gzip.compress(b"\n" * 50_000_000)
    with pytest.raises(InvalidInput, match="more than 1,000,000 bytes"):
        read_vacancies(io.BytesIO(bomb), name="v.jsonl.gz", limits=ReadLimits(max_bytes=1_000_000))


def test_too_many_rows_are_refused():
    with pytest.raises(InvalidInput, match="more than 2 rows"):
        read_phrases(lines(*({"id": n, "text": "t"} for n in range(3))), limits=ReadLimits(max_rows=2))


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03", b"PK\x03\x04nonsense"])
def test_a_file_that_is_no_text_is_refused_as_a_whole(content):
    with pytest.raises(InvalidInput):
        read_vacancies(io.BytesIO(content), name="x")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path):
    with pytest.raises(InvalidInput, match="There is no file"):
        read_vacancies(tmp_path / "none.jsonl")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_vacancies(tmp_path)


def test_progress_is_told_now_and_then():
    told: list[int] = []
    read_phrases(lines(*({"id": n, "text": "t"} for n in range(1_200))), progress=told.append)
    assert told == [500, 1_000]
