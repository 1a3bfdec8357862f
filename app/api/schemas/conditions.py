"""What vacancies demand and candidates state beside skills, languages and work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from app.api.schemas.common import (
    WHOLE,
    Country,
    Currency,
    Day,
    Given,
    Label,
    OptionalLabel,
    Received,
    TextOrObject,
)
from app.domain.conditions import (
    Circumstances,
    Conditions,
    LicenceHeld,
    LicenceRequirement,
    Pay,
)
from app.domain.enums import Contract, Need, PayPeriod, Rule, Seniority, Shift
from app.errors import FieldIssue, InvalidInput
from app.intake.conditions import MAX_MONTHS, MAX_PAY, NEGOTIABLE

MAX_NAMED = 100

EqfLevel = Annotated[
    int, Field(strict=True, ge=1, le=8, description="European Qualifications Framework."), WHOLE
]
Months = Annotated[int, Field(strict=True, ge=0, le=MAX_MONTHS), WHOLE]
Amount = Annotated[int, Field(strict=True, ge=1, le=MAX_PAY), WHOLE]
Region = Annotated[OptionalLabel, Field(description="A NUTS code or a name.")]
Roles = Annotated[tuple[Label, ...], Field(max_length=MAX_NAMED, description="Named alike on both sides.")]
Countries = Annotated[tuple[Country, ...], Field(max_length=MAX_NAMED)]
Seniorities = Annotated[tuple[Seniority, ...], Field(max_length=MAX_NAMED)]
Shifts = Annotated[tuple[Shift, ...], Field(max_length=MAX_NAMED)]
Contracts = Annotated[tuple[Contract, ...], Field(max_length=MAX_NAMED)]
Flag = Annotated[bool, Field(strict=True)]


class PayItem(Received):
    """A gross rate of pay."""

    amount: Amount
    currency: Currency
    period: PayPeriod

    def record(self) -> Pay:
        return Pay(self.amount, self.currency, self.period)


class LicenceRequirementItem(TextOrObject):
    """A licence or certificate that is asked for: its name alone, or an object."""

    text_key: ClassVar[str] = "name"

    name: Label
    need: Need = Need.MUST

    def record(self) -> LicenceRequirement:
        return LicenceRequirement(self.name.strip(), self.need)


class LicenceHeldItem(TextOrObject):
    """A licence or certificate that is held: its name alone, or an object."""

    text_key: ClassVar[str] = "name"

    name: Label
    valid_until: Annotated[Day | None, Field(description="Last day, null when no end is stated.")] = None

    def record(self) -> LicenceHeld:
        return LicenceHeld(self.name.strip(), self.valid_until)


class NeedsItem(Received):
    """How firmly rules are meant, where that differs from the usual; null is the usual."""

    education: Need | None = None
    recognition: Need | None = None
    experience: Need | None = None
    role: Need | None = None
    seniority: Need | None = None
    start_date: Need | None = None
    country: Need | None = None
    shift: Need | None = None
    contract: Need | None = None
    pay: Need | None = None
    shortage_list: Need | None = None

    def record(self) -> tuple[tuple[Rule, Need], ...]:
        return _pairs((rule, getattr(self, rule.value)) for rule in NEGOTIABLE)


LicencesAsked = Annotated[tuple[LicenceRequirementItem, ...], Field(max_length=MAX_NAMED)]
LicencesHeld = Annotated[tuple[LicenceHeldItem, ...], Field(max_length=MAX_NAMED)]
StartsOn = Annotated[Day, Field(description="Day on which work begins.")]
LeastMonths = Annotated[Months, Field(description="Least experience in the occupation.")]
PayOffered = Annotated[PayItem, Field(description="The most that is paid.")]


class ConditionsIn(Received):
    """What a vacancy demands beside skills and languages. Nothing stated is nothing demanded."""

    starts_on: StartsOn | None = None
    region: Region = ""
    eqf_level: EqfLevel | None = None
    licences: LicencesAsked = ()
    experience_months: LeastMonths | None = None
    roles: Roles = ()
    seniorities: Seniorities = ()
    shifts: Shifts = ()
    contract: Contract | None = None
    pay: PayOffered | None = None
    needs: NeedsItem = NeedsItem()

    def conditions(self) -> Conditions:
        return Conditions(
            starts_on=self.starts_on,
            region=self.region.strip(),
            eqf_level=self.eqf_level,
            licences=tuple(item.record() for item in self.licences),
            experience_months=self.experience_months,
            roles=tuple(item.strip() for item in self.roles),
            seniorities=self.seniorities,
            shifts=self.shifts,
            contract=self.contract,
            pay=None if self.pay is None else self.pay.record(),
            needs=self.needs.record(),
        )


class PayPatch(Received):
    """What changes of a rate of pay."""

    amount: Amount | None = None
    currency: Currency | None = None
    period: PayPeriod | None = None

    def applied_to(self, pay: Pay | None) -> Pay:
        """Give the merged rate.

        Raises
        ------
        InvalidInput
            A part of it is missing.
        """
        parts: dict[str, Any] = {
            name: getattr(self, name) if name in self.model_fields_set else getattr(pay, name, None)
            for name in type(self).model_fields
        }
        issues = [
            FieldIssue(f"/pay/{name}", "missing", "This field is required.")
            for name, value in parts.items()
            if value is None
        ]
        if issues:
            raise InvalidInput("A rate of pay needs all its parts.", issues=issues)
        return Pay(**parts)


def merged_needs(
    needs: tuple[tuple[Rule, Need], ...], patch: NeedsItem | None
) -> tuple[tuple[Rule, Need], ...]:
    """Give needs with a merge patch applied; None takes all of them back to the usual."""
    if patch is None:
        return ()
    changes = {Rule(name): getattr(patch, name) for name in patch.model_fields_set}
    return _pairs((dict(needs) | changes).items())


def _pairs(needs: Iterable[tuple[Rule, Need | None]]) -> tuple[tuple[Rule, Need], ...]:
    return tuple(sorted((rule, need) for rule, need in needs if need is not None))


class CircumstancesIn(Received):
    """What a candidate states beside skills, languages and work. Nothing stated is unknown.

    Consent is not among them: the candidate's status says whether they may be put forward.
    """

    eqf_level: Annotated[EqfLevel | None, Field(description="Highest level reached.")] = None
    licences: LicencesHeld = ()
    licences_complete: Annotated[Flag, Field(description="`licences` names all that are held.")] = False
    languages_complete: Annotated[Flag, Field(description="`languages` names all that are spoken.")] = False
    recognised_in: Annotated[
        Countries, Field(description="Countries that have recognised the qualification.")
    ] = ()
    available_from: Annotated[Day | None, Field(description="First day of work.")] = None
    countries: Annotated[Countries, Field(description="Countries to work in that are wanted.")] = ()
    roles: Roles = ()
    seniority: Seniority | None = None
    shifts: Annotated[Shifts, Field(description="Those that are accepted.")] = ()
    contracts: Annotated[Contracts, Field(description="Those that are accepted.")] = ()
    pay: Annotated[PayItem | None, Field(description="The least that is expected.")] = None

    def circumstances(self, *, consent: bool | None = None) -> Circumstances:
        return Circumstances(
            eqf_level=self.eqf_level,
            licences=tuple(item.record() for item in self.licences),
            licences_complete=self.licences_complete,
            languages_complete=self.languages_complete,
            recognised_in=self.recognised_in,
            available_from=self.available_from,
            countries=self.countries,
            roles=tuple(item.strip() for item in self.roles),
            seniority=self.seniority,
            shifts=self.shifts,
            contracts=self.contracts,
            pay=None if self.pay is None else self.pay.record(),
            consent=consent,
        )


class GivenPay(Given):
    """A gross rate of pay."""

    amount: int
    currency: str
    period: PayPeriod


class GivenLicenceRequirement(Given):
    """A licence or certificate that is asked for."""

    name: str
    need: Need


class GivenLicence(Given):
    """A licence or certificate that is held."""

    name: str
    valid_until: date | None


class GivenConditions(Given):
    """What a vacancy demands beside skills and languages; built from ``Conditions``."""

    starts_on: date | None
    region: str
    eqf_level: int | None
    licences: list[GivenLicenceRequirement]
    experience_months: int | None
    roles: list[str]
    seniorities: list[Seniority]
    shifts: list[Shift]
    contract: Contract | None
    pay: GivenPay | None
    needs: Annotated[dict[str, Need], Field(description="Rules that are meant otherwise than usual.")]

    @field_validator("needs", mode="before")
    @classmethod
    def _by_rule(cls, value: Any) -> Any:
        return {rule.value: need for rule, need in value} if isinstance(value, tuple) else value


class GivenCircumstances(Given):
    """What a candidate states beside skills, languages and work; built from ``Circumstances``."""

    eqf_level: int | None
    licences: list[GivenLicence]
    licences_complete: bool
    languages_complete: bool
    recognised_in: list[str]
    available_from: date | None
    countries: list[str]
    roles: list[str]
    seniority: Seniority | None
    shifts: list[Shift]
    contracts: list[Contract]
    pay: GivenPay | None
