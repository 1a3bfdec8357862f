"""All rules on one pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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


def judge(rulebook: Rulebook, demand: Demand, offer: Offer) -> Eligibility:
    """Ask every rule that applies, in the order of ``Rule``."""
    return Eligibility(tuple(result for rule in Rule for result in JUDGES[rule](rulebook, demand, offer)))
