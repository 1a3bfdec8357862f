"""Consent, age, dates, and what a candidate accepts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.domain.eligibility import RuleResult, Value
from app.domain.enums import Rule
from app.eligibility.answers import Answers
from app.eligibility.facts import Demand, Offer
from app.eligibility.tables import Rulebook


def judge_consent(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the candidate agrees to be put forward at all."""
    consent = offer.record.circumstances.consent
    answers = Answers(rulebook, demand, Rule.CONSENT)
    if consent is None:
        yield answers.unknown("consent_not_stated", "ask_consent")
    elif consent:
        yield answers.yes("consent_given")
    else:
        yield answers.no("consent_refused", {"fix_consent": rulebook.weeks["agreement"]})


def judge_age(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the candidate is of age in the host country when work begins."""
    country = demand.record.country or ""
    entry = next(iter(rulebook.majority.on(demand.territory, demand.starts_on)), None)
    answers = Answers(rulebook, demand, Rule.AGE, entry=entry)
    starts_on = demand.starts_on
    values = {"country": country, "starts_on": starts_on.isoformat()}
    if entry is None:
        yield answers.unknown("age_limit_not_known", "ask_age_limit", **values)
        return
    years = int(entry.what)
    if offer.birth_date is None:
        yield answers.unknown("age_not_stated", "ask_age", years=years, **values)
        return
    of_age_on = _birthday(offer.birth_date, years)
    if of_age_on <= starts_on:
        yield answers.yes("of_age", years=years, **values)
    else:
        # Rounded up to whole weeks: the day itself would tell the birth date.
        weeks = -(-(of_age_on - starts_on).days // 7)
        yield answers.no("under_age", {"fix_age": weeks}, years=years, **values)


def judge_start(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the candidate can begin when work begins."""
    if demand.record.conditions.starts_on is None:
        return
    starts_on, available = demand.starts_on, offer.record.circumstances.available_from
    answers, day = Answers(rulebook, demand, Rule.START_DATE), starts_on.isoformat()
    if available is None:
        yield answers.unknown("start_not_stated", "ask_start", starts_on=day)
    elif available <= starts_on:
        yield answers.yes("start_in_time", starts_on=day, available=available.isoformat())
    else:
        weeks = -(-(available - starts_on).days // 7)
        yield answers.no(
            "start_too_late",
            {"fix_start": weeks},
            starts_on=day,
            available=available.isoformat(),
            late=weeks,
        )


def judge_country(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the candidate wants to work in the country."""
    country, wanted = demand.record.country, offer.record.circumstances.countries
    if country is None:
        return
    answers = Answers(rulebook, demand, Rule.COUNTRY)
    if not wanted:
        yield answers.unknown("country_not_stated", "ask_country", country=country)
    elif country in wanted:
        yield answers.yes("country_wanted", country=country)
    else:
        yield answers.no("country_not_wanted", {"fix_country": rulebook.weeks["agreement"]}, country=country)


def judge_shifts(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the candidate accepts every shift that is worked."""
    worked, accepted = demand.record.conditions.shifts, offer.record.circumstances.shifts
    if not worked:
        return
    answers = Answers(rulebook, demand, Rule.SHIFT)
    missing = [shift.value for shift in worked if shift not in accepted]
    if not accepted:
        names = ", ".join(shift.value for shift in worked)
        yield answers.unknown("shift_not_stated", "ask_shift", shifts=names)
    elif missing:
        weeks = rulebook.weeks["agreement"]
        yield answers.no("shift_not_accepted", {"fix_shift": weeks}, shifts=", ".join(missing))
    else:
        yield answers.yes("shift_accepted", shifts=", ".join(shift.value for shift in worked))


def judge_contract(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the candidate accepts the kind of contract."""
    offered, accepted = demand.record.conditions.contract, offer.record.circumstances.contracts
    if offered is None:
        return
    answers = Answers(rulebook, demand, Rule.CONTRACT)
    if not accepted:
        yield answers.unknown("contract_not_stated", "ask_contract", contract=offered.value)
    elif offered in accepted:
        yield answers.yes("contract_accepted", contract=offered.value)
    else:
        weeks = rulebook.weeks["agreement"]
        yield answers.no("contract_not_accepted", {"fix_contract": weeks}, contract=offered.value)


def judge_pay(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether what is paid comes near what is expected; other currencies and periods are not compared."""
    paid, expected = demand.record.conditions.pay, offer.record.circumstances.pay
    if paid is None:
        return
    answers = Answers(rulebook, demand, Rule.PAY)
    rate = {"currency": paid.currency, "period": paid.period.value}
    if expected is None:
        yield answers.unknown("pay_not_stated", "ask_pay", paid=paid.amount, **rate)
        return
    if (expected.currency, expected.period) != (paid.currency, paid.period):
        yield answers.unknown("pay_not_comparable", "ask_pay", paid=paid.amount, **rate)
        return
    values: dict[str, Value] = {"paid": paid.amount, "expected": expected.amount, **rate}
    if expected.amount * 100 <= paid.amount * (100 + rulebook.pay_slack_percent):
        yield answers.yes("pay_enough", **values)
    else:
        weeks = rulebook.weeks["agreement"]
        yield answers.no("pay_too_low", {"fix_pay": weeks}, missing=expected.amount - paid.amount, **values)


def judge_shortage(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the occupation is on the shortage list of the territory on the day work begins."""
    del offer  # the same for everybody
    entries = rulebook.shortage.on(demand.territory, demand.starts_on)
    entry = next((each for each in entries if each.what == demand.isco), None)
    answers = Answers(rulebook, demand, Rule.SHORTAGE_LIST, entry=entry or next(iter(entries), None))
    values = {"isco": demand.isco, "territory": demand.territory, "on": demand.starts_on.isoformat()}
    if entry is not None:
        yield answers.yes("on_shortage_list", **values)
    elif not entries or len(demand.isco) < len(entries[0].what):
        yield answers.unknown("shortage_not_known", "ask_shortage", **values)
    else:
        weeks = rulebook.weeks["agreement"]
        yield answers.no("not_on_shortage_list", {"fix_shortage": weeks}, **values)


def _birthday(birth_date: date, years: int) -> date:
    """The day on which somebody turns so old; born on 29 February, on 1 March of a common year."""
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 3, 1)
