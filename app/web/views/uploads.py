"""What the steps of sending a file in show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.enums import PhraseKind, QueueReason
from app.domain.transitions import UploadState
from app.errors import FieldIssue
from app.intake.mapped import FIELDS, SourceRow
from app.intake.template import CHOICES, title_of
from app.models import Cohort, CohortUpload, Job, Organisation
from app.services.cohort_uploads import KEPT_FOR, MAX_BYTES, UploadedFile
from app.services.upload_reports import IssueGroup, UploadReport
from app.web.options import PREFIX
from app.web.repairs import with_field
from app.web.views.cohorts import KINDS, Repair, repairs
from app.web.views.jobs import ProgressView, progress_of
from app.web.wording import N_, Words

SHOWN_ROWS = 5
"""Rows of each repair on the preview; all of one repair on a page of its own."""
MOST_ROWS = 200

_MOST_CHARS = 300
_MOST_MENDED_CHARS = 2_000

STEPS = (N_("File"), N_("Columns"), N_("Check"), N_("Preview"), N_("Done"))

Issues = Sequence[tuple[str, str]]
"""Errors of a form: id of the field or "", and text."""


@dataclass(frozen=True, slots=True)
class SendView:
    """Step 1: the file, and the cohort it is for."""

    institutions: Sequence[Organisation]
    cohorts: Mapping[str, Sequence[Cohort]]
    typed: Mapping[str, str] = field(default_factory=dict)
    issues: Issues = ()
    step: int = 1
    max_mb: int = MAX_BYTES // 2**20
    max_rows: int = 50_000
    days: int = KEPT_FOR.days

    def was(self, name: str) -> str:
        return self.typed.get(name, "")


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column of the file, some of its values, and what it means."""

    position: int
    name: str
    samples: Sequence[str]
    field: str


@dataclass(frozen=True, slots=True)
class ColumnsView:
    """Step 2: what each column means."""

    upload: CohortUpload
    base: str
    columns: Sequence[ColumnRow]
    fields: Sequence[tuple[str, str]]
    issues: Issues = ()
    step: int = 2


@dataclass(frozen=True, slots=True)
class WaitView:
    """Step 3, or the end: how far the work is; ``progress`` None where nobody works."""

    base: str
    progress: ProgressView | None
    is_commit: bool
    step: int

    @property
    def is_working(self) -> bool:
        return self.progress is not None and not self.progress.is_over


@dataclass(frozen=True, slots=True)
class Place:
    """One fault where it stands, with the value seen."""

    row: int
    seen: str
    name: str
    choices: Sequence[str]
    can_mend: bool


@dataclass(frozen=True, slots=True)
class RepairGroup:
    """Faults that are mended alike, with the values seen."""

    number: int
    repair: Repair
    places: Sequence[Place]
    n_hidden: int
    can_mend: bool


@dataclass(frozen=True, slots=True)
class PhraseRow:
    """A skill or occupation that does not link surely."""

    kind: PhraseKind
    wording: str
    lang: str
    reason: QueueReason
    n_people: int
    guess: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """Step 4: what the file would do."""

    upload: CohortUpload
    base: str
    cohort_name: str
    institution: str
    groups: Sequence[RepairGroup]
    warnings: Sequence[tuple[str, int]]
    phrases: Sequence[PhraseRow]
    formats: Sequence[tuple[str, str]]
    only: int | None
    days_left: int
    issues: Issues = ()
    step: int = 4

    @property
    def n_good(self) -> int:
        return self.upload.n_rows - self.upload.n_refused


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """Step 5: what became of the file."""

    upload: CohortUpload
    cohort_name: str
    cohort_href: str
    institution: str
    kind: str
    repairs: Sequence[Repair]
    step: int = 5


def base_of(upload_id: UUID) -> str:
    """The address of an upload."""
    return f"{PREFIX}/cohorts/uploads/{upload_id}"


def page_of(upload: CohortUpload, job: Job | None) -> str:
    """The page that an upload is at."""
    base = base_of(upload.id)
    if job is not None and job.status in ("queued", "running"):
        return f"{base}/progress"
    if upload.state is UploadState.RECEIVED:
        return f"{base}/columns"
    if upload.state is UploadState.VALIDATING:
        return f"{base}/progress"
    if upload.state in (UploadState.NEEDS_ATTENTION, UploadState.READY):
        return f"{base}/preview"
    return f"{base}/receipt"


def by_institution(
    cohorts: Sequence[Cohort], institutions: Sequence[Organisation]
) -> dict[str, list[Cohort]]:
    """Group cohorts by the name of their institution, in the order of the names."""
    grouped: dict[str, list[Cohort]] = {}
    for institution in institutions:
        own = [cohort for cohort in cohorts if cohort.institution_id == institution.id]
        if own:
            grouped.setdefault(institution.name, []).extend(own)
    return grouped


def columns_view(
    words: Words,
    found: UploadedFile,
    samples: Sequence[SourceRow],
    *,
    chosen: Sequence[str] | None = None,
    issues: Issues = (),
) -> ColumnsView:
    """Put step 2 together; ``chosen`` is what was sent with a form that has errors."""
    fields = chosen if chosen is not None else [each or "" for each in found.upload.fields]
    return ColumnsView(
        upload=found.upload,
        base=base_of(found.upload.id),
        columns=[
            ColumnRow(position, name, _samples(samples, position), fields[position])
            for position, name in enumerate(found.head.columns)
        ],
        fields=[(key, title_of(key, words.locale)) for key in FIELDS],
        issues=issues,
    )


def wait_view(words: Words, upload: CohortUpload, job: Job | None, now: datetime) -> WaitView:
    """Put the page together that waits for a job."""
    is_commit = job is not None and job.payload.get("step") == "commit"
    base = base_of(upload.id)
    progress = progress_of(words, job, now=now) if job is not None else None
    return WaitView(base, progress, is_commit, step=4 if is_commit else 3)


def preview_groups(
    words: Words,
    report: UploadReport,
    values: Mapping[int, Mapping[str, object]],
    *,
    tabular: bool,
    only: int | None,
) -> list[RepairGroup]:
    """Put the repairs of a preview together; ``only`` the one with this number, with all its places."""
    said = repairs(words, report.groups)
    made = []
    for number, (group, repair) in enumerate(zip(report.groups, said, strict=True), start=1):
        if only is not None and number != only:
            continue
        rows = shown_rows(group, only is not None)
        places = [_place(group, row, values.get(row, {}), tabular) for row in rows]
        made.append(
            RepairGroup(
                number=number,
                repair=repair,
                places=places,
                n_hidden=group.n_rows - len(rows),
                can_mend=any(place.can_mend for place in places),
            )
        )
    return made


def shown_rows(group: IssueGroup, all_of_it: bool) -> list[int]:
    """The rows of a group that a page shows; the whole cell is shown, so each row once."""
    rows = dict.fromkeys(row for row, _ in group.places)
    return list(rows)[: MOST_ROWS if all_of_it else SHOWN_ROWS]


def warnings_of(words: Words, report: UploadReport) -> list[tuple[str, int]]:
    """What was odd but refused no row."""
    return [
        (with_field(words, each.key, words.gettext(_WARNINGS.get(each.code, each.message))), each.count)
        for each in report.warnings
    ]


_WARNINGS = {
    "unknown-key": N_("Not part of the format; it is not read."),
    "not-kept": N_("Personal data that this service does not keep; it is left out."),
    "invalid-email": N_("This is no e-mail address; it is left out, and the row is kept."),
    "invalid-date": N_("This is not a date; it is left out, and the row is kept."),
    "too-long": N_("The text is too long; it is left out, and the row is kept."),
    "not-text": N_("This is not text; it is left out, and the row is kept."),
    "invalid-text": N_("The text holds signs that cannot be stored; it is left out, and the row is kept."),
}


def phrase_rows(phrases: Sequence[Mapping[str, object]]) -> list[PhraseRow]:
    """What of the file does not link surely."""
    return [
        PhraseRow(
            kind=PhraseKind(str(each["kind"])),
            wording=str(each["wording"]),
            lang=str(each["lang"]),
            reason=QueueReason(str(each["reason"])),
            n_people=int(str(each["n_people"])),
            guess=_guess(each),
        )
        for each in phrases
    ]


def receipt_view(words: Words, upload: CohortUpload, report: UploadReport, institution: str) -> ReceiptView:
    """Put the last step together."""
    return ReceiptView(
        upload=upload,
        cohort_name=upload.title or upload.external_id,
        cohort_href=f"{PREFIX}/cohorts/{upload.cohort_id}" if upload.cohort_id else "",
        institution=institution,
        kind=KINDS[upload.state],
        repairs=repairs(words, report.groups),
    )


def column_issues(words: Words, issues: Sequence[FieldIssue]) -> Issues:
    """Errors of step 2, each with the column it is about."""
    said = {
        "repeated": N_("Two columns are matched to the same. Keep one of them."),
        "required": N_("No column is matched to the id. Choose the one that tells people apart."),
    }
    return [
        (f"column-{issue.pointer.rpartition('/')[2]}", words.gettext(said[issue.code])) for issue in issues
    ]


def _samples(rows: Sequence[SourceRow], position: int) -> list[str]:
    shown = [_text(row.values[position]) for row in rows if position < len(row.values)]
    return [each for each in shown if each][:3]


def _place(group: IssueGroup, row: int, values: Mapping[str, object], tabular: bool) -> Place:
    value = values.get(group.field, "")
    whole = "" if value is None else str(value)
    can_mend = tabular and bool(group.field) and len(whole) <= _MOST_MENDED_CHARS
    return Place(
        row=row,
        seen=whole if can_mend else _text(value),
        name=f"v-{row}-{group.field}",
        choices=[str(each) for each in CHOICES.get(group.field, ())],
        can_mend=can_mend,
    )


def _text(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS]}…"


def _guess(phrase: Mapping[str, object]) -> str:
    suggestions = phrase["suggestions"]
    return str(suggestions[0]["label"]) if isinstance(suggestions, list) and suggestions else ""
