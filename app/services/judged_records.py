"""Texts of judged sets -> the records that any caller would send."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TypeVar

from app.domain.ranking_sets import RankingSet, RankingText
from app.domain.records import CandidateRecord, VacancyRecord
from app.errors import InvalidInput
from app.intake.fields import RowFields
from app.intake.outcome import WarningTally
from app.intake.records import CANDIDATE_KEYS, VACANCY_KEYS, parse_candidate, parse_vacancy
from app.intake.source import RawRow
from app.services.judged_platform import is_platform, platform_candidate, platform_vacancy

RecordT = TypeVar("RecordT", VacancyRecord, CandidateRecord)


def vacancies_of(judged: RankingSet) -> list[VacancyRecord]:
    """A record of each vacancy: its fields, or else the first line as title and the rest as description.

    Raises
    ------
    InvalidInput
        Fields in the file format of vacancies are at fault.
    """
    return [
        platform_vacancy(each)
        if is_platform(each)
        else _stated(each, VACANCY_KEYS, parse_vacancy) or _vacancy_of_text(each)
        for each in judged.queries
    ]


def candidates_of(judged: RankingSet) -> list[CandidateRecord]:
    """A record of each candidate: its fields, or else its text.

    Raises
    ------
    InvalidInput
        Fields in the file format of candidates are at fault.
    """
    return [
        platform_candidate(each)
        if is_platform(each)
        else _stated(each, CANDIDATE_KEYS, parse_candidate)
        or CandidateRecord(id=each.id, text=each.text, lang=each.lang)
        for each in judged.docs
    ]


def _vacancy_of_text(each: RankingText) -> VacancyRecord:
    title, _, description = each.text.strip().partition("\n")
    return VacancyRecord(id=each.id, title=title.strip(), description=description.strip(), lang=each.lang)


def _stated(each: RankingText, keys: Container[str], parse: Callable[[RowFields], RecordT]) -> RecordT | None:
    """The record that the fields are, if all of them are of the file format."""
    if not each.fields or not all(key in keys for key in each.fields):
        return None
    fields = RowFields(RawRow(0, {"lang": each.lang, **each.fields, "id": each.id}), WarningTally())
    record = parse(fields)
    if fields.issues:
        raise InvalidInput(f"The fields of {each.id} cannot be read.", issues=fields.issues)
    return record
