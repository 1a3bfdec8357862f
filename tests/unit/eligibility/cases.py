"""Demands and offers that answer every rule, and the same with one fact missing."""

from dataclasses import replace
from datetime import date

from app.domain.conditions import Circumstances, Conditions, LicenceHeld, LicenceRequirement, Pay
from app.domain.enums import Cefr, Contract, Need, Rule, Seniority, Shift
from app.domain.records import (
    CandidateRecord,
    ExperienceRecord,
    LanguageLevel,
    LanguageRequirement,
    VacancyRecord,
)
from app.eligibility.facts import Demand, Offer, Work

TODAY = date(2026, 11, 26)
ALL_MUST = tuple((rule, Need.MUST) for rule in Rule)

VACANCY = VacancyRecord(
    id="v",
    title="Electrician",
    country="DE",
    languages=(LanguageRequirement("de", Cefr.B1),),
    conditions=Conditions(
        starts_on=date(2027, 3, 1),
        eqf_level=4,
        licences=(LicenceRequirement("Driving licence B"),),
        experience_months=24,
        roles=("site electrician",),
        seniorities=(Seniority.JUNIOR, Seniority.MID),
        shifts=(Shift.DAY, Shift.NIGHT),
        contract=Contract.PERMANENT,
        pay=Pay(30_000),
        needs=ALL_MUST,
    ),
)
DEMAND = Demand(VACANCY, isco="7411", is_regulated=True, today=TODAY)

CANDIDATE = CandidateRecord(
    id="c",
    languages=(LanguageLevel("de", Cefr.B2),),
    experience=(ExperienceRecord("electrician", months=30),),
    circumstances=Circumstances(
        eqf_level=4,
        licences=(LicenceHeld("driving-licence b", date(2030, 1, 1)),),
        recognised_in=("DE",),
        available_from=date(2027, 1, 1),
        countries=("DE", "FR"),
        roles=("Site electrician", "fitter"),
        seniority=Seniority.MID,
        shifts=(Shift.DAY, Shift.NIGHT, Shift.WEEKEND),
        contracts=(Contract.PERMANENT,),
        pay=Pay(28_000),
        consent=True,
    ),
)
OFFER = Offer(CANDIDATE, (Work("7411", 30),), date(2000, 5, 1))


def offer(**stated) -> Offer:
    """``OFFER`` with other circumstances."""
    circumstances = replace(CANDIDATE.circumstances, **stated)
    return replace(OFFER, record=replace(CANDIDATE, circumstances=circumstances))


# What each rule looks at, left out.
MISSING = {
    Rule.CONSENT: offer(consent=None),
    Rule.AGE: replace(OFFER, birth_date=None),
    Rule.LANGUAGE: replace(OFFER, record=replace(CANDIDATE, languages=())),
    Rule.EDUCATION: offer(eqf_level=None),
    Rule.LICENCE: offer(licences=()),
    Rule.RECOGNITION: offer(recognised_in=()),
    Rule.EXPERIENCE: replace(OFFER, work=()),
    Rule.ROLE: offer(roles=()),
    Rule.SENIORITY: offer(seniority=None),
    Rule.START_DATE: offer(available_from=None),
    Rule.COUNTRY: offer(countries=()),
    Rule.SHIFT: offer(shifts=()),
    Rule.CONTRACT: offer(contracts=()),
    Rule.PAY: offer(pay=None),
}

# What each rule looks at, stated and short of what is asked; the rule on recognition has no such case.
SHORT = {
    Rule.CONSENT: offer(consent=False),
    Rule.AGE: replace(OFFER, birth_date=date(2009, 6, 1)),
    Rule.LANGUAGE: replace(OFFER, record=replace(CANDIDATE, languages=(LanguageLevel("de", Cefr.A2),))),
    Rule.EDUCATION: offer(eqf_level=3),
    Rule.LICENCE: offer(licences=(LicenceHeld("Driving licence B", date(2027, 2, 28)),)),
    Rule.EXPERIENCE: replace(OFFER, work=(Work("7411", 12), Work("5120", 60))),
    Rule.ROLE: offer(roles=("cook",)),
    Rule.SENIORITY: offer(seniority=Seniority.LEAD),
    Rule.START_DATE: offer(available_from=date(2027, 3, 2)),
    Rule.COUNTRY: offer(countries=("FR",)),
    Rule.SHIFT: offer(shifts=(Shift.DAY,)),
    Rule.CONTRACT: offer(contracts=(Contract.SEASONAL,)),
    Rule.PAY: offer(pay=Pay(33_001)),
}
