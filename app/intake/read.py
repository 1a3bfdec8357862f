"""Read files of vacancies, candidates or phrases; a bad row never costs a good one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, TypeVar

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
from app.intake.jsonlines import iter_json
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
from app.intake.table import Cells, iter_csv, iter_table
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
    """Read vacancies from JSON Lines, a JSON array, CSV or XLSX, gzipped or not.

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
    with open_source(source, name=name) as (stream, shown):
        rows = _iter_rows(stream, shown, limits, columns, tally)
        return collect_records(
            rows, shown, limits, tally, parse, progress=progress, identify=identify, key=key, within=within
        )


def collect_records(
    rows: Iterable[RawRow],
    name: str,
    limits: ReadLimits,
    tally: WarningTally,
    parse: Callable[[RowFields], RecordT],
    *,
    progress: Progress | None = None,
    identify: Callable[[RowFields], IdentityRecord] | None = None,
    key: str = "id",
    within: str = "",
) -> ReadOutcome[RecordT]:
    """Make a record of every row that is good, and keep the faults of the others.

    ``name`` is the file's, for messages; ``key`` the field that no two records share, ``within``
    says what else they would have to share.

    Raises
    ------
    InvalidInput
        There are too many rows.
    """
    row_of_id: dict[str, int] = {}
    records: list[RecordT] = []
    identities: dict[str, IdentityRecord] = {}
    issues: list[FieldIssue] = []
    n_rows = 0
    for raw in rows:
        n_rows += 1
        if n_rows > limits.max_rows:
            raise InvalidInput(f"{name} has more than {limits.max_rows:,} rows. Split it.")
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
    opened = recognise(stream, name, limits)
    if opened.kind is Format.JSONL:
        return iter_json(opened.text, opened.name, opened.head, limits)
    return iter_table(iter_cells(opened, limits, columns, tally), opened.name, columns, limits.max_columns)


class Recognised(NamedTuple):
    """A file whose format is known: ``stream`` as stored, ``text`` unpacked, both at their beginning."""

    kind: Format
    stream: BinaryIO
    text: BinaryIO
    name: str
    head: bytes


def recognise(stream: BinaryIO, name: str, limits: ReadLimits) -> Recognised:
    """Look at the beginning of a file and tell its format.

    Raises
    ------
    InvalidInput
        It is empty, or of no format that is read.
    """
    text, name, packed = unwrap(stream, name, limits)
    head = text.read(_HEAD_BYTES)
    if not head:
        raise InvalidInput(f"{name} is empty.")
    kind = detect_format(name, head)
    if kind is Format.XLSX and packed:
        raise InvalidInput(f"{name} is a gzipped workbook. Unpack it first.")
    stream.seek(0)
    text, name, _packed = unwrap(stream, name, limits)
    return Recognised(kind, stream, text, name, head)


def iter_cells(
    opened: Recognised, limits: ReadLimits, columns: dict[str, tuple[str, ...]], tally: WarningTally
) -> Iterator[Cells]:
    """Give the rows of a table, the header among them."""
    if opened.kind is Format.CSV:
        return iter_csv(opened.text, opened.name, opened.head, limits, columns)
    return iter_workbook(opened.stream, opened.name, limits, tally)
