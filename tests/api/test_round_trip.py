"""A record that goes in by one way comes out equal by every other: file, body, stored row, answer."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings

from app.api.schemas.cohorts import CandidateOut, ProfileIn
from app.api.schemas.vacancies import VacancyIn, VacancyOut
from app.domain.ids import new_id
from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.transitions import CandidateStatus, VacancyStatus
from app.intake.lines import candidate_line, vacancy_line
from app.models import CandidateProfile, Vacancy
from app.services.conversion import candidate_record, fill_candidate, fill_vacancy, vacancy_record
from tests.unit.intake.test_round_trip import CANDIDATES, VACANCIES

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEPT = {"id": new_id(), "version": 1, "created_at": NOW, "updated_at": NOW}


def body_of(line: dict[str, Any], fields: Any) -> dict[str, Any]:
    """What a client would send again of what it has: the fields that a body has."""
    renamed = {("external_id" if name == "id" else name): value for name, value in line.items()}
    return {name: value for name, value in renamed.items() if name in fields}


@settings(max_examples=100, deadline=None)
@given(record=VACANCIES)
def test_a_vacancy_is_the_same_in_a_file_a_body_a_row_and_an_answer(record: VacancyRecord) -> None:
    sent = VacancyIn.model_validate(body_of(vacancy_line(record), VacancyIn.model_fields))
    assert sent.record() == record

    row = Vacancy(**KEPT, employer_id=new_id(), status=VacancyStatus.DRAFT, requirements_version=1)
    fill_vacancy(row, record)
    assert vacancy_record(row) == record

    answer = VacancyOut.of(row).model_dump(mode="json", exclude={"id"})
    assert VacancyIn.model_validate(body_of(answer, VacancyIn.model_fields)).record() == record


@settings(max_examples=100, deadline=None)
@given(record=CANDIDATES)
def test_a_candidate_is_the_same_in_a_file_a_body_a_row_and_an_answer(record: CandidateRecord) -> None:
    row = CandidateProfile(
        **KEPT,
        pseudonym="C-1",
        cohort_id=new_id(),
        institution_id=new_id(),
        status=CandidateStatus.REGISTERED,
    )
    fill_candidate(row, record)
    assert candidate_record(row) == record

    # A file states consent; a body does not.
    silent = replace(record, circumstances=replace(record.circumstances, consent=None))
    sent = ProfileIn.model_validate(body_of(candidate_line(record), ProfileIn.model_fields))
    assert sent.record() == silent
    assert sent.record(consent=record.circumstances.consent) == record

    answer = CandidateOut.of(row).model_dump(mode="json", exclude={"id"})
    assert ProfileIn.model_validate(body_of(answer, ProfileIn.model_fields)).record() == silent
