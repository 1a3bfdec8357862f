"""What a vacancy demands beside skills and languages, and what a candidate says on it.

Both are written down as JSON objects that leave out what is not stated, so equal
values are equal in every byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from app.domain.enums import Contract, Need, PayPeriod, Rule, Seniority, Shift


@dataclass(frozen=True, slots=True)
class Pay:
    """A gross rate of pay; ``currency`` is an ISO 4217 code."""

    amount: int
    currency: str = "EUR"
    period: PayPeriod = PayPeriod.YEAR


@dataclass(frozen=True, slots=True)
class LicenceRequirement:
    """A licence or certificate that a vacancy asks for, as the employer wrote it."""

    name: str
    need: Need = Need.MUST


@dataclass(frozen=True, slots=True)
class LicenceHeld:
    """A licence or certificate of a candidate; ``valid_until`` None when no end is stated."""

    name: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a vacancy demands beside skills and languages. Nothing stated is nothing demanded.

    Attributes
    ----------
    region
        NUTS code or name of the region of work.
    eqf_level
        Least level of the European Qualifications Framework, 1 to 8.
    experience_months
        Least experience in the occupation.
    roles
        Roles that fit, named as the candidates of the same platform name those they look for.
    seniorities
        Those that fit.
    shifts
        All that are worked.
    pay
        The most that is paid.
    needs
        How firmly a rule is meant, where that differs from its usual need.
    """

    starts_on: date | None = None
    region: str = ""
    eqf_level: int | None = None
    licences: tuple[LicenceRequirement, ...] = ()
    experience_months: int | None = None
    roles: tuple[str, ...] = ()
    seniorities: tuple[Seniority, ...] = ()
    shifts: tuple[Shift, ...] = ()
    contract: Contract | None = None
    pay: Pay | None = None
    needs: tuple[tuple[Rule, Need], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, without what is not stated."""
        return _stated(self, needs={rule.value: need.value for rule, need in sorted(self.needs)})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Conditions:
        """What ``as_dict`` wrote down."""
        return cls(
            starts_on=_day(values.get("starts_on")),
            region=values.get("region", ""),
            eqf_level=values.get("eqf_level"),
            licences=tuple(
                LicenceRequirement(each["name"], Need(each["need"])) for each in values.get("licences", ())
            ),
            experience_months=values.get("experience_months"),
            roles=tuple(values.get("roles", ())),
            seniorities=tuple(Seniority(each) for each in values.get("seniorities", ())),
            shifts=tuple(Shift(each) for each in values.get("shifts", ())),
            contract=Contract(values["contract"]) if "contract" in values else None,
            pay=_pay(values.get("pay")),
            needs=tuple((Rule(rule), Need(need)) for rule, need in sorted(values.get("needs", {}).items())),
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a candidate states beside skills, languages and work. Nothing stated is unknown.

    Attributes
    ----------
    eqf_level
        Highest level of the European Qualifications Framework reached, 1 to 8.
    licences_complete, languages_complete
        The list names all that there are: what is not on it, the candidate does not have.
    recognised_in
        Countries (ISO 3166-1 alpha-2) that have recognised the qualification.
    countries, roles, shifts, contracts
        Those the candidate wants or accepts; empty is not stated.
    pay
        The least that is expected.
    consent
        Whether the candidate agrees to be put forward; None is not stated.
    """

    eqf_level: int | None = None
    licences: tuple[LicenceHeld, ...] = ()
    licences_complete: bool = False
    languages_complete: bool = False
    recognised_in: tuple[str, ...] = ()
    available_from: date | None = None
    countries: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    seniority: Seniority | None = None
    shifts: tuple[Shift, ...] = ()
    contracts: tuple[Contract, ...] = ()
    pay: Pay | None = None
    consent: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, without what is not stated."""
        return _stated(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Circumstances:
        """What ``as_dict`` wrote down."""
        return cls(
            eqf_level=values.get("eqf_level"),
            licences=tuple(
                LicenceHeld(each["name"], _day(each.get("valid_until")))
                for each in values.get("licences", ())
            ),
            licences_complete=values.get("licences_complete", False),
            languages_complete=values.get("languages_complete", False),
            recognised_in=tuple(values.get("recognised_in", ())),
            available_from=_day(values.get("available_from")),
            countries=tuple(values.get("countries", ())),
            roles=tuple(values.get("roles", ())),
            seniority=Seniority(values["seniority"]) if "seniority" in values else None,
            shifts=tuple(Shift(each) for each in values.get("shifts", ())),
            contracts=tuple(Contract(each) for each in values.get("contracts", ())),
            pay=_pay(values.get("pay")),
            consent=values.get("consent"),
        )


NO_CONDITIONS = Conditions()
NO_CIRCUMSTANCES = Circumstances()


def _stated(value: Conditions | Circumstances, **instead: Any) -> dict[str, Any]:
    written = {}
    for field in fields(value):
        content = instead.get(field.name, getattr(value, field.name))
        # ``consent`` False is stated, an empty list or a flag that is not set is not.
        if content is not None and content != () and content != "" and content != {}:
            written[field.name] = _plain(content)
    return {name: content for name, content in written.items() if content is not False or name == "consent"}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Pay | LicenceHeld | LicenceRequirement):
        plain = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {name: content for name, content in plain.items() if content is not None}
    return value.value if hasattr(value, "value") else value


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _pay(value: Mapping[str, Any] | None) -> Pay | None:
    return None if value is None else Pay(value["amount"], value["currency"], PayPeriod(value["period"]))
