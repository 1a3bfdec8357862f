"""Batches: every item is judged alone, by the rules that files are read by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Protocol, TypeVar
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from app.api.gate import JSON, NDJSON, BatchItem
from app.api.problems import issue_members
from app.api.schemas.batch import MAX_BATCH_ITEMS, BatchItemOut, BatchOut, BatchStatus, BatchWarning
from app.api.schemas.problems import ProblemIssue
from app.domain.records import CandidateRecord, VacancyRecord
from app.domain.submissions import IdentityRecord
from app.errors import AppError, Conflict, FieldIssue, InvalidInput
from app.intake.fields import RowFields
from app.intake.outcome import WarningTally
from app.intake.records import parse_candidate, parse_identity, parse_vacancy
from app.intake.source import RawRow
from app.intake.values import Fault
from app.services.bulk import BulkMode, ItemOutcome

BatchMode = Annotated[
    BulkMode,
    Query(description="What happens to the good items when others are bad: all or nothing, or created."),
]
DryRun = Annotated[bool, Query(description="Only say what would happen.")]


class _Record(Protocol):
    @property
    def id(self) -> str: ...


class _Row(Protocol):
    id: Any


RecordT = TypeVar("RecordT", bound=_Record)

Create = Callable[[Sequence[RecordT]], Sequence[ItemOutcome[Any]]]


@dataclass(slots=True)
class _Judged(Generic[RecordT]):
    """One item after reading."""

    external_id: str | None = None
    record: RecordT | None = None
    identity: IdentityRecord | None = None
    issues: list[FieldIssue] = field(default_factory=list)
    warnings: list[BatchWarning] = field(default_factory=list)
    row_id: UUID | None = None
    conflict: bool = False


def batch_body(item: str) -> dict[str, Any]:
    """Describe the body of a batch, whose items are described under the name ``item``."""
    schema = {
        "type": "array",
        "maxItems": MAX_BATCH_ITEMS,
        "items": {"$ref": f"#/components/schemas/{item}"},
    }
    lines = {**schema, "description": "One item a line."}
    return {
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}, NDJSON: {"schema": lines}}}
    }


def judge_vacancies(items: Sequence[BatchItem]) -> list[_Judged[VacancyRecord]]:
    """Read each item as a vacancy."""
    return [_judge(item, parse_vacancy) for item in items]


def judge_candidates(items: Sequence[BatchItem]) -> list[_Judged[CandidateRecord]]:
    """Read each item as a candidate, with identity apart."""
    return [_judge(item, _parse_candidate, parse_identity) for item in items]


def _parse_candidate(fields: RowFields) -> CandidateRecord:
    record = parse_candidate(fields)
    if fields.holds("consent"):
        # Dropped with a warning, a no would be lost.
        hint = "Leave it out: the candidate's status says whether they may be put forward."
        fields.fail("/consent", Fault("not-taken", "Consent is not stated here.", hint))
    return record


def carry_out(
    session: Session,
    judged: Sequence[_Judged[RecordT]],
    create: Create[RecordT],
    *,
    mode: BulkMode,
    dry_run: bool,
) -> BatchOut:
    """Create the good items and say what became of each.

    Raises
    ------
    InvalidInput
        There are too many items, or one is bad and the mode is atomic.
    Conflict
        The mode is atomic, and an id is in use.
    """
    if mode is BulkMode.ATOMIC:
        _refuse_if_bad(judged)
    good = [(item, item.record) for item in judged if item.record is not None]
    with session.begin_nested() as savepoint:
        outcomes = create([record for _, record in good])
        if dry_run:
            savepoint.rollback()
    for (item, _), outcome in zip(good, outcomes, strict=True):
        if outcome.error is not None:
            item.issues = list(_issues_of(outcome.error))
            item.conflict = isinstance(outcome.error, Conflict)
        elif outcome.row is not None and not dry_run:
            item.row_id = outcome.row.id
    if mode is BulkMode.ATOMIC:
        _refuse_if_bad(judged)
    done = BatchStatus.VALID if dry_run else BatchStatus.CREATED
    n_failed = sum(bool(item.issues) for item in judged)
    return BatchOut(
        dry_run=dry_run,
        n_created=len(judged) - n_failed,
        n_failed=n_failed,
        items=[
            BatchItemOut(
                index=index,
                status=BatchStatus.FAILED if item.issues else done,
                id=item.row_id,
                external_id=item.external_id,
                errors=[ProblemIssue(**issue_members(issue)) for issue in item.issues],
                warnings=item.warnings,
            )
            for index, item in enumerate(judged)
        ],
    )


def require_size(items: Sequence[BatchItem]) -> None:
    """Refuse a batch of too many items."""
    if len(items) > MAX_BATCH_ITEMS:
        message = f"A batch takes at most {MAX_BATCH_ITEMS:,} items, and this one has {len(items):,}."
        issue = FieldIssue("", "too-many-items", message, "Send it in several batches.")
        raise InvalidInput(message, issues=[issue])


def _judge(
    item: BatchItem,
    parse: Callable[[RowFields], RecordT],
    identify: Callable[[RowFields], IdentityRecord] | None = None,
) -> _Judged[RecordT]:
    if item.issues:
        return _Judged(issues=list(item.issues))
    if not isinstance(item.value, dict):
        return _Judged(issues=[FieldIssue("", "wrong-type", "An object is expected here.")])
    values = dict(item.value)
    id_key = "id"
    if "external_id" in values:
        id_key = "external_id"
        values["id"] = values.pop("external_id")
    tally = WarningTally()
    fields = RowFields(RawRow(1, values), tally)
    record = parse(fields)
    identity = identify(fields) if identify is not None else None
    issues = [_placed(issue, id_key) for issue in fields.issues]
    return _Judged(
        external_id=record.id or None,
        record=None if issues else record,
        identity=None if identity == IdentityRecord() else identity,
        issues=issues,
        warnings=[
            BatchWarning(code=warning.code, key=warning.key, detail=warning.message)
            for warning in tally.warnings()
        ],
    )


def _placed(issue: FieldIssue, id_key: str) -> FieldIssue:
    pointer = f"/{id_key}" if issue.pointer == "/id" else issue.pointer
    # The row is that of a file; here the index of the item says where.
    return FieldIssue(pointer, issue.code, issue.message, issue.hint)


def _issues_of(error: AppError) -> Sequence[FieldIssue]:
    return error.issues or (FieldIssue("", error.code, error.detail),)


def _refuse_if_bad(judged: Sequence[_Judged[Any]]) -> None:
    issues = [
        FieldIssue(f"/{index}{issue.pointer}", issue.code, issue.message, issue.hint, row=issue.row)
        for index, item in enumerate(judged)
        for issue in item.issues
    ]
    if issues:
        only_conflicts = all(item.conflict for item in judged if item.issues)
        kind = Conflict if only_conflicts else InvalidInput
        raise kind("Nothing was created, because some items are bad; see errors.", issues=issues[:1000])
