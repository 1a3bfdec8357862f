"""How long candidates worked, and what they expect, as terms with levels.

Levels are coarse, so that a pool has few of them: half years up to ten years, and steps
of five percent of pay.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.domain.conditions import Circumstances, Pay
from app.domain.enums import Contract, Shift
from app.domain.records import ExperienceRecord
from app.eligibility.facts import added_months

ANY_WORK = "worked"
_MONTHS_A_LEVEL, _MOST_LEVEL = 6, 20
_PAY_STEP = math.log(1.05)


def experience_level(months: int) -> int:
    """Half years, at least 1 and at most 20; 0 for no time at all."""
    return max(1, min(months // _MONTHS_A_LEVEL, _MOST_LEVEL)) if months > 0 else 0


def pay_level(pay: Pay) -> int:
    """A rate of pay in steps of five percent."""
    return max(1, round(math.log(pay.amount) / _PAY_STEP)) if pay.amount > 0 else 1


def work_terms(
    experience: Iterable[ExperienceRecord], names_of: Mapping[str, set[str]]
) -> dict[str, dict[int, int]]:
    """Terms of work done, each with the time of all its periods, as ``Vocabulary.encode`` writes claims down.

    Parameters
    ----------
    names_of
        Names of the occupation and groups of a title.
    """
    periods: defaultdict[str, list[ExperienceRecord]] = defaultdict(list)
    for period in experience:
        for name in (ANY_WORK, *(worked_term(each) for each in names_of.get(period.occupation, ()))):
            periods[name].append(period)
    months = {name: sum(each or 0 for each in added_months(found)) for name, found in periods.items()}
    return {name: {experience_level(total): 0} for name, total in months.items() if total > 0}


def wish_terms(stated: Circumstances) -> dict[str, dict[int, int]]:
    """Terms of shifts and contracts that are accepted, and of the pay expected."""
    terms = {shift_term(each): {0: 0} for each in stated.shifts}
    terms |= {contract_term(each): {0: 0} for each in stated.contracts}
    if stated.pay is not None:
        terms[pay_term(stated.pay)] = {pay_level(stated.pay): 0}
    return terms


def worked_term(occupation: str) -> str:
    """Name of the term of having worked in an occupation or group of that name."""
    return f"worked:{occupation}"


def shift_term(shift: Shift) -> str:
    """Name of the term of a shift that a candidate accepts."""
    return f"shift:{shift.value}"


def contract_term(contract: Contract) -> str:
    """Name of the term of a contract that a candidate accepts."""
    return f"contract:{contract.value}"


def pay_term(pay: Pay) -> str:
    """Name of the term of a rate of pay that is expected: currency and period are not compared."""
    return f"pay:{pay.currency}:{pay.period.value}"
