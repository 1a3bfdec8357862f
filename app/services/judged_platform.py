"""Judged pairs of a job platform: its fields as demands and circumstances, and which musts a pair breaks.

The fields are those that such platforms state: ``job_roles``, ``languages`` (``title``, ``rating``,
``must_have``), ``min_degree`` and ``seniorities`` with ``max_salary`` for a vacancy, ``degree``,
``seniority`` and ``salary_expectation`` for a candidate.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.domain.conditions import Circumstances, Conditions, Pay
from app.domain.enums import Cefr, Need, Seniority
from app.domain.ranking_sets import RankingText
from app.domain.records import CandidateRecord, LanguageLevel, LanguageRequirement, VacancyRecord

MUSTS = ("role", "seniority", "degree", "language")
"""What a pair may break."""

_DEGREES = ("none", "apprenticeship", "bachelor", "master", "doctorate")
# EQF levels of German qualifications (German Qualifications Framework, 2013); without any of these, school.
_EQF = dict(zip(_DEGREES, (3, 4, 6, 7, 8), strict=True))
_SENIORITY = {
    "none": Seniority.ENTRY,
    "junior": Seniority.JUNIOR,
    "midlevel": Seniority.MID,
    "senior": Seniority.SENIOR,
}

Fields = Mapping[str, Any]


def is_platform(each: RankingText) -> bool:
    """Whether a text comes with such fields."""
    return "job_roles" in each.fields and ("seniorities" in each.fields or "seniority" in each.fields)


def platform_vacancy(each: RankingText) -> VacancyRecord:
    """A vacancy that demands what the fields say; a language that is no must is desired."""
    fields: Fields = each.fields
    roles = tuple(fields["job_roles"])
    return VacancyRecord(
        id=each.id,
        title=", ".join(_words(role) for role in roles),
        lang=each.lang,
        languages=tuple(
            LanguageRequirement(
                _code(language["title"]),
                Cefr(language["rating"]),
                need=Need.MUST if language.get("must_have") else Need.DESIRED,
            )
            for language in fields.get("languages", ())
        ),
        conditions=Conditions(
            # No degree asked for is no demand.
            eqf_level=_EQF[fields["min_degree"]] if fields.get("min_degree", "none") != "none" else None,
            roles=roles,
            seniorities=tuple(_SENIORITY[name] for name in fields["seniorities"]),
            pay=_pay(fields.get("max_salary")),
        ),
    )


def platform_candidate(each: RankingText) -> CandidateRecord:
    """A candidate with the circumstances that the fields say; the form asks for all languages."""
    fields: Fields = each.fields
    roles = tuple(fields["job_roles"])
    return CandidateRecord(
        id=each.id,
        lang=each.lang,
        occupations=tuple(_words(role) for role in roles),
        languages=tuple(
            LanguageLevel(_code(language["title"]), Cefr(language["rating"]))
            for language in fields.get("languages", ())
        ),
        circumstances=Circumstances(
            eqf_level=_EQF[fields["degree"]] if "degree" in fields else None,
            languages_complete=True,
            roles=roles,
            seniority=_SENIORITY[fields["seniority"]],
            pay=_pay(fields.get("salary_expectation")),
        ),
    )


def broken_musts(vacancy: RankingText, candidate: RankingText) -> tuple[str, ...]:
    """Which of ``MUSTS`` a pair breaks, by the fields as they stand; the eligibility rules are not asked."""
    asked: Fields = vacancy.fields
    held: Fields = candidate.fields
    levels = {each["title"]: Cefr(each["rating"]).rank for each in held.get("languages", ())}
    is_broken = {
        "role": not set(asked["job_roles"]) & set(held["job_roles"]),
        "seniority": held["seniority"] not in asked["seniorities"],
        "degree": _DEGREES.index(held["degree"]) < _DEGREES.index(asked["min_degree"]),
        "language": any(
            levels.get(each["title"], 0) < Cefr(each["rating"]).rank
            for each in asked.get("languages", ())
            if each.get("must_have")
        ),
    }
    return tuple(name for name in MUSTS if is_broken[name])


def _words(role: str) -> str:
    return role.replace("-", " ")


def _pay(amount: int | None) -> Pay | None:
    return None if amount is None else Pay(int(amount))


@lru_cache(maxsize=256)
def _code(title: str) -> str:
    """ISO 639-1 code of a language by its English name; the name itself where it has none."""
    from babel import Locale

    names = Locale("en").languages
    return next((code for code, name in names.items() if name == title and len(code) == 2), title.casefold())
