import gzip
import json
from pathlib import Path

import pytest

from app.domain.enums import ConceptKind
from app.domain.evaluation import EvaluationQuery, SetMode
from app.errors import InvalidInput
from app.intake.evaluation_sets import read_evaluation_set, set_files

LINE = {"id": "1", "text": "weld pipes", "gold": ["urn:a"]}


def write(path: Path, *lines) -> Path:
    content = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


def test_a_line_says_all_of_itself(tmp_path):
    line = LINE | {"lang": "fr-BE", "kind": "occupation", "contexts": ["We weld pipes."], "note": "doubtful"}
    found = read_evaluation_set(write(tmp_path / "mine.jsonl.gz", line))
    assert (found.name, found.mode, found.pair) == ("mine", SetMode.PHRASE, None)
    assert found.queries == (
        EvaluationQuery("1", "weld pipes", ("urn:a",), "fr", ConceptKind.OCCUPATION, ("We weld pipes.",)),
    )


def test_a_registry_says_what_lines_leave_out(tmp_path):
    entry = {"kind": "occupation", "lang": "it", "mode": "sentence", "pair": "others"}
    (tmp_path / "registry.json").write_text(json.dumps({"mine": entry}))
    found = read_evaluation_set(write(tmp_path / "mine.jsonl", LINE, LINE | {"id": "2", "lang": "de"}))
    assert (found.mode, found.pair) == (SetMode.SENTENCE, "others")
    assert [(query.lang, query.kind) for query in found.queries] == [
        ("it", ConceptKind.OCCUPATION),
        ("de", ConceptKind.OCCUPATION),
    ]


def test_a_set_without_any_gold_is_one_of_nil_phrases(tmp_path):
    assert read_evaluation_set(write(tmp_path / "nil.jsonl", LINE | {"gold": []})).mode is SetMode.NIL


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"text": "weld", "gold": []}, "/id"),
        ({"id": "2", "gold": []}, "/text"),
        ({"id": "2", "text": "weld"}, "/gold"),
        ({"id": "2", "text": "weld", "gold": "urn:a"}, "/gold"),
        ({"id": "2", "text": "weld", "gold": ["urn:a", "no uri"]}, "/gold/1"),
        ({"id": "2", "text": "weld", "gold": [], "lang": "xx"}, "/lang"),
        ({"id": "2", "text": "weld", "gold": [], "kind": "text"}, "/kind"),
        ({"id": "1", "text": "weld", "gold": []}, "/id"),
        ("{", ""),
        ("[]", ""),
    ],
)
def test_a_fault_names_its_line_and_field(tmp_path, line, pointer):
    path = write(tmp_path / "bad.jsonl", LINE, line)
    with pytest.raises(InvalidInput, match=r"bad\.jsonl") as caught:
        read_evaluation_set(path)
    assert [(issue.row, issue.pointer) for issue in caught.value.issues] == [(2, pointer)]


@pytest.mark.parametrize(
    ("registry", "message"),
    [
        ("{", "not JSON"),
        ("[]", "must be an object"),
        ('{"mine": 1}', "must be an object"),
        ('{"mine": {"mode": "verse"}}', "mode must be"),
        ('{"mine": {"kind": 7}}', "kind must be"),
        ('{"mine": {"lang": "xx"}}', "lang must be"),
        ('{"mine": {"pair": 7}}', "pair must be"),
    ],
)
def test_a_bad_registry_is_named(tmp_path, registry, message):
    (tmp_path / "registry.json").write_text(registry)
    with pytest.raises(InvalidInput, match=message):
        read_evaluation_set(write(tmp_path / "mine.jsonl", LINE))


def test_missing_and_empty_files_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no file"):
        read_evaluation_set(tmp_path / "none.jsonl")
    with pytest.raises(InvalidInput, match="empty"):
        read_evaluation_set(write(tmp_path / "empty.jsonl", ""))


def test_a_folder_gives_its_sets_by_name(tmp_path):
    names = ["b.jsonl", "a.jsonl.gz"]
    for name in names:
        write(tmp_path / name, LINE)
    (tmp_path / "registry.json").write_text("{}")
    assert [path.name for path in set_files(tmp_path)] == sorted(names)


def test_a_folder_without_sets_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no set"):
        set_files(tmp_path)
