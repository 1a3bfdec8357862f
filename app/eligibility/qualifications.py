"""Education, licences, recognition, experience, role and seniority."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.conditions import LicenceRequirement
from app.domain.eligibility import RuleResult
from app.domain.enums import Rule, Seniority
from app.eligibility.answers import Answers
from app.eligibility.facts import SAME_FIELD, Demand, Offer, name_key
from app.eligibility.tables import Rulebook


def judge_education(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """The level of the European Qualifications Framework."""
    asked, held = demand.record.conditions.eqf_level, offer.record.circumstances.eqf_level
    if asked is None:
        return
    answers = Answers(rulebook, demand, Rule.EDUCATION)
    if held is None:
        yield answers.unknown("education_not_stated", "ask_education", asked=asked)
    elif held >= asked:
        yield answers.yes("education_enough", asked=asked, held=held)
    else:
        weeks = rulebook.weeks["eqf_level"] * (asked - held)
        yield answers.no("education_too_low", {"fix_education": weeks}, asked=asked, held=held)


def judge_licences(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """One result for each licence asked for; it has to be valid when work begins."""
    for asked in demand.record.conditions.licences:
        yield _judge_licence(Answers(rulebook, demand, Rule.LICENCE, asked.need), asked, offer)


def _judge_licence(answers: Answers, asked: LicenceRequirement, offer: Offer) -> RuleResult:
    circumstances = offer.record.circumstances
    held = [each for each in circumstances.licences if name_key(each.name) == name_key(asked.name)]
    starts_on, weeks = answers.demand.starts_on, answers.rulebook.weeks
    if not held:
        if circumstances.licences_complete:
            return answers.no("licence_absent", {"fix_licence": weeks["licence"]}, licence=asked.name)
        return answers.unknown("licence_not_stated", "ask_licence", licence=asked.name)
    ends = [each.valid_until for each in held if each.valid_until is not None]
    if len(ends) < len(held):
        return answers.yes("licence_held", licence=asked.name)
    last = max(ends)
    values = {"licence": asked.name, "until": last.isoformat(), "starts_on": starts_on.isoformat()}
    if last >= starts_on:
        return answers.yes("licence_valid", **values)
    return answers.no("licence_expired", {"fix_licence_renewal": weeks["licence_renewal"]}, **values)


def judge_recognition(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the host country has recognised the qualification for a regulated profession.

    It never says no: who has not applied yet may still do so.
    """
    if not demand.is_regulated:
        return
    answers, country = Answers(rulebook, demand, Rule.RECOGNITION), demand.record.country or ""
    if country and country in offer.record.circumstances.recognised_in:
        yield answers.yes("recognised", country=country)
    else:
        yield answers.unknown("recognition_not_stated", "ask_recognition", country=country)


def judge_experience(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Months of work in the minor group of the occupation.

    Where the occupation is not surely known, no work is surely in its field: then all of it
    together may be too short, and is never long enough.
    """
    asked = demand.record.conditions.experience_months
    if not asked:
        return
    answers = Answers(rulebook, demand, Rule.EXPERIENCE)
    group = demand.isco[:SAME_FIELD] if len(demand.isco) >= SAME_FIELD else ""
    in_field = [work for work in offer.work if group and work.isco.startswith(group)]
    # What it was done as is not known well enough to leave it out or to count it.
    perhaps = [
        work for work in offer.work if work not in in_field and (not group or len(work.isco) < SAME_FIELD)
    ]
    held = sum(work.months or 0 for work in in_field)
    most = held + sum(work.months or 0 for work in perhaps)
    is_open = not offer.work or any(work.months is None for work in (*in_field, *perhaps))
    if held >= asked:
        yield answers.yes("experience_enough", asked=asked, held=held)
    elif is_open or most >= asked:
        yield answers.unknown("experience_not_stated", "ask_experience", asked=asked, held=held)
    else:
        # A month of work takes about four weeks and a third.
        weeks = -(-(asked - held) * 52 // 12)
        yield answers.no(
            "experience_too_short", {"fix_experience": weeks}, asked=asked, held=held, missing=asked - held
        )


def judge_role(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the candidate looks for one of the roles that fit, by name."""
    asked, held = demand.record.conditions.roles, offer.record.circumstances.roles
    if not asked:
        return
    answers, names = Answers(rulebook, demand, Rule.ROLE), ", ".join(asked)
    if not held:
        yield answers.unknown("role_not_stated", "ask_role", roles=names)
    elif {name_key(each) for each in asked} & {name_key(each) for each in held}:
        yield answers.yes("role_wanted", roles=names)
    else:
        yield answers.no("role_not_wanted", {"fix_role": rulebook.weeks["agreement"]}, roles=names)


def judge_seniority(rulebook: Rulebook, demand: Demand, offer: Offer) -> Iterator[RuleResult]:
    """Whether the candidate's standing is among those that fit."""
    asked, held = demand.record.conditions.seniorities, offer.record.circumstances.seniority
    if not asked:
        return
    answers, names = (
        Answers(rulebook, demand, Rule.SENIORITY),
        ", ".join(each.value for each in sorted(asked, key=_place)),
    )
    if held is None:
        yield answers.unknown("seniority_not_stated", "ask_seniority", asked=names)
    elif held in asked:
        yield answers.yes("seniority_fits", asked=names, held=held.value)
    else:
        steps = min((_place(each) - _place(held) for each in asked if _place(each) > _place(held)), default=0)
        fixes = {"fix_seniority_employer": rulebook.weeks["agreement"]}
        if steps:
            fixes["fix_seniority"] = steps * rulebook.weeks["seniority_step"]
        yield answers.no("seniority_differs", fixes, asked=names, held=held.value)


def _place(seniority: Seniority) -> int:
    return tuple(Seniority).index(seniority)
