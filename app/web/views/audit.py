"""The audit log as a page shows it: who did what to what, and the filters in the address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.domain.permissions import Operation
from app.models import AuditEvent
from app.services.doers import Doers
from app.web.labels import label
from app.web.options import PREFIX
from app.web.viewer import Viewer
from app.web.views.audit_words import DEEDS, SUBJECTS
from app.web.views.doers import by_whom
from app.web.wording import Words

CSV_COLUMNS = ("at", "who", "role", "operation", "subject_type", "subject_id", "details")

# Where a subject has a page, and what one needs to open it.
_PAGES: Mapping[str, tuple[str, Operation]] = {
    "vacancy": ("vacancies", Operation.VACANCY_READ),
    "match_run": ("runs", Operation.RANKING_READ),
    "job": ("jobs", Operation.JOB_READ),
    "cohort": ("cohorts", Operation.COHORT_READ),
    "candidate": ("candidates", Operation.CANDIDATE_READ),
    "weight_profile": ("weights", Operation.WEIGHTS_READ),
    "queued_phrase": ("normalisation", Operation.QUEUE_READ),
    "account": ("settings/users", Operation.ACCOUNT_MANAGE),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show: each empty where it does not narrow.

    ``since`` and ``until`` are days, both included.
    """

    subject: UUID | None = None
    subject_type: str = ""
    operation: str = ""
    doer: UUID | None = None
    since: date | None = None
    until: date | None = None

    @property
    def values(self) -> dict[str, object]:
        """The filters by the names that they have in an address."""
        return {
            "subject": self.subject,
            "type": self.subject_type,
            "operation": self.operation,
            "doer": self.doer,
            "since": self.since,
            "until": self.until,
        }

    @property
    def query(self) -> str:
        """The filters as they stand in an address."""
        return urlencode({name: value for name, value in self.values.items() if value})

    def as_arguments(self) -> dict[str, Any]:
        """The filters as the service takes them."""
        return {
            "subject_id": self.subject,
            "subject_type": self.subject_type or None,
            "operation": self.operation or None,
            "doer": self.doer,
            "since": None if self.since is None else _midnight(self.since),
            "before": None if self.until is None else _midnight(self.until + timedelta(days=1)),
        }


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event. ``href`` is the page of its subject, ``of_subject`` the log of it alone."""

    at: datetime
    who: str
    role: str
    what: str
    operation: str
    subject: str
    subject_id: UUID
    href: str
    of_subject: str
    details: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AuditView:
    """The log with its filters; problems are (field id, text)."""

    filters: Filters
    typed: Mapping[str, str]
    lines: Sequence[EventLine]
    types: Sequence[tuple[str, str]]
    people: Sequence[tuple[UUID, str]]
    keys: Sequence[tuple[UUID, str]]
    export: str
    earlier: str
    later: str
    problems: Sequence[tuple[str, str]] = ()


def read_filters(words: Words, typed: Mapping[str, str]) -> tuple[Filters, list[tuple[str, str]]]:
    """Read the filters of an address; what cannot be read narrows nothing and is a problem of its field."""
    problems: list[tuple[str, str]] = []

    def key(name: str) -> UUID | None:
        text = typed[name].strip()
        try:
            return UUID(text) if text else None
        except ValueError:
            problems.append(
                (name, words.gettext("Write the whole number of the record, as its page shows it."))
            )
            return None

    def day(name: str) -> date | None:
        text = typed[name].strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            problems.append(
                (name, words.gettext("Write the day as year, month and day, such as 2026-11-26."))
            )
            return None

    filters = Filters(
        key("subject"),
        typed["type"].strip(),
        typed["operation"].strip(),
        key("doer"),
        day("since"),
        day("until"),
    )
    return filters, problems


def event_line(viewer: Viewer, event: AuditEvent, doers: Doers) -> EventLine:
    """Make the line of an event."""
    words = viewer.words
    return EventLine(
        at=event.at,
        who=by_whom(words, doers, event.actor_account_id, event.actor_key_id),
        role=label(words, event.actor_role),
        what=what_was_done(words, event.operation),
        operation=event.operation,
        subject=words.gettext(SUBJECTS.get(event.subject_type, event.subject_type)),
        subject_id=event.subject_id,
        href=_page_of(viewer, event),
        of_subject=f"{PREFIX}/audit?subject={event.subject_id}",
        details=[(name, _plain(value)) for name, value in event.details.items() if value is not None],
    )


def event_rows(events: Sequence[AuditEvent], doers: Doers) -> Iterator[dict[str, object]]:
    """Events as rows of a file, in English whoever reads, so that files can be put together."""
    words = Words("en")
    for event in events:
        yield {
            "at": event.at.isoformat(),
            "who": by_whom(words, doers, event.actor_account_id, event.actor_key_id),
            "role": str(event.actor_role),
            "operation": event.operation,
            "subject_type": event.subject_type,
            "subject_id": str(event.subject_id),
            "details": "; ".join(f"{name}={_plain(value)}" for name, value in event.details.items()),
        }


def what_was_done(words: Words, operation: str) -> str:
    """An operation in words; one that nobody named is shown as it is."""
    subject, _, deed = operation.partition(".")
    if deed not in DEEDS:
        return operation
    kind = words.gettext(SUBJECTS.get(subject, subject))
    return words.gettext("%(kind)s: %(deed)s") % {"kind": kind, "deed": words.gettext(DEEDS[deed])}


def type_choices(words: Words) -> list[tuple[str, str]]:
    """(code, name) of the kinds of subjects, by name."""
    return sorted(
        ((code, words.gettext(name)) for code, name in SUBJECTS.items() if code != "weights"),
        key=lambda each: each[1],
    )


def _page_of(viewer: Viewer, event: AuditEvent) -> str:
    group, needs = _PAGES.get(event.subject_type, ("", None))
    if needs is not None and viewer.may(needs):
        return f"{PREFIX}/{group}/{event.subject_id}"
    if event.subject_type == "review" and viewer.may(Operation.REVIEW_READ):
        vacancy, candidate = event.details.get("vacancy_id"), event.details.get("candidate_id")
        return f"{PREFIX}/vacancies/{vacancy}/matches/{candidate}" if vacancy and candidate else ""
    return ""


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
