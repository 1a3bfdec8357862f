"""All rules on one pair."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping

from app.domain.eligibility import Eligibility, RuleResult
from app.domain.enums import Rule
from app.eligibility import circumstances, languages, qualifications
from app.eligibility.facts import Demand, Offer
from app.eligibility.tables import Rulebook

Judge = Callable[[Rulebook, Demand, Offer], Iterator[RuleResult]]

JUDGES: dict[Rule, Judge] = {
    Rule.CONSENT: circumstances.judge_consent,
    Rule.AGE: circumstances.judge_age,
    Rule.LANGUAGE: languages.judge_languages,
    Rule.EDUCATION: qualifications.judge_education,
    Rule.LICENCE: qualifications.judge_licences,
    Rule.RECOGNITION: qualifications.judge_recognition,
    Rule.EXPERIENCE: qualifications.judge_experience,
    Rule.ROLE: qualifications.judge_role,
    Rule.SENIORITY: qualifications.judge_seniority,
    Rule.START_DATE: circumstances.judge_start,
    Rule.COUNTRY: circumstances.judge_country,
    Rule.SHIFT: circumstances.judge_shifts,
    Rule.CONTRACT: circumstances.judge_contract,
    Rule.PAY: circumstances.judge_pay,
    Rule.SHORTAGE_LIST: circumstances.judge_shortage,
}


LOOKS_AT: Mapping[Rule, Callable[[Demand, Offer], Hashable]] = {
    Rule.CONSENT: lambda demand, offer: offer.record.circumstances.consent,
    Rule.AGE: lambda demand, offer: offer.birth_date,
    Rule.LANGUAGE: lambda demand, offer: (
        languages.stated_of(demand, offer),
        offer.record.circumstances.languages_complete,
    ),
    Rule.EDUCATION: lambda demand, offer: offer.record.circumstances.eqf_level,
    Rule.LICENCE: lambda demand, offer: (
        offer.record.circumstances.licences,
        offer.record.circumstances.licences_complete,
    ),
    Rule.RECOGNITION: lambda demand, offer: offer.record.circumstances.recognised_in,
    Rule.EXPERIENCE: lambda demand, offer: offer.work,
    Rule.ROLE: lambda demand, offer: offer.record.circumstances.roles,
    Rule.SENIORITY: lambda demand, offer: offer.record.circumstances.seniority,
    Rule.START_DATE: lambda demand, offer: offer.record.circumstances.available_from,
    Rule.COUNTRY: lambda demand, offer: offer.record.circumstances.countries,
    Rule.SHIFT: lambda demand, offer: offer.record.circumstances.shifts,
    Rule.CONTRACT: lambda demand, offer: offer.record.circumstances.contracts,
    Rule.PAY: lambda demand, offer: offer.record.circumstances.pay,
    Rule.SHORTAGE_LIST: lambda demand, offer: None,
}
"""All of an offer that each rule reads; its answer depends on nothing else of the candidate."""


def judge(rulebook: Rulebook, demand: Demand, offer: Offer) -> Eligibility:
    """Ask every rule that applies, in the order of ``Rule``."""
    return Eligibility(tuple(result for rule in Rule for result in JUDGES[rule](rulebook, demand, offer)))


class JudgeOf:
    """``judge`` for the candidates of one demand; what several of them state alike is judged once."""

    def __init__(self, rulebook: Rulebook, demand: Demand) -> None:
        self._rulebook = rulebook
        self._demand = demand
        given: list[dict[Hashable, tuple[RuleResult, ...]]] = [{} for _ in Rule]
        self._asked = [(LOOKS_AT[rule], JUDGES[rule], own) for rule, own in zip(Rule, given, strict=True)]

    def __call__(self, offer: Offer) -> Eligibility:
        """Ask every rule that applies, in the order of ``Rule``."""
        results: list[RuleResult] = []
        for looks_at, judge_rule, given in self._asked:
            stated = looks_at(self._demand, offer)
            answers = given.get(stated)
            if answers is None:
                answers = given[stated] = tuple(judge_rule(self._rulebook, self._demand, offer))
            results += answers
        return Eligibility(tuple(results))
