"""Users, API keys and organisations as administrators see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.actor import Role
from app.intake.codes import ISO_3166_1
from app.models import ApiKey, Organisation, OrganisationKind, StaffAccount
from app.web.wording import N_, Words

KIND_NAMES: Mapping[OrganisationKind, str] = {
    OrganisationKind.EMPLOYER: N_("Employer"),
    OrganisationKind.INSTITUTION: N_("Training institution"),
}

Problems = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UserLine:
    """An account of the partnership. ``state`` is active, disabled, owes_password or demo."""

    id: UUID
    name: str
    email: str
    role: Role
    state: str
    last_signed_in_at: datetime | None
    created_at: datetime
    version: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class UsersView:
    """The accounts of the partnership."""

    lines: Sequence[UserLine]
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class UserForm:
    """The form for a new account, with what was typed."""

    name: str
    email: str
    role: str
    locale: str
    roles: Sequence[tuple[str, str]]
    problems: Problems = ()


@dataclass(frozen=True, slots=True)
class UserPage:
    """One account."""

    line: UserLine
    roles: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SecretView:
    """A secret that is shown this once."""

    title: str
    text: str
    secret: str
    after: str
    back: str
    back_name: str


@dataclass(frozen=True, slots=True)
class ApiKeyLine:
    """An API key. ``state`` is active, revoked or expired; ``shown`` the part of it that may be shown."""

    id: UUID
    label: str
    shown: str
    role: Role
    organisation: str
    state: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKeysView:
    """The API keys of the partnership."""

    lines: Sequence[ApiKeyLine]
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class ApiKeyForm:
    """The form for a new key; ``choice`` is a role of staff, or the id of an organisation."""

    label: str
    choice: str
    expires: str
    roles: Sequence[tuple[str, str]]
    organisations: Sequence[tuple[str, str]]
    problems: Problems = ()


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An employer or an institution."""

    id: UUID
    external_id: str
    kind: str
    name: str
    country: str | None
    version: int


@dataclass(frozen=True, slots=True)
class OrganisationsView:
    """The organisations of the partnership."""

    lines: Sequence[OrganisationLine]
    may_write: bool
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class OrganisationForm:
    """The form for an organisation with what was typed; ``held`` None for a new one."""

    held: OrganisationLine | None
    external_id: str
    kind: str
    name: str
    country: str
    version: int
    kinds: Sequence[tuple[str, str]]
    countries: Sequence[tuple[str, str]]
    problems: Problems = ()


def user_line(account: StaffAccount, own_id: UUID | None) -> UserLine:
    """Make the line of an account."""
    state = "active"
    if account.disabled_at is not None:
        state = "disabled"
    elif account.is_demo:
        state = "demo"
    elif account.must_change_password or account.password_hash is None:
        state = "owes_password"
    return UserLine(
        id=account.id,
        name=account.display_name,
        email="" if account.is_demo else account.email,
        role=account.role,
        state=state,
        last_signed_in_at=account.last_signed_in_at,
        created_at=account.created_at,
        version=account.version,
        is_own=account.id == own_id,
    )


def api_key_line(key: ApiKey, organisations: Mapping[UUID, str], now: datetime) -> ApiKeyLine:
    """Make the line of a key."""
    state = "active"
    if key.revoked_at is not None:
        state = "revoked"
    elif key.expires_at is not None and key.expires_at <= now:
        state = "expired"
    organisation = "" if key.organisation_id is None else organisations.get(key.organisation_id, "")
    return ApiKeyLine(
        id=key.id,
        label=key.label,
        shown=key.public_id,
        role=key.role,
        organisation=organisation,
        state=state,
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
    )


def organisation_line(words: Words, row: Organisation) -> OrganisationLine:
    """Make the line of an organisation."""
    kind = words.gettext(KIND_NAMES[row.kind])
    return OrganisationLine(row.id, row.external_id, kind, row.name, row.country, row.version)


def kind_choices(words: Words) -> list[tuple[str, str]]:
    """(code, name) of the kinds of organisations."""
    return [(kind.value, words.gettext(name)) for kind, name in KIND_NAMES.items()]


def country_choices(words: Words) -> list[tuple[str, str]]:
    """(code, name) of every country, by name."""
    return sorted(((code, words.country(code)) for code in ISO_3166_1), key=lambda each: (each[1], each[0]))
