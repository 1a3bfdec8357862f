"""The experience and preferences parts, and the terms they are met by."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.conditions import Circumstances, Conditions, Pay
from app.domain.enums import Contract, Need, Rule, Shift
from app.domain.records import ExperienceRecord
from app.matching.weights import DEFAULT_WEIGHTS
from app.services.parts.experience import experience_part, experience_worth
from app.services.parts.preferences import preference_worth, preferences_part
from app.services.work_terms import (
    ANY_WORK,
    experience_level,
    pay_level,
    pay_term,
    wish_terms,
    work_terms,
    worked_term,
)
from tests.factories import make_vacancy_record

AROUND = [("occupation:3", 1.0, "same"), ("isco:7212", 0.8, "same_isco_group_4")]


def test_experience_is_asked_for_only_where_the_vacancy_states_it():
    assert experience_part(None, AROUND) == []
    assert experience_part(0, AROUND) == []
    (wanted,) = experience_part(24, AROUND)
    assert [name for name, _, _ in wanted.named] == ["worked:occupation:3", "worked:isco:7212"]
    assert wanted.level == 4


def test_work_of_any_kind_counts_where_the_occupation_is_not_known():
    (wanted,) = experience_part(12, [])
    assert wanted.named == [(ANY_WORK, 1.0, "any_work")]


def test_periods_in_one_occupation_add_up_and_unknown_ones_add_nothing():
    periods = [
        ExperienceRecord("welder", months=6),
        ExperienceRecord("welder", started=date(2020, 1, 1), ended=date(2020, 7, 1)),
        ExperienceRecord("welder"),
        ExperienceRecord("cook", months=60),
    ]
    found = work_terms(periods, {"welder": {"isco:7212"}})
    assert found == {ANY_WORK: {experience_level(72): 0}, worked_term("isco:7212"): {2: 0}}
    assert work_terms([ExperienceRecord("welder")], {}) == {}


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 400))
def test_more_time_never_earns_less(months: int, more: int, asked: int) -> None:
    level = experience_level(asked)
    less, most = (
        experience_worth(experience_level(each), 0, level, DEFAULT_WEIGHTS)
        for each in (months, months + more)
    )
    assert 0.0 <= less <= most <= 1.0


def test_wishes_are_asked_for_unless_they_are_musts():
    conditions = Conditions(
        shifts=(Shift.NIGHT, Shift.DAY),
        contract=Contract.PERMANENT,
        pay=Pay(40_000),
        needs=((Rule.PAY, Need.MUST),),
    )
    found = preferences_part(make_vacancy_record(country="DE", conditions=conditions))
    assert [each.what for each in found] == ["DE", "day", "night", "permanent"]
    assert sum(each.share for each in found) == pytest.approx(1.0)
    assert preferences_part(make_vacancy_record()) == []


def test_who_says_nothing_has_no_terms_and_who_says_something_has():
    assert wish_terms(Circumstances()) == {}
    stated = Circumstances(shifts=(Shift.NIGHT,), contracts=(Contract.PERMANENT,), pay=Pay(40_000))
    assert set(wish_terms(stated)) == {"shift:night", "contract:permanent", pay_term(Pay(1))}


def test_pay_falls_to_nothing_in_a_line():
    asked = pay_level(Pay(50_000))
    worth = [
        preference_worth(pay_level(Pay(amount)), 0, asked, DEFAULT_WEIGHTS)
        for amount in (30_000, 50_000, 52_500, 55_000, 58_000, 61_000, 90_000)
    ]
    assert worth == [1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    assert preference_worth(0, 0, 0, DEFAULT_WEIGHTS) == 1.0
    assert preference_worth(3, 1, 0, DEFAULT_WEIGHTS) == 0.0


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_expecting_less_never_earns_less(amount: int, more: int) -> None:
    assert pay_level(Pay(amount)) <= pay_level(Pay(amount + more))
