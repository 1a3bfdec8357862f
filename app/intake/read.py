"""Read files of vacancies, candidates or phrases; a bad row never costs a good one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from app.domain.records import AliasRecord, CandidateRecord, PhraseRecord, VacancyRecord
from app.domain.reviews import DecisionRecord
from app.domain.submissions import IdentityRecord
from app.errors import FieldIssue, InvalidInput
from app.intake.columns import (
    ALIAS_COLUMNS,
    CANDIDATE_COLUMNS,
    DECISION_COLUMNS,
    IDENTITY_COLUMNS,
    PHRASE_COLUMNS,
    VACANCY_COLUMNS,
)
from app.intake.fields import RowFields
from app.intake.jsonlines import iter_jsonl
from app.intake.outcome import MAX_ISSUES, ReadOutcome, WarningTally
from app.intake.records import (
    parse_alias,
    parse_candidate,
    parse_decision,
    parse_identity,
    parse_phrase,
    parse_vacancy,
)
from app.intake.source import DEFAULT_LIMITS, Format, RawRow, ReadLimits, detect_format, open_source, unwrap
from app.intake.table import iter_csv, iter_table
from app.intake.values import Fault
from app.intake.workbook import iter_workbook

_HEAD_BYTES = 512
_PROGRESS_ROWS = 500

Progress = Callable[[int], None]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


RecordT = TypeVar("RecordT", bound=_HasId)


def read_vacancies(
    source: Path | BinaryIO,
    *,
    name: str | None = None,
    limits: ReadLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> ReadOutcome[VacancyRecord]:
    """Read vacancies from JSON Lines, CSV or XLSX, gzipped or not.

    Parameters
    ----------
    source
        A path or a seekable binary stream.
    name
        File name for messages and the extension; taken from a path when not given.
    progress
        Called now and then with the number of rows read so far.

    Raises
    ------
    InvalidInput
        The file as a whole cannot be read; one bad row only leaves an issue.
    """
    return _read(source, name, limits, progress, VACANCY_COLUMNS, parse_vacancy)


def read_candidates(
    source: Path | BinaryIO,
    *,
    name: str | None = None,
    limits: ReadLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> ReadOutcome[CandidateRecord]:
    """Read candidates, with their direct identifiers apart in ``identities``.

    Parameters and errors as for ``read_vacancies``.
    """
    columns = CANDIDATE_COLUMNS | IDENTITY_COLUMNS
    return _read(source, name, limits, progress, columns, parse_candidate, parse_identity)


def read_phrases(
    source: Path | BinaryIO,
    *,
    name: str | None = None,
    limits: ReadLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> ReadOutcome[PhraseRecord]:
    """Read phrases to link. Parameters and errors as for ``read_vacancies``."""
    return _read(source, name, limits, progress, PHRASE_COLUMNS, parse_phrase)


def read_aliases(
    source: Path | BinaryIO,
    *,
    name: str | None = None,
    limits: ReadLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> ReadOutcome[AliasRecord]:
    """Read staff aliases; a phrase counts once for each language and kind.

    Parameters and errors as for ``read_vacancies``.
    """
    return _read(source, name, limits, progress, ALIAS_COLUMNS, parse_alias, key="phrase")


def read_decisions(
    source: Path | BinaryIO,
    *,
    name: str | None = None,
    limits: ReadLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> ReadOutcome[DecisionRecord]:
    """Read decisions of people on pairs, one for each pair: the newest.

    Parameters and errors as for ``read_vacancies``.
    """
    return _read(
        source,
        name,
        limits,
        progress,
        DECISION_COLUMNS,
        parse_decision,
        key="candidate_id",
        within=" with this vacancy_id",
    )


def _read(
    source: Path | BinaryIO,
    name: str | None,
    limits: ReadLimits,
    progress: Progress | None,
    columns: dict[str, tuple[str, ...]],
    parse: Callable[[RowFields], RecordT],
    identify: Callable[[RowFields], IdentityRecord] | None = None,
    key: str = "id",
    within: str = "",
) -> ReadOutcome[RecordT]:
    tally = WarningTally()
    row_of_id: dict[str, int] = {}
    records: list[RecordT] = []
    identities: dict[str, IdentityRecord] = {}
    issues: list[FieldIssue] = []
    n_rows = 0
    with open_source(source, name=name) as (stream, shown):
        for raw in _iter_rows(stream, shown, limits, columns, tally):
            n_rows += 1
            if n_rows > limits.max_rows:
                raise InvalidInput(f"{shown} has more than {limits.max_rows:,} rows. Split it.")
            if progress is not None and n_rows % _PROGRESS_ROWS == 0:
                progress(n_rows)
            if raw.fault is not None:
                issues.append(raw.fault)
                continue
            fields = RowFields(raw, tally)
            record = parse(fields)
            first = row_of_id.get(record.id)
            if first is not None and not fields.issues:
                fields.fail(
                    f"/{key}",
                    Fault(f"duplicate-{key}", f"This {key}{within} was used in row {first} already."),
                )
            if fields.issues:
                issues.extend(fields.issues)
                continue
            row_of_id[record.id] = raw.row
            records.append(record)
            if identify is not None:
                identity = identify(fields)
                if identity != IdentityRecord():
                    identities[record.id] = identity
            del issues[MAX_ISSUES:]
    return ReadOutcome(
        records=tuple(records),
        rows=tuple(row_of_id.values()),
        identities=identities,
        issues=tuple(issues[:MAX_ISSUES]),
        warnings=tally.warnings(),
        n_rows=n_rows,
        n_refused=n_rows - len(records),
    )


def _iter_rows(
    stream: BinaryIO,
    name: str,
    limits: ReadLimits,
    columns: dict[str, tuple[str, ...]],
    tally: WarningTally,
) -> Iterator[RawRow]:
    text, name, packed = unwrap(stream, name, limits)
    head = text.read(_HEAD_BYTES)
    if not head:
        raise InvalidInput(f"{name} is empty.")
    kind = detect_format(name, head)
    if kind is Format.XLSX and packed:
        raise InvalidInput(f"{name} is a gzipped workbook. Unpack it first.")
    stream.seek(0)
    text, name, _packed = unwrap(stream, name, limits)
    if kind is Format.JSONL:
        return iter_jsonl(text, name, head, limits)
    if kind is Format.CSV:
        cells = iter_csv(text, name, head, limits, columns)
    else:
        cells = iter_workbook(stream, name, limits, tally)
    return iter_table(cells, name, columns, limits.max_columns)
