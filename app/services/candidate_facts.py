"""What a candidate states beside skills, as terms and columns that conditions of the pool read."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.enums import Contract, LanguageSkill, Seniority, Shift
from app.domain.records import CandidateRecord
from app.eligibility.facts import months_of, name_key
from app.eligibility.languages import best_of
from app.matching.ranking.filters import UNKNOWN

COLUMNS = (
    "available_from",
    "consent",
    "contracts",
    "eqf_level",
    "languages_complete",
    "licences_complete",
    "n_countries",
    "n_roles",
    "seniority",
    "shifts",
    "work_months",
)
"""Whole numbers: days by ``date.toordinal``, sets of codes as bits, truth as 0 and 1."""


def fact_columns(record: CandidateRecord) -> tuple[int, ...]:
    """Values of ``COLUMNS``; ``UNKNOWN`` where nothing is stated."""
    stated = record.circumstances
    return (
        UNKNOWN if stated.available_from is None else stated.available_from.toordinal(),
        UNKNOWN if stated.consent is None else int(stated.consent),
        sum(1 << tuple(Contract).index(each) for each in set(stated.contracts)) or UNKNOWN,
        UNKNOWN if stated.eqf_level is None else stated.eqf_level,
        int(stated.languages_complete),
        int(stated.licences_complete),
        len(stated.countries),
        len(stated.roles),
        UNKNOWN if stated.seniority is None else tuple(Seniority).index(stated.seniority),
        sum(1 << tuple(Shift).index(each) for each in set(stated.shifts)) or UNKNOWN,
        _work_months(record),
    )


def fact_terms(record: CandidateRecord) -> Mapping[str, dict[int, int]]:
    """Terms and the level of each, as ``Vocabulary.encode`` writes claims down."""
    stated = record.circumstances
    terms = {country_term(each): {0: 0} for each in stated.countries}
    terms |= {role_term(each): {0: 0} for each in stated.roles}
    terms |= {licence_term(each.name): {0: 0} for each in stated.licences}
    for lang in sorted({each.lang for each in record.languages}):
        language = best_of(record.languages, lang)
        if language is not None and language.own_levels:
            for skill in LanguageSkill:
                level = language.level(skill)
                terms[language_skill_term(lang, skill)] = {level.rank if level else 0: 0}
    return terms


def country_term(country: str) -> str:
    """Name of the term of a country that a candidate wants to work in."""
    return f"country:{country}"


def role_term(role: str) -> str:
    """Name of the term of a role that a candidate looks for."""
    return f"role:{name_key(role)}"


def licence_term(licence: str) -> str:
    """Name of the term of a licence."""
    return f"licence:{name_key(licence)}"


def language_skill_term(lang: str, skill: LanguageSkill) -> str:
    """Name of the term of one language skill: held by who states a level for one of them."""
    return f"language:{lang}:{skill.value}"


def _work_months(record: CandidateRecord) -> int:
    """Length of all work, if every period states its own."""
    months = [months_of(work) for work in record.experience]
    known = [each for each in months if each is not None]
    return sum(known) if known and len(known) == len(months) else UNKNOWN
