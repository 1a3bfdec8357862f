"""What vacancies demand and candidates state beside skills: every notation, every fault with its place."""

import io
import json
from datetime import date

import pytest

from app.domain.conditions import Circumstances, Conditions, LicenceHeld, LicenceRequirement, Pay
from app.domain.enums import Cefr, Contract, Need, PayPeriod, Rule, Seniority, Shift
from app.domain.records import ExperienceRecord, LanguageLevel, LanguageRequirement
from app.intake.read import read_candidates, read_vacancies
from tests.unit.intake.test_tables import csv_file, workbook

CONDITIONS = Conditions(
    starts_on=date(2027, 3, 1),
    region="PL52",
    eqf_level=4,
    licences=(LicenceRequirement("EN ISO 9606-1"), LicenceRequirement("B", Need.DESIRED)),
    experience_months=24,
    roles=("welder", "fitter"),
    seniorities=(Seniority.JUNIOR, Seniority.MID),
    shifts=(Shift.DAY, Shift.NIGHT),
    contract=Contract.SEASONAL,
    pay=Pay(1900, "EUR", PayPeriod.MONTH),
    needs=((Rule.CONTRACT, Need.MUST), (Rule.START_DATE, Need.DESIRED)),
)
CIRCUMSTANCES = Circumstances(
    eqf_level=5,
    licences=(LicenceHeld("B", date(2030, 1, 31)), LicenceHeld("forklift")),
    licences_complete=True,
    languages_complete=True,
    recognised_in=("PL",),
    available_from=date(2027, 1, 1),
    countries=("PL", "GR"),
    roles=("welder",),
    seniority=Seniority.MID,
    shifts=(Shift.DAY, Shift.WEEKEND),
    contracts=(Contract.PERMANENT, Contract.FIXED_TERM),
    pay=Pay(24_000, "PLN", PayPeriod.YEAR),
    consent=False,
)


def lines(*values: object) -> io.BytesIO:
    return io.BytesIO("".join(json.dumps(value) + "\n" for value in values).encode())


def vacancy_faults(**values: object) -> list[tuple[str, str]]:
    outcome = read_vacancies(lines({"id": "v", "title": "t", **values}))
    assert all(issue.row == 1 and issue.message for issue in outcome.issues)
    return [(issue.pointer, issue.code) for issue in outcome.issues]


def candidate_faults(**values: object) -> list[tuple[str, str]]:
    outcome = read_candidates(lines({"id": "c", **values}))
    assert all(issue.row == 1 and issue.message and issue.hint for issue in outcome.issues)
    return [(issue.pointer, issue.code) for issue in outcome.issues]


def test_conditions_are_keys_of_a_vacancy():
    outcome = read_vacancies(
        lines(
            {
                "id": "v",
                "title": "t",
                "starts_on": "2027-03-01",
                "region": "PL52",
                "eqf_level": "EQF 4",
                "licences": ["EN ISO 9606-1", {"name": "B", "need": "Desired"}],
                "experience_months": 24,
                "roles": ["welder", "fitter"],
                "seniorities": ["junior", "mid"],
                "shifts": ["day", "night"],
                "contract": "Seasonal",
                "pay": {"amount": 1900, "currency": "eur", "period": "month"},
                "needs": {"start_date": "desired", "contract": "must", "country": None},
            }
        )
    )
    assert not outcome.issues
    assert not outcome.warnings
    assert outcome.records[0].conditions == CONDITIONS


def test_circumstances_are_keys_of_a_candidate():
    outcome = read_candidates(
        lines(
            {
                "id": "c",
                "eqf_level": 5,
                "licences": [{"name": "B", "valid_until": "2030-01-31"}, "forklift"],
                "licences_complete": True,
                "languages_complete": "yes",
                "recognised_in": "POL",
                "available_from": "1.1.2027",
                "countries": ["pl", "EL"],
                "roles": "welder",
                "seniority": "mid",
                "shifts": ["day", "weekend"],
                "contracts": ["permanent", "fixed-term"],
                "pay": "24000 PLN/year",
                "consent": False,
            }
        )
    )
    assert not outcome.issues
    assert not outcome.warnings
    assert outcome.records[0].circumstances == CIRCUMSTANCES


def test_conditions_are_columns_of_a_table():
    cells = {
        "id": "v",
        "title": "t",
        "Date de début": "01/03/2027",
        "Région de travail": "PL52",
        "CEC": "4",
        "Permis": '"EN ISO 9606-1\nB|desired"',
        "Mois d'expérience": "24",
        "Fonctions": '"welder\nfitter"',
        "Niveau d'expérience": '"junior\nmid"',
        "Rythme de travail": '"jour\nnuit"',
        "Contrat": "Saisonnier",
        "Rémunération": "1 900 € / mois",
        "Règles": '"contract must\nstart date: desired"',
    }
    outcome = read_vacancies(csv_file(f"{';'.join(cells)}\n{';'.join(cells.values())}\n"))
    assert not outcome.issues
    assert not outcome.warnings
    assert outcome.records[0].conditions == CONDITIONS


def test_circumstances_are_columns_of_a_workbook():
    cells = {
        "id": 1,
        "Niveau CEC": 5,
        "Permis": "B until 2030-01-31; forklift",
        "Permis complets": True,
        "Langues complètes": "oui",
        "Reconnu en": "PL",
        "Disponible le": date(2027, 1, 1),
        "Pays souhaités": "PL; EL",
        "Postes souhaités": "welder",
        "Niveau d'expérience": "Confirmé",
        "Rythme de travail": "jour; week-end",
        "Contrats": "CDI; CDD",
        "Rémunération souhaitée": "24000 PLN par an",
        "Consentement": "non",
    }
    outcome = read_candidates(workbook([list(cells), list(cells.values())]))
    assert not outcome.issues
    assert not outcome.warnings
    assert outcome.records[0].circumstances == CIRCUMSTANCES


def test_nothing_given_is_nothing_demanded_and_nothing_stated():
    [vacancy] = read_vacancies(
        lines({"id": "v", "title": "t", "licences": [], "needs": {}, "pay": None})
    ).records
    [candidate] = read_candidates(lines({"id": "c", "consent": None, "roles": [], "pay": " "})).records
    assert vacancy.conditions == Conditions()
    assert candidate.circumstances == Circumstances()


def test_languages_may_have_levels_of_their_own_and_a_need():
    asked = [
        "de:B1 desired",
        {"lang": "fr", "cefr": "A2", "writing": "b1", "need": "desired"},
        "en:B1 listening=B2",
    ]
    [vacancy] = read_vacancies(lines({"id": "v", "title": "t", "languages": asked})).records
    assert vacancy.languages == (
        LanguageRequirement("de", Cefr.B1, need=Need.DESIRED),
        LanguageRequirement("fr", Cefr.A2, writing=Cefr.B1, need=Need.DESIRED),
        LanguageRequirement("en", Cefr.B1, listening=Cefr.B2),
    )
    cell = "de|B1|spoken-interaction = C1; fr reading=A1"
    [candidate] = read_candidates(csv_file(f"id,langues\n1,{cell}\n")).records
    assert candidate.languages == (
        LanguageLevel("de", Cefr.B1, spoken_interaction=Cefr.C1),
        LanguageLevel("fr", reading=Cefr.A1),
    )


@pytest.mark.parametrize(
    ("language", "fault"),
    [
        ("de:B1 listening=B9", ("/languages/0/listening", "invalid-cefr")),
        ("de:B1 hearing=B1", ("/languages/0", "invalid-language-skill")),
        ("de:B1 B2", ("/languages/0", "repeated")),
        ("de reading=B1 reading=B2", ("/languages/0", "repeated")),
        ("de:B1 wanted", ("/languages/0", "repeated")),
        ("de" + " " * 300, ("/languages/0", "too-long")),
        ({"lang": "de", "need": "perhaps"}, ("/languages/0/need", "invalid-need")),
        ({"lang": "de", "writing": 3}, ("/languages/0/writing", "invalid-cefr")),
    ],
)
def test_a_language_at_fault_is_named_at_its_place(language, fault):
    assert vacancy_faults(languages=[language]) == [fault]


def test_a_candidate_does_not_need_a_language():
    assert candidate_faults(languages=["de:B1 desired"]) == [("/languages/0", "repeated")]
    outcome = read_candidates(lines({"id": "c", "languages": [{"lang": "de", "need": "must"}]}))
    assert [warning.key for warning in outcome.warnings] == ["languages/*/need"]


def test_work_may_have_dates():
    entries = [
        {"occupation": "welder", "started": "2024-03", "ended": "2025-09-15"},
        {"text": "farm", "started": "3/2026"},
    ]
    [from_line] = read_candidates(lines({"id": "c", "experience": entries})).records
    cell = "welder|||2024-03|15.09.2025; |farm||2026-03"
    [from_cell] = read_candidates(csv_file(f"id,experience\n1,{cell}\n")).records
    assert from_line.experience == from_cell.experience
    assert from_line.experience == (
        ExperienceRecord("welder", started=date(2024, 3, 1), ended=date(2025, 9, 15)),
        ExperienceRecord(text="farm", started=date(2026, 3, 1)),
    )


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"started": "2025-01", "ended": "2024-12"}, ("/experience/0/ended", "period-backwards")),
        ({"started": "2025-13"}, ("/experience/0/started", "invalid-date")),
        ({"ended": "today"}, ("/experience/0/ended", "invalid-date")),
        ({"started": "0000-01"}, ("/experience/0/started", "invalid-date")),
    ],
)
def test_dates_of_work_at_fault_are_named_at_their_place(entry, fault):
    assert candidate_faults(experience=[{"text": "farm", **entry}]) == [fault]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"starts_on": "soon"}, ("/starts_on", "invalid-date")),
        ({"eqf_level": 9}, ("/eqf_level", "invalid-number")),
        ({"eqf_level": "Bac+2"}, ("/eqf_level", "invalid-number")),
        ({"experience_months": -1}, ("/experience_months", "invalid-number")),
        ({"experience_months": 1_201}, ("/experience_months", "invalid-number")),
        ({"licences": [{"need": "must"}]}, ("/licences/0", "required")),
        ({"licences": [{"name": "B", "need": "x"}]}, ("/licences/0/need", "invalid-need")),
        ({"licences": {"name": "B"}}, ("/licences", "not-a-list")),
        ({"roles": [["welder"]]}, ("/roles/0", "not-text")),
        ({"seniorities": ["boss"]}, ("/seniorities/0", "invalid-seniority")),
        ({"shifts": ["day", "late"]}, ("/shifts/1", "invalid-shift")),
        ({"contract": ["permanent"]}, ("/contract", "invalid-contract")),
        ({"pay": 1900}, ("/pay", "invalid-pay")),
        ({"pay": "1900"}, ("/pay", "invalid-pay")),
        ({"pay": "12.50 EUR/hour"}, ("/pay", "invalid-pay")),
        ({"pay": "1900 ECU/month"}, ("/pay", "invalid-currency")),
        ({"pay": "1900 EUR/week"}, ("/pay", "invalid-period")),
        ({"pay": "0 EUR/month"}, ("/pay", "invalid-number")),
        ({"pay": {"amount": 5, "period": "hour"}}, ("/pay/currency", "required")),
        ({"pay": {"amount": 5.5, "currency": "EUR", "period": "hour"}}, ("/pay/amount", "invalid-number")),
        ({"needs": ["contract"]}, ("/needs", "not-an-object")),
        ({"needs": {"contract": "maybe"}}, ("/needs/contract", "invalid-need")),
        ({"needs": {"consent": "desired"}}, ("/needs/consent", "invalid-rule")),
        ({"needs": {"age": "desired"}}, ("/needs/age", "invalid-rule")),
        ({"needs": {"language": "desired"}}, ("/needs/language", "invalid-rule")),
        ({"needs": {"Aicha": "desired"}}, ("/needs/*", "invalid-rule")),
        ({"needs": {"contract": "must", "Contract": "desired"}}, ("/needs/*", "repeated")),
    ],
)
def test_a_condition_at_fault_is_named_at_its_place(values, fault):
    assert vacancy_faults(**values) == [fault]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"licences": [{"name": "B", "valid_until": "soon"}]}, ("/licences/0/valid_until", "invalid-date")),
        ({"licences_complete": "perhaps"}, ("/licences_complete", "invalid-flag")),
        ({"languages_complete": 1}, ("/languages_complete", "invalid-flag")),
        ({"recognised_in": ["PL", "ZZ"]}, ("/recognised_in/1", "invalid-country")),
        ({"countries": ["Germany"]}, ("/countries/0", "invalid-country")),
        ({"available_from": 20270101.5}, ("/available_from", "invalid-date")),
        ({"seniority": "boss"}, ("/seniority", "invalid-seniority")),
        ({"contracts": ["forever"]}, ("/contracts/0", "invalid-contract")),
        ({"consent": "sure"}, ("/consent", "invalid-flag")),
    ],
)
def test_a_circumstance_at_fault_is_named_at_its_place(values, fault):
    assert candidate_faults(**values) == [fault]


def test_a_fault_of_a_table_names_its_column():
    outcome = read_candidates(csv_file("id,Permis,Pays souhaités\n1,B until tomorrow,PL;Germania\n"))
    assert [(issue.row, issue.column, issue.pointer) for issue in outcome.issues] == [
        (2, "Permis", "/licences/0/valid_until"),
        (2, "Pays souhaités", "/countries/1"),
    ]


def test_a_need_in_a_cell_is_a_rule_and_how_firmly_it_is_meant():
    outcome = read_vacancies(csv_file("id,title,needs\n1,t,contract\n2,t,shift=must;role|desired\n"))
    assert [(issue.row, issue.pointer, issue.code) for issue in outcome.issues] == [
        (2, "/needs/0", "required")
    ]
    assert outcome.records[0].conditions.needs == ((Rule.ROLE, Need.DESIRED), (Rule.SHIFT, Need.MUST))


def test_a_value_that_could_be_anything_is_not_repeated():
    secret = "Zineb-Fictive"
    values = dict.fromkeys(
        ["starts_on", "eqf_level", "experience_months", "seniorities", "shifts", "contract", "pay"], secret
    )
    outcome = read_vacancies(lines({"id": "v", "title": "t", **values, "needs": {secret: secret}}))
    assert len(outcome.issues) == 9
    assert secret not in repr(outcome.issues)


def test_files_without_conditions_warn_as_before():
    outcome = read_vacancies(csv_file("id,title,Salaire,Ville\n1,t,1900,Opole\n"))
    assert [(warning.code, warning.key) for warning in outcome.warnings] == [
        ("unknown-key", "Salaire"),
        ("unknown-key", "Ville"),
    ]
    assert outcome.records[0].conditions == Conditions()
