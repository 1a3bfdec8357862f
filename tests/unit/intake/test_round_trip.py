"""What is written reads back as it was, in every format."""

import dataclasses
import io
import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.conditions import Circumstances, Conditions, LicenceHeld, LicenceRequirement, Pay
from app.domain.enums import (
    Cefr,
    Contract,
    EvidenceGrade,
    Importance,
    Need,
    PayPeriod,
    Seniority,
    Shift,
    SkillLevel,
)
from app.domain.records import (
    CandidateRecord,
    ClaimRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    RequirementRecord,
    VacancyRecord,
)
from app.intake.columns import CANDIDATE_COLUMNS, VACANCY_COLUMNS
from app.intake.conditions import NEGOTIABLE
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
CEFR = st.none() | st.sampled_from(Cefr)
OWN_LEVELS = st.tuples(*[CEFR] * 5)
LANGUAGE_CODES = st.sampled_from(["de", "fr", "ar"])
DAYS = st.none() | st.dates()


def _some(values, most=3):
    return st.lists(values, max_size=most).map(tuple)


LANGUAGES = _some(
    st.builds(lambda lang, cefr, own: LanguageLevel(lang, cefr, *own), LANGUAGE_CODES, CEFR, OWN_LEVELS)
)
ASKED_LANGUAGES = _some(
    st.builds(
        lambda lang, cefr, own, need: replace(LanguageRequirement(lang, cefr, *own), need=need),
        LANGUAGE_CODES,
        CEFR,
        OWN_LEVELS,
        st.sampled_from(Need),
    )
)
PAY = st.none() | st.builds(
    Pay, st.integers(1, 999_999_999), st.sampled_from(["EUR", "PLN", "MAD"]), st.sampled_from(PayPeriod)
)
EQF = st.none() | st.integers(1, 8)
COUNTRIES = _some(st.sampled_from(["DE", "GR", "MA"]))
# Also names that look like the notation for an expiry.
LICENCE_NAMES = NAMED | st.sampled_from(
    ["B until 2030-01-31", "a until b", "until 2030-01-31", "x|y until 1", "B until"]
)
CONDITIONS = st.builds(
    Conditions,
    starts_on=DAYS,
    region=SHORT,
    eqf_level=EQF,
    licences=_some(st.builds(LicenceRequirement, LICENCE_NAMES, st.sampled_from(Need))),
    experience_months=st.none() | st.integers(0, 600),
    roles=_some(NAMED),
    seniorities=_some(st.sampled_from(Seniority)),
    shifts=_some(st.sampled_from(Shift)),
    contract=st.none() | st.sampled_from(Contract),
    pay=PAY,
    needs=st.dictionaries(st.sampled_from(NEGOTIABLE), st.sampled_from(Need)).map(
        lambda needs: tuple(sorted(needs.items()))
    ),
)
CIRCUMSTANCES = st.builds(
    Circumstances,
    eqf_level=EQF,
    licences=_some(st.builds(LicenceHeld, LICENCE_NAMES, DAYS)),
    licences_complete=st.booleans(),
    languages_complete=st.booleans(),
    recognised_in=COUNTRIES,
    available_from=DAYS,
    countries=COUNTRIES,
    roles=_some(NAMED),
    seniority=st.none() | st.sampled_from(Seniority),
    shifts=_some(st.sampled_from(Shift)),
    contracts=_some(st.sampled_from(Contract)),
    pay=PAY,
    consent=st.none() | st.booleans(),
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
    conditions=CONDITIONS,
)
EXPERIENCE = st.builds(
    lambda occupation, text, months, days: ExperienceRecord(occupation, text, months, *days),
    SHORT,
    SHORT,
    st.none() | st.integers(0, 600),
    st.lists(st.dates(), min_size=2, max_size=2).map(sorted)
    | st.tuples(DAYS, st.none())
    | st.tuples(st.none(), DAYS),
).filter(lambda work: work != ExperienceRecord())
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
    circumstances=CIRCUMSTANCES,
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
    assert outcome.warnings == ()
    assert list(outcome.records) == records


@pytest.mark.parametrize(
    ("kind", "header", "columns"),
    [(Conditions, VACANCY_HEADER, VACANCY_COLUMNS), (Circumstances, CANDIDATE_HEADER, CANDIDATE_COLUMNS)],
)
def test_every_field_has_a_key_and_a_column_of_its_name(kind, header, columns):
    names = {field.name for field in dataclasses.fields(kind)}
    assert names <= set(header)
    assert names <= set(columns)
