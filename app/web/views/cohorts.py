"""What the pages of cohorts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.transitions import CandidateStatus, CohortStatus, allowed_next
from app.errors import FieldIssue
from app.models import CandidateProfile, CohortIssue, CohortUpload, Organisation
from app.services.cohort_overview import CohortOverview
from app.services.upload_reports import IssueGroup, group_issues
from app.web.options import PREFIX
from app.web.repairs import say_group, with_field
from app.web.viewer import Viewer
from app.web.wording import Words

KINDS: Mapping[str, str] = {
    "received": "neutral",
    "validating": "info",
    "needs_attention": "warn",
    "ready": "info",
    "committed": "good",
    "failed": "bad",
    "withdrawn": "neutral",
    "discarded": "neutral",
}
"""How the state of a cohort or upload is set off; its name says the same."""

_MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A cohort in the list."""

    href: str
    title: str
    external_id: str
    institution: str
    status: CohortStatus
    kind: str
    n_people: int
    n_refused: int
    overview: CohortOverview


@dataclass(frozen=True, slots=True)
class CohortFilters:
    """What the list is narrowed to."""

    status: CohortStatus | None
    institution_id: UUID | None

    @property
    def are_set(self) -> bool:
        return self.status is not None or self.institution_id is not None

    def as_query(self) -> dict[str, object]:
        """These filters as they stand in an address."""
        return {"status": self.status, "institution": self.institution_id}


@dataclass(frozen=True, slots=True)
class CohortsView:
    """The list of cohorts."""

    rows: Sequence[CohortRow]
    waiting: Sequence[UploadRow]
    filters: CohortFilters
    statuses: Sequence[CohortStatus]
    institutions: Sequence[Organisation]
    first_page: str
    next_page: str
    may_send: bool


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A file that was sent in."""

    href: str
    upload: CohortUpload
    institution: str
    kind: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """Faults that are mended alike."""

    wrong: str
    mend: str
    column: str
    n_rows: int
    rows: Sequence[int]
    n_more: int


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate of a cohort, by pseudonym."""

    href: str
    pseudonym: str
    status: CandidateStatus
    n_skills: int
    occupation: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class CohortView:
    """One cohort."""

    overview: CohortOverview
    kind: str
    repairs: Sequence[Repair]
    people: Sequence[Person]
    shows_people: bool
    first_page: str
    next_page: str
    uploads: Sequence[UploadRow]
    may_send: bool
    may_commit: bool
    may_withdraw: bool


def cohort_row(overview: CohortOverview) -> CohortRow:
    cohort = overview.cohort
    return CohortRow(
        href=f"{PREFIX}/cohorts/{cohort.id}",
        title=cohort.title or cohort.external_id,
        external_id=cohort.external_id,
        institution=overview.institution,
        status=cohort.status,
        kind=KINDS[cohort.status],
        n_people=overview.n_people,
        n_refused=overview.n_refused,
        overview=overview,
    )


def upload_row(upload: CohortUpload, institution: str = "") -> UploadRow:
    is_open = bool(allowed_next(upload.state))
    page = "" if is_open else "/receipt"
    return UploadRow(
        href=f"{PREFIX}/cohorts/uploads/{upload.id}{page}",
        upload=upload,
        institution=institution,
        kind=KINDS[upload.state],
        is_open=is_open,
    )


def cohort_view(
    viewer: Viewer,
    overview: CohortOverview,
    issues: Sequence[CohortIssue],
    people: Sequence[CandidateProfile] | None,
    uploads: Sequence[CohortUpload],
    *,
    pages: tuple[str, str],
) -> CohortView:
    """Put one cohort's page together; ``people`` None where the viewer may not read profiles.

    ``pages`` are the addresses of the first page of people and of the next.
    """
    cohort = overview.cohort
    takes_people = cohort.status not in (CohortStatus.FAILED, CohortStatus.WITHDRAWN)
    return CohortView(
        overview=overview,
        kind=KINDS[cohort.status],
        repairs=repairs(viewer.words, group_issues(map(_field_issue, issues))),
        people=[_person(row) for row in people] if people is not None else (),
        shows_people=people is not None,
        first_page=pages[0],
        next_page=pages[1],
        uploads=[upload_row(each) for each in uploads],
        may_send=viewer.may("COHORT_RELAY") and takes_people,
        may_commit=viewer.may("COHORT_RELAY")
        and cohort.status in (CohortStatus.READY, CohortStatus.NEEDS_ATTENTION)
        and overview.n_people > 0,
        may_withdraw=viewer.may("COHORT_WITHDRAW") and CohortStatus.WITHDRAWN in allowed_next(cohort.status),
    )


def repairs(words: Words, groups: Sequence[IssueGroup]) -> list[Repair]:
    """Put groups of faults in words."""
    made = []
    for group in groups:
        wrong, mend = say_group(words, group)
        rows = list(dict.fromkeys(row for row, _ in group.places))
        made.append(
            Repair(
                wrong=with_field(words, group.field, wrong),
                mend=mend,
                column=group.column,
                n_rows=len(rows),
                rows=rows[:_MOST_PLACES],
                n_more=max(0, len(rows) - _MOST_PLACES),
            )
        )
    return made


def _person(row: CandidateProfile) -> Person:
    return Person(
        href=f"{PREFIX}/candidates/{row.id}",
        pseudonym=row.pseudonym,
        status=row.status,
        n_skills=len(row.claims),
        occupation=row.occupations[0].source_text if row.occupations else "",
        lang=row.lang,
    )


def _field_issue(row: CohortIssue) -> FieldIssue:
    return FieldIssue(row.pointer, row.code, row.message, row.hint, row.row, row.column)
