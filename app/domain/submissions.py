"""What organisations submit beside vacancies and candidates, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.domain.records import ClaimRecord, RequirementRecord


@dataclass(frozen=True, slots=True)
class SkillsNeedRecord:
    """An employer's dated forecast of demand.

    ``id`` is the caller's own identifier. ``occupation`` is a concept URI, an
    ISCO-08 code or text; ``region`` a NUTS code or a name.
    """

    id: str
    occupation: str
    headcount: int
    skills: tuple[RequirementRecord, ...] = ()
    lang: str | None = None
    country: str | None = None
    region: str = ""
    needed_from: date | None = None
    needed_until: date | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeRecord:
    """What an institution teaches.

    ``id`` is the caller's own identifier; ``isced_f`` a field of study of two to
    four digits; ``eqf_level`` 1 to 8; ``skills`` the learning outcomes.
    """

    id: str
    title: str
    lang: str | None = None
    isced_f: str | None = None
    eqf_level: int | None = None
    skills: tuple[ClaimRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortRecord:
    """Learners finishing together; ``programme`` is the caller's own id of their programme."""

    id: str
    title: str = ""
    programme: str | None = None
    finishes_on: date | None = None


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """Who a candidate is: kept apart from the profile, never read by the engine."""

    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    nationality: str | None = None

    def __repr__(self) -> str:
        # Reprs end up in logs and test output.
        return "IdentityRecord(…)"
