"""What is demanded and stated is written down without loss, and what is not stated is left out."""

import json
from datetime import date

from app.domain.conditions import (
    NO_CIRCUMSTANCES,
    NO_CONDITIONS,
    Circumstances,
    Conditions,
    LicenceHeld,
    LicenceRequirement,
    Pay,
)
from app.domain.enums import Cefr, Contract, LanguageSkill, Need, PayPeriod, Rule, Seniority, Shift
from app.domain.records import LanguageLevel

CONDITIONS = Conditions(
    starts_on=date(2027, 3, 1),
    region="PL52",
    eqf_level=4,
    licences=(LicenceRequirement("EN ISO 9606-1", Need.MUST), LicenceRequirement("B", Need.DESIRED)),
    experience_months=24,
    roles=("welder",),
    seniorities=(Seniority.JUNIOR, Seniority.MID),
    shifts=(Shift.DAY, Shift.NIGHT),
    contract=Contract.SEASONAL,
    pay=Pay(1900, "EUR", PayPeriod.MONTH),
    needs=((Rule.CONTRACT, Need.MUST), (Rule.EDUCATION, Need.DESIRED)),
)
CIRCUMSTANCES = Circumstances(
    eqf_level=5,
    licences=(LicenceHeld("B", date(2030, 1, 31)), LicenceHeld("forklift")),
    licences_complete=True,
    languages_complete=True,
    recognised_in=("PL",),
    available_from=date(2027, 1, 1),
    countries=("PL", "DE"),
    roles=("welder", "fitter"),
    seniority=Seniority.MID,
    shifts=(Shift.DAY,),
    contracts=(Contract.PERMANENT,),
    pay=Pay(24_000),
    consent=False,
)


def test_conditions_come_back_equal_from_json():
    assert Conditions.from_dict(json.loads(json.dumps(CONDITIONS.as_dict()))) == CONDITIONS


def test_circumstances_come_back_equal_from_json():
    assert Circumstances.from_dict(json.loads(json.dumps(CIRCUMSTANCES.as_dict()))) == CIRCUMSTANCES


def test_what_is_not_stated_is_left_out():
    assert NO_CONDITIONS.as_dict() == {}
    assert NO_CIRCUMSTANCES.as_dict() == {}
    assert Conditions.from_dict({}) == NO_CONDITIONS
    assert Circumstances.from_dict({}) == NO_CIRCUMSTANCES


def test_refused_consent_is_stated():
    assert Circumstances(consent=False).as_dict() == {"consent": False}


def test_an_overall_level_stands_for_every_skill_without_its_own():
    german = LanguageLevel("de", Cefr.B1, writing=Cefr.A2)
    assert german.level(LanguageSkill.LISTENING) is Cefr.B1
    assert german.level(LanguageSkill.WRITING) is Cefr.A2
    assert german.own_levels == {"writing": Cefr.A2}
