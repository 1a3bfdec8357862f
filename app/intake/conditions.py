"""What a vacancy demands and what a candidate states beside skills, languages and work."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from app.domain.conditions import (
    NO_CIRCUMSTANCES,
    NO_CONDITIONS,
    Circumstances,
    Conditions,
    LicenceHeld,
    LicenceRequirement,
    Pay,
)
from app.domain.enums import Contract, Need, PayPeriod, Rule, Seniority, Shift
from app.intake.cells import split_parts
from app.intake.codes import ISO_4217
from app.intake.fields import RowFields, absent
from app.intake.values import (
    Fault,
    to_choice,
    to_country,
    to_date,
    to_flag,
    to_label,
    to_need,
    to_whole_number,
)

MAX_MONTHS = 1_200
MAX_PAY = 999_999_999

# Consent and age are law, and each language and licence says its own need.
NEGOTIABLE = tuple(rule for rule in Rule if rule not in (Rule.CONSENT, Rule.AGE, Rule.LANGUAGE, Rule.LICENCE))

_CONDITION_KEYS = frozenset(field.name for field in dataclasses.fields(Conditions))
_CIRCUMSTANCE_KEYS = frozenset(field.name for field in dataclasses.fields(Circumstances))
_MAX_PAY_CHARS = 60
_PAY = re.compile(
    r"([0-9]+(?:[ \u00a0\u202f][0-9]+)*) ?([A-Za-z]{3}|€) ?(?:/|per |par ) ?([^\W\d_]+)", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")
_PAY_HINT = "Write amount, currency and period such as 1900 EUR/month, the amount without decimals."
_UNTIL = " until "
_EQF = re.compile(r"(?:EQF|CEC)[\s-]?([1-8])", re.IGNORECASE)
_RULE_AND_NEED = re.compile(r"[|:=\s]+")

_SHIFTS = {shift.value: shift for shift in Shift}
_CONTRACTS = {contract.value: contract for contract in Contract}
_SENIORITIES = {seniority.value: seniority for seniority in Seniority}
_PERIODS = {period.value: period for period in PayPeriod}
_RULES = {rule.value: rule for rule in NEGOTIABLE}
_ALL_RULES = frozenset(rule.value for rule in Rule)
_FRENCH_SHIFTS = {"jour": Shift.DAY, "soir": Shift.EVENING, "nuit": Shift.NIGHT, "week_end": Shift.WEEKEND}
# Words, and the codes of France Travail's offers.
_FRENCH_CONTRACTS = {
    "cdi": Contract.PERMANENT,
    "cdd": Contract.FIXED_TERM,
    "saisonnier": Contract.SEASONAL,
    "sai": Contract.SEASONAL,
    "interim": Contract.TEMPORARY_AGENCY,
    "mis": Contract.TEMPORARY_AGENCY,
    "apprentissage": Contract.APPRENTICESHIP,
}
_FRENCH_SENIORITIES = {"debutant": Seniority.ENTRY, "confirme": Seniority.MID}
_FRENCH_PERIODS = {
    "heure": PayPeriod.HOUR,
    "mois": PayPeriod.MONTH,
    "an": PayPeriod.YEAR,
    "annee": PayPeriod.YEAR,
}

LicenceT = TypeVar("LicenceT", LicenceRequirement, LicenceHeld)


def read_conditions(fields: RowFields) -> Conditions:
    """Read what a vacancy demands."""
    if not fields.names_any(_CONDITION_KEYS):
        return NO_CONDITIONS
    return Conditions(
        starts_on=fields.get("starts_on", to_date, None),
        region=fields.get("region", to_label, ""),
        eqf_level=fields.get("eqf_level", to_eqf, None),
        licences=tuple(_licences(fields, "need", _required)),
        experience_months=fields.get(
            "experience_months", lambda value: to_whole_number(value, 0, MAX_MONTHS), None
        ),
        roles=fields.parts("roles", to_label),
        seniorities=fields.parts("seniorities", to_seniority),
        shifts=fields.parts("shifts", to_shift),
        contract=fields.get("contract", to_contract, None),
        pay=_pay(fields),
        needs=tuple(sorted(_needs(fields))),
    )


def read_circumstances(fields: RowFields) -> Circumstances:
    """Read what a candidate states."""
    if not fields.names_any(_CIRCUMSTANCE_KEYS):
        return NO_CIRCUMSTANCES
    return Circumstances(
        eqf_level=fields.get("eqf_level", to_eqf, None),
        licences=tuple(_licences(fields, "valid_until", _held)),
        licences_complete=fields.get("licences_complete", to_flag, False),
        languages_complete=fields.get("languages_complete", to_flag, False),
        recognised_in=fields.parts("recognised_in", to_country),
        available_from=fields.get("available_from", to_date, None),
        countries=fields.parts("countries", to_country),
        roles=fields.parts("roles", to_label),
        seniority=fields.get("seniority", to_seniority, None),
        shifts=fields.parts("shifts", to_shift),
        contracts=fields.parts("contracts", to_contract),
        pay=_pay(fields),
        consent=fields.get("consent", to_flag, None),
    )


def to_shift(value: object) -> Shift:
    """Give when work is done."""
    return to_choice(value, _SHIFTS, "invalid-shift", "a shift", also=_FRENCH_SHIFTS)


def to_contract(value: object) -> Contract:
    """Give a kind of employment."""
    return to_choice(value, _CONTRACTS, "invalid-contract", "a kind of contract", also=_FRENCH_CONTRACTS)


def to_seniority(value: object) -> Seniority:
    """Give a standing in an occupation."""
    return to_choice(value, _SENIORITIES, "invalid-seniority", "a seniority", also=_FRENCH_SENIORITIES)


def to_eqf(value: object) -> int:
    """Give a level of the European Qualifications Framework: 1 to 8, or such as ``EQF 4``."""
    match = _EQF.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 40 else None
    try:
        return to_whole_number(match[1] if match else value, 1, 8)
    except Fault as fault:
        hint = "Use the level of the European Qualifications Framework, 1 to 8."
        raise Fault(fault.code, fault.message, hint) from None


def to_currency(value: object) -> str:
    """Give an ISO 4217 code."""
    code = value.strip().upper() if isinstance(value, str) and len(value) < 20 else ""
    code = "EUR" if code == "€" else code
    if code not in ISO_4217:
        hint = "Use an ISO 4217 code such as EUR, PLN or MAD."
        raise Fault("invalid-currency", "The value is not a known currency.", hint)
    return code


def to_period(value: object) -> PayPeriod:
    """Give what a rate of pay is for."""
    return to_choice(value, _PERIODS, "invalid-period", "a period of pay", also=_FRENCH_PERIODS)


def to_amount(value: object) -> int:
    """Give an amount of money."""
    try:
        return to_whole_number(value, 1, MAX_PAY)
    except Fault as fault:
        hint = "Give a whole number, and a longer period where it would be none."
        raise Fault(fault.code, fault.message, hint) from None


def to_pay(value: object) -> Pay:
    """Give a rate of pay from a text.

    >>> to_pay("1 900 EUR/month")
    Pay(amount=1900, currency='EUR', period=<PayPeriod.MONTH: 'month'>)
    """
    text = _SPACE.sub(" ", value.strip()) if isinstance(value, str) and len(value) <= _MAX_PAY_CHARS else ""
    match = _PAY.fullmatch(text)
    if match is None:
        raise Fault("invalid-pay", "The value is not a rate of pay.", _PAY_HINT)
    return Pay(to_amount(_SPACE.sub("", match[1])), to_currency(match[2]), to_period(match[3]))


def looks_dated(name: str) -> bool:
    """Tell whether a cell that holds this name alone would be read as a name and an expiry."""
    before, _, after = name.rpartition(_UNTIL)
    return bool(before.strip()) and bool(after.strip()) and " " not in after.strip()


def _pay(fields: RowFields) -> Pay | None:
    value = fields.value("pay")
    if not isinstance(value, dict):
        return fields.get("pay", to_pay, None)
    fields.warn_unknown_in("/pay", value, ("amount", "currency", "period"))
    for key in ("amount", "currency", "period"):
        if absent(value.get(key)):
            fields.fail(f"/pay/{key}", Fault("required", f"The {key} is missing.", _PAY_HINT))
    amount = fields.check("/pay/amount", to_amount, value.get("amount"), None)
    currency = fields.check("/pay/currency", to_currency, value.get("currency"), None)
    period = fields.check("/pay/period", to_period, value.get("period"), None)
    # An issue was left where one of them is missing, so that the row does not count.
    return Pay(amount, currency, period) if amount and currency and period else None


def _needs(fields: RowFields) -> Iterator[tuple[Rule, Need]]:
    seen: set[str] = set()
    for pointer, name, need in _stated_needs(fields):
        rule = fields.check(pointer, _to_rule, name, None)
        firmness = fields.check(pointer, to_need, need, None)
        if absent(need):
            hint = f"Use {', '.join(Need)}."
            fields.fail(pointer, Fault("required", "How firmly the rule is meant is missing.", hint))
        if rule is None or firmness is None:
            continue
        if rule in seen:
            fields.fail(pointer, Fault("repeated", "The rule is given twice.", "Keep one of them."))
            continue
        seen.add(rule)
        yield rule, firmness


def _stated_needs(fields: RowFields) -> Iterator[tuple[str, object, object]]:
    value = fields.value("needs")
    if isinstance(value, dict):
        yield from (
            (f"/needs/{_pointer(rule)}", rule, need) for rule, need in value.items() if not absent(need)
        )
    elif fields.tabular:
        for position, item in enumerate(fields.items("needs")):
            words = _RULE_AND_NEED.sub(" ", str(item)).split()
            yield f"/needs/{position}", " ".join(words[: max(1, len(words) - 1)]), "".join(words[1:][-1:])
    elif value is not None:
        hint = 'Write such as {"contract": "must"}.'
        fields.fail("/needs", Fault("not-an-object", "The value is not an object.", hint))


def _pointer(key: str) -> str:
    """A key of the caller's as a step of a pointer, which must not repeat what could be anything."""
    return key if key in _ALL_RULES else "*"


def _to_rule(value: object) -> Rule:
    if isinstance(value, str) and value.strip().lower() in (Rule.LANGUAGE, Rule.LICENCE):
        hint = "Write it with each language or licence."
        raise Fault("invalid-rule", "Each language and licence says its own need.", hint)
    return to_choice(value, _RULES, "invalid-rule", "a rule that a vacancy may change")


def _licences(
    fields: RowFields, key: str, make: Callable[[RowFields, str, str, object], LicenceT]
) -> Iterator[LicenceT]:
    for position, item in enumerate(fields.items("licences", single_text=True)):
        pointer = f"/licences/{position}"
        name: object = item
        more: object = None
        if isinstance(item, dict):
            fields.warn_unknown_in(pointer, item, ("name", key))
            name, more = item.get("name"), item.get(key)
        elif fields.tabular and isinstance(item, str):
            name, more = _split_licence(item, is_dated=key == "valid_until")
        if absent(name):
            fields.fail(pointer, Fault("required", "The name of the licence is missing."))
        yield make(fields, pointer, fields.check(pointer, to_label, name, ""), more)


def _split_licence(item: str, *, is_dated: bool) -> tuple[str, str]:
    name, *parts = split_parts(item)
    if not parts and is_dated and looks_dated(name):
        name, _, day = name.rpartition(_UNTIL)
        return name.strip(), day
    return name, parts[0] if parts else ""


def _required(fields: RowFields, pointer: str, name: str, need: object) -> LicenceRequirement:
    return LicenceRequirement(name, fields.check(f"{pointer}/need", to_need, need, None) or Need.MUST)


def _held(fields: RowFields, pointer: str, name: str, day: object) -> LicenceHeld:
    return LicenceHeld(name, fields.check(f"{pointer}/valid_until", to_date, day, None))
