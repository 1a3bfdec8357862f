"""Write what vacancies demand and candidates state: as keys of a line and as cells of a row."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.conditions import Circumstances, Conditions, Pay
from app.domain.enums import Need
from app.domain.records import LanguageLevel, LanguageRequirement
from app.intake.cells import join_items
from app.intake.conditions import looks_dated

Cells = dict[str, str | int | float | bool]

CONDITION_HEADER = (
    "starts_on", "region", "eqf_level", "licences", "experience_months", "roles", "seniorities", "shifts",
    "contract", "pay", "needs",
)  # fmt: skip
CIRCUMSTANCE_HEADER = (
    "eqf_level", "licences", "licences_complete", "languages_complete", "recognised_in", "available_from",
    "countries", "roles", "seniority", "shifts", "contracts", "pay", "consent",
)  # fmt: skip


def condition_cells(conditions: Conditions) -> Cells:
    """Give what a vacancy demands as cells, in the notation that reading knows."""
    stated = conditions.as_dict()
    cells: Cells = {key: _cell(value) for key, value in stated.items()}
    if conditions.licences:
        cells["licences"] = join_items(
            [each.name] if each.need is Need.MUST else [each.name, each.need] for each in conditions.licences
        )
    if conditions.needs:
        cells["needs"] = join_items(conditions.needs)
    return cells | _pay_cell(conditions.pay)


def circumstance_cells(circumstances: Circumstances) -> Cells:
    """Give what a candidate states as cells, in the notation that reading knows."""
    cells: Cells = {key: _cell(value) for key, value in circumstances.as_dict().items()}
    if circumstances.licences:
        cells["licences"] = join_items(
            [each.name, each.valid_until.isoformat()]
            if each.valid_until
            # A second part, be it empty, says that the first is the name as it stands.
            else [each.name, *([""] if looks_dated(each.name) else [])]
            for each in circumstances.licences
        )
    return cells | _pay_cell(circumstances.pay)


def language_lines(languages: Iterable[LanguageLevel]) -> list[dict[str, object]]:
    """Give languages as objects; what is not stated is left out, as is the need where it is a must."""
    return [
        {
            "lang": language.lang,
            **({"cefr": language.cefr.value} if language.cefr else {}),
            **{skill: level.value for skill, level in language.own_levels.items()},
            **({"need": Need.DESIRED.value} if _is_desired(language) else {}),
        }
        for language in languages
    ]


def languages_cell(languages: Iterable[LanguageLevel]) -> str:
    """Give languages as one cell, such as ``de:B1 listening=B2 desired; fr``."""
    return "; ".join(map(_language_text, languages))


def _language_text(language: LanguageLevel) -> str:
    words = [f"{language.lang}:{language.cefr.value}" if language.cefr else language.lang]
    words += [f"{skill}={level.value}" for skill, level in language.own_levels.items()]
    if _is_desired(language):
        words.append(Need.DESIRED.value)
    return " ".join(words)


def _is_desired(language: LanguageLevel) -> bool:
    return isinstance(language, LanguageRequirement) and language.need is Need.DESIRED


def _cell(value: object) -> str | int | bool:
    if isinstance(value, list):
        return join_items([str(each)] for each in value)
    return value if isinstance(value, str | int) else ""


def _pay_cell(pay: Pay | None) -> Cells:
    return {} if pay is None else {"pay": f"{pay.amount} {pay.currency}/{pay.period}"}
