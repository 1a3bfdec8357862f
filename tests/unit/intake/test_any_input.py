"""Whatever a file holds, reading it gives records and issues, or refuses the file; it never crashes."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from app.intake.lines import candidate_line, vacancy_line
from app.intake.read import read_candidates, read_phrases, read_vacancies

READERS = [read_vacancies, read_candidates, read_phrases]
NAMES = ["f.jsonl", "f.csv", "f.xlsx", "f"]

KEYS = st.sampled_from(
    """id title text lang country skills skill evidence level languages cefr occupation occupations
    education experience months openings kind email birth_date starts_on licences name need valid_until
    pay amount currency period needs roles shifts contract countries consent listening started ended
    contract start_date""".split()  # noqa: SIM905 - reads better
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["B1", "de", "de:B1", "certified", "2", "2026-01-02", "1.0", "skill", " "])
    | st.sampled_from(
        ["de:B1 writing=A2 must", "5 EUR/hour", "EUR", "must", "2026-01", "night", "B until 1"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
CELLS = st.text(st.sampled_from('ab1;|\\"\n\r\t,=: \x00éل'), max_size=10)
HEADERS = ["id", "title", "text", "Compétences", "langues", "evidence", "kind", "prénom", "autre", "openings"]
HEADERS += ["experience", "permis", "needs", "pay", "contrat", "consent"]


def read_all(reader, content: bytes, name: str):
    try:
        outcome = reader(io.BytesIO(content), name=name)
    except InvalidInput:
        return None
    assert outcome.n_rows == len(outcome.records) + outcome.n_refused
    assert len(outcome.rows) == len(outcome.records)
    assert len({record.id for record in outcome.records}) == len(outcome.records)
    assert (outcome.n_refused > 0) == bool(outcome.issues)
    assert all(issue.row is not None for issue in outcome.issues)
    return outcome


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", NAMES)
@given(content=st.binary(max_size=200))
def test_any_bytes(reader, name, content):
    read_all(reader, content, name)


@pytest.mark.parametrize("reader", READERS)
@given(rows=st.lists(st.dictionaries(KEYS, VALUES, max_size=8), max_size=4))
def test_any_objects(reader, rows):
    outcome = read_all(reader, "\n".join(map(json.dumps, rows)).encode(), "f.jsonl")
    if outcome is not None and reader is not read_phrases:
        # What was accepted can be written: no half characters, no numbers that JSON lacks.
        line_of = vacancy_line if reader is read_vacancies else candidate_line
        for record in outcome.records:
            json.dumps(line_of(record), allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("reader", READERS)
@given(
    header=st.lists(st.sampled_from(HEADERS), min_size=1, max_size=5, unique=True),
    rows=st.lists(st.lists(CELLS, max_size=6), max_size=5),
    delimiter=st.sampled_from(",;\t"),
)
def test_any_table(reader, header, rows, delimiter):
    lines = [delimiter.join(header), *(delimiter.join(row) for row in rows)]
    read_all(reader, "\n".join(lines).encode(), "f.csv")
