"""What a vacancy demands beside skills, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.conditions import Conditions
from app.domain.enums import LanguageSkill, Need, Rule
from app.domain.records import LanguageRequirement, VacancyRecord
from app.web.wording import Words
from app.wording import term


@dataclass(frozen=True, slots=True)
class Condition:
    """One demand: what it is on, the sentence, and whether it is a must."""

    rule: Rule
    text: str
    is_must: bool


def conditions_of(record: VacancyRecord, needs: Mapping[Rule, Need], words: Words) -> tuple[Condition, ...]:
    """Every demand of a vacancy, in the order of the rules."""
    languages = [
        Condition(Rule.LANGUAGE, _language(each, words), each.need is Need.MUST) for each in record.languages
    ]
    licences = [
        Condition(Rule.LICENCE, _named(words.gettext("Licence: %(name)s"), each.name), each.need is Need.MUST)
        for each in record.conditions.licences
    ]
    others = [
        Condition(rule, text, needs[rule] is Need.MUST)
        for rule, text in _others(record.conditions, record.country, words)
    ]
    return tuple(sorted([*languages, *licences, *others], key=lambda each: tuple(Rule).index(each.rule)))


def _language(asked: LanguageRequirement, words: Words) -> str:
    name = words.language(asked.lang)
    own = [
        words.gettext("%(skill)s %(level)s")
        % {"skill": term("language_skill", skill.value, words.locale), "level": level.value}
        for skill in LanguageSkill
        if (level := asked.own_level(skill)) is not None
    ]
    if asked.cefr is None and not own:
        return words.gettext("%(language)s, at whatever level") % {"language": name}
    if asked.cefr is None:
        return words.gettext("%(language)s: %(levels)s") % {"language": name, "levels": words.listed(own)}
    if own:
        return words.gettext("%(language)s at level %(level)s or above; %(levels)s") % {
            "language": name,
            "level": asked.cefr.value,
            "levels": words.listed(own),
        }
    return words.gettext("%(language)s at level %(level)s or above") % {
        "language": name,
        "level": asked.cefr.value,
    }


def _others(conditions: Conditions, country: str | None, words: Words) -> Iterator[tuple[Rule, str]]:
    if country is not None:
        place = words.country(country) + (f" ({conditions.region})" if conditions.region else "")
        yield Rule.COUNTRY, _named(words.gettext("Wants to work in %(name)s"), place)
    if conditions.eqf_level is not None:
        level = words.number(conditions.eqf_level)
        yield (
            Rule.EDUCATION,
            _named(words.gettext("Education at level %(name)s of the European framework or above"), level),
        )
    if conditions.experience_months is not None:
        n_months = conditions.experience_months
        yield (
            Rule.EXPERIENCE,
            words.ngettext(
                "%(num)s month of work in the occupation",
                "%(num)s months of work in the occupation",
                n_months,
            )
            % {"num": words.number(n_months)},
        )
    if conditions.roles:
        yield Rule.ROLE, _named(words.gettext("Looks for the role %(name)s"), words.listed(conditions.roles))
    if conditions.seniorities:
        names = words.listed(term("seniority", each.value, words.locale) for each in conditions.seniorities)
        yield Rule.SENIORITY, _named(words.gettext("Standing: %(name)s"), names)
    if conditions.starts_on is not None:
        yield (
            Rule.START_DATE,
            _named(words.gettext("Can begin on %(name)s"), words.day(conditions.starts_on)),
        )
    if conditions.shifts:
        names = words.listed(term("shift", each.value, words.locale) for each in conditions.shifts)
        yield Rule.SHIFT, _named(words.gettext("Accepts these working times: %(name)s"), names)
    if conditions.contract is not None:
        name = term("contract", conditions.contract.value, words.locale)
        yield Rule.CONTRACT, _named(words.gettext("Accepts this kind of contract: %(name)s"), name)
    if conditions.pay is not None:
        pay = conditions.pay
        rate = (
            f"{words.number(pay.amount)} {pay.currency} {term('pay_period', pay.period.value, words.locale)}"
        )
        yield Rule.PAY, _named(words.gettext("Expects no more than about %(name)s"), rate)


def _named(sentence: str, name: str) -> str:
    return sentence % {"name": name}
