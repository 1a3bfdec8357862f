"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What kind of user a key or an account stands for."""

    EMPLOYER = "employer"
    INSTITUTION = "institution"
    REVIEWER = "reviewer"
    ADMIN = "admin"
    AUDITOR = "auditor"

    @property
    def is_organisation(self) -> bool:
        """Employers and institutions act for one organisation, staff for the whole partnership."""
        return self in (Role.EMPLOYER, Role.INSTITUTION)


@dataclass(frozen=True, slots=True)
class Actor:
    """The authenticated party behind a request, command or job.

    Attributes
    ----------
    key_id
        The API key used.
    account_id
        The staff account signed in with. Neither key nor account: an operator at the command line.
    role
        Decides what may be done, with ``app.domain.permissions``.
    partnership_id
        The access boundary: nothing outside it exists for this actor.
    organisation_id
        The employer or institution acted for; None for staff.
    """

    key_id: UUID | None
    role: Role
    partnership_id: UUID
    organisation_id: UUID | None = None
    account_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.role.is_organisation != (self.organisation_id is not None):
            raise ValueError("employers and institutions need an organisation, staff have none")
        if self.account_id is not None and (self.key_id is not None or self.role.is_organisation):
            raise ValueError("an account is for staff, and acts without a key")

    def is_who(self, key_id: UUID | None, account_id: UUID | None) -> bool:
        """Whether this is who did something with that key or account, with neither of them as operator."""
        return (self.key_id, self.account_id) == (key_id, account_id)
