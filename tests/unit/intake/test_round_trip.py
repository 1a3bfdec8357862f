"""What is written reads back as it was, in every format."""

import io
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.enums import Cefr, EvidenceGrade, Importance, SkillLevel
from app.domain.records import (
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    RequirementRecord,
    VacancyRecord,
)
from app.intake.lines import (
    CANDIDATE_HEADER,
    VACANCY_HEADER,
    candidate_line,
    candidate_row,
    vacancy_line,
    vacancy_row,
)
from app.intake.read import read_candidates, read_vacancies
from app.intake.source import Format
from app.intake.write import write_as

# No outer white space (reading strips it); carriage returns and the two characters
# that XML lacks are left out because a workbook cannot keep them.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00\r\ufffe\uffff")
LONG = st.text(CHARACTERS, max_size=60).map(str.strip)
# A line break ends an item of a cell.
SHORT = st.one_of(
    st.text(CHARACTERS, max_size=20).map(lambda text: " ".join(text.replace("\n", " ").split())),
    st.text(";|\\'=+-@\t ab1", max_size=12).map(lambda text: " ".join(text.split())),
)
NAMED = SHORT.filter(bool)
IDS = st.text(string.ascii_letters + "é-_=+@':", min_size=1, max_size=12)
LANGS = st.none() | st.sampled_from(["de", "fr", "ar", "en"])
LEVELS = st.none() | st.sampled_from(SkillLevel)
LANGUAGES, ASKED_LANGUAGES = (
    st.lists(
        st.builds(kind, st.sampled_from(["de", "fr", "ar"]), st.none() | st.sampled_from(Cefr)), max_size=3
    ).map(tuple)
    for kind in (LanguageLevel, LanguageRequirement)
)

VACANCIES = st.builds(
    VacancyRecord,
    id=IDS,
    title=NAMED,
    description=LONG,
    lang=LANGS,
    country=st.none() | st.sampled_from(["DE", "GR", "MA"]),
    occupation=SHORT,
    skills=st.lists(st.builds(RequirementRecord, NAMED, st.sampled_from(Importance), LEVELS), max_size=4).map(
        tuple
    ),
    languages=ASKED_LANGUAGES,
    openings=st.integers(1, 500),
)
EXPERIENCE = st.builds(ExperienceRecord, SHORT, SHORT, st.none() | st.integers(0, 600)).filter(
    lambda work: work != ExperienceRecord()
)
CANDIDATES = st.builds(
    CandidateRecord,
    id=IDS,
    text=LONG,
    lang=LANGS,
    occupations=st.lists(NAMED, max_size=3).map(tuple),
    skills=st.lists(st.builds(ClaimRecord, NAMED, st.sampled_from(EvidenceGrade), LEVELS), max_size=4).map(
        tuple
    ),
    languages=LANGUAGES,
    education=st.lists(NAMED, max_size=3).map(tuple),
    experience=st.lists(EXPERIENCE, max_size=3).map(tuple),
)


def _unique(records):
    return list({record.id: record for record in records}.values())


@pytest.mark.parametrize("kind", Format)
@settings(max_examples=60, deadline=None)
@given(records=st.lists(VACANCIES, min_size=1, max_size=4).map(_unique))
def test_vacancies_read_back_as_written(kind, records):
    buffer = io.BytesIO()
    write_as(
        buffer,
        kind,
        lines=map(vacancy_line, records),
        header=VACANCY_HEADER,
        rows=map(vacancy_row, records),
        sheet="vacancies",
    )
    buffer.seek(0)
    outcome = read_vacancies(buffer, name=f"v.{kind}")
    assert outcome.issues == ()
    assert outcome.warnings == ()
    assert list(outcome.records) == records


@pytest.mark.parametrize("kind", Format)
@settings(max_examples=60, deadline=None)
@given(records=st.lists(CANDIDATES, min_size=1, max_size=4).map(_unique))
def test_candidates_read_back_as_written(kind, records):
    buffer = io.BytesIO()
    write_as(
        buffer,
        kind,
        lines=map(candidate_line, records),
        header=CANDIDATE_HEADER,
        rows=map(candidate_row, records),
        sheet="candidates",
    )
    buffer.seek(0)
    outcome = read_candidates(buffer, name=f"c.{kind}")
    assert outcome.issues == ()
    assert list(outcome.records) == records
