"""What checking a file found: faults grouped by how they are mended, and never a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.errors import FieldIssue
from app.intake.outcome import ReadWarning


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """Faults of one kind in one field: one repair for all of them.

    Attributes
    ----------
    code
        The rule that was broken.
    field
        The field it is about; empty for the row as a whole.
    column
        Its header in the file, where it has one.
    message, hint
        Those of the first, for readers of English.
    places
        Row and JSON pointer of each, in the order of the file.
    """

    code: str
    field: str
    column: str
    message: str
    hint: str
    places: tuple[tuple[int, str], ...]

    @property
    def n_rows(self) -> int:
        return len({row for row, _ in self.places})


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What was found in a file: faults, most rows first, and what was odd but refused no row."""

    groups: tuple[IssueGroup, ...] = ()
    warnings: tuple[ReadWarning, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Give the report as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> UploadReport:
        """Read what ``as_dict`` gave."""
        return cls(
            tuple(
                IssueGroup(**{**group, "places": tuple((row, pointer) for row, pointer in group["places"])})
                for group in stored.get("groups", ())
            ),
            tuple(ReadWarning(**warning) for warning in stored.get("warnings", ())),
        )


def group_issues(issues: Iterable[FieldIssue]) -> tuple[IssueGroup, ...]:
    """Put faults together that are mended in the same way, those of most rows first."""
    groups: dict[tuple[str, str], list[FieldIssue]] = {}
    for issue in issues:
        groups.setdefault((issue.code, field_of_pointer(issue.pointer)), []).append(issue)
    made = [_group(code, field, members) for (code, field), members in groups.items()]
    return tuple(sorted(made, key=lambda group: (-group.n_rows, group.places[0])))


def field_of_pointer(pointer: str) -> str:
    """The field that a JSON pointer leads into; empty for the row as a whole."""
    return pointer.split("/")[1] if pointer else ""


def _group(code: str, field: str, members: Sequence[FieldIssue]) -> IssueGroup:
    first = members[0]
    return IssueGroup(
        code=code,
        field=field,
        column=next((issue.column for issue in members if issue.column), ""),
        message=first.message,
        hint=first.hint,
        places=tuple((issue.row or 0, issue.pointer) for issue in members),
    )
