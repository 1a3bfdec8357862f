"""A vacancy's shortlist as a file: people by pseudonym, and no cell that runs as a formula."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.eligibility import Eligibility
from app.intake.write import write_csv, write_workbook
from app.services.match_runs import place_of
from app.services.shortlists import Shortlisted, read_shortlist

_PAGE = 200
HEADER = (
    "vacancy", "title", "candidate", "decision", "reason", "decided_at", "rank", "score", "eligible",
    "introduced_elsewhere",
)  # fmt: skip


class ExportFormat(StrEnum):
    """Kinds of file."""

    CSV = "csv"
    XLSX = "xlsx"


def export_shortlist(session: Session, actor: Actor, vacancy_id: UUID, kind: ExportFormat) -> bytes:
    """Write everybody on a shortlist, and beyond it, to a file; raises NotFound as ``read_shortlist``."""
    buffer = io.BytesIO()
    write = _writers()[kind]
    write(buffer, _rows(session, actor, vacancy_id))
    return buffer.getvalue()


def _writers() -> Mapping[ExportFormat, Callable[[io.BytesIO, Iterator[Mapping[str, object]]], None]]:
    return {
        ExportFormat.CSV: lambda target, rows: write_csv(target, HEADER, rows),
        ExportFormat.XLSX: lambda target, rows: write_workbook(target, HEADER, rows, sheet="shortlist"),
    }


def _rows(session: Session, actor: Actor, vacancy_id: UUID) -> Iterator[Mapping[str, object]]:
    after: UUID | None = None
    while True:
        page = read_shortlist(session, actor, vacancy_id, after=after, limit=_PAGE)
        for each in page.people:
            yield _row(each, page.vacancy.external_id, page.vacancy.title)
        if page.next_after is None:
            return
        after = page.next_after


def _row(each: Shortlisted, vacancy: str, title: str) -> Mapping[str, object]:
    pair = each.pair
    ranked: dict[str, object] = {}
    if pair is not None:
        verdict = Eligibility.from_list(pair.eligibility).verdict
        ranked = {"rank": place_of(pair), "score": pair.score, "eligible": verdict.value}
    return {
        "vacancy": vacancy,
        "title": title,
        "candidate": each.review.candidate.pseudonym,
        "decision": each.review.state.value,
        "reason": each.review.reason.value if each.review.reason else "",
        "decided_at": each.review.decided_at.isoformat(),
        "introduced_elsewhere": len(each.elsewhere),
        **ranked,
    }
