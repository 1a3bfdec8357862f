"""Preferences: what the candidate wishes of country, shifts, contract and pay, where it is no must."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.enums import Need, Rule
from app.domain.records import VacancyRecord
from app.matching.weights import PREFERENCES, WeightProfile
from app.services.candidate_facts import country_term
from app.services.parts.wanted import Named, Wanted
from app.services.work_terms import contract_term, pay_level, pay_term, shift_term

_STEPS_TO_NOTHING = 4
"""Steps of five percent by which expected pay may lie above what is paid before it earns nothing."""

_Wish = tuple[str, Named, int]


def preferences_part(record: VacancyRecord) -> list[Wanted]:
    """Ask whether what the vacancy offers is wished for; who says nothing earns nothing.

    A wish that the vacancy makes a must decides eligibility instead.
    """
    musts = {rule for rule, need in record.conditions.needs if need is Need.MUST}
    wishes = [wish for rule, wish in _wishes(record) if rule not in musts]
    return [Wanted(PREFERENCES, what, 1.0 / len(wishes), [named], level) for what, named, level in wishes]


def _wishes(record: VacancyRecord) -> Iterator[tuple[Rule, _Wish]]:
    asked = record.conditions
    if record.country:
        yield Rule.COUNTRY, (record.country, (country_term(record.country), 1.0, "wished"), 0)
    for shift in sorted(set(asked.shifts)):
        yield Rule.SHIFT, (shift.value, (shift_term(shift), 1.0, "wished"), 0)
    if asked.contract is not None:
        yield Rule.CONTRACT, (asked.contract.value, (contract_term(asked.contract), 1.0, "wished"), 0)
    if asked.pay is not None:
        what = f"{asked.pay.amount} {asked.pay.currency} a {asked.pay.period.value}"
        yield Rule.PAY, (what, (pay_term(asked.pay), 1.0, "pay"), pay_level(asked.pay))


def preference_worth(level: int, place: int, asked: int, _weights: WeightProfile) -> float:
    """1 for a wish that is met; pay falls to nothing in a line, from what is paid to a fifth more."""
    if place:
        return 0.0
    return max(0.0, 1.0 - max(0, level - asked) / _STEPS_TO_NOTHING) if asked else 1.0
