"""Read the fields of one row, collecting every fault instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import TypeVar

from app.errors import FieldIssue
from app.intake.cells import split_items, split_parts
from app.intake.outcome import MAX_ISSUES_PER_ROW, WarningTally
from app.intake.source import RawRow
from app.intake.values import Fault, to_id

MAX_ITEMS = 1_000

ValueT = TypeVar("ValueT")
DefaultT = TypeVar("DefaultT")


class RowFields:
    """The fields of one raw row, read by name and checked one by one.

    A value that fails its check gives the default and leaves an issue; after all
    fields are read, ``issues`` says whether the row is good.
    """

    def __init__(self, raw: RawRow, tally: WarningTally) -> None:
        self._raw = raw
        self._tally = tally
        self.issues: list[FieldIssue] = []

    def fail(self, pointer: str, fault: Fault) -> None:
        """Record a fault at a JSON pointer, whose first step names the field."""
        if len(self.issues) < MAX_ISSUES_PER_ROW:
            column = self._raw.columns.get(pointer.split("/")[1]) if pointer else None
            issue = FieldIssue(
                pointer, fault.code, fault.message, fault.hint, row=self._raw.row, column=column
            )
            self.issues.append(issue)

    def check(
        self, pointer: str, convert: Callable[[object], ValueT], value: object, default: DefaultT
    ) -> ValueT | DefaultT:
        """Convert a value; give the default when it is absent or at fault."""
        if absent(value):
            return default
        try:
            return convert(value)
        except Fault as fault:
            self.fail(pointer, fault)
            return default

    def get(self, key: str, convert: Callable[[object], ValueT], default: DefaultT) -> ValueT | DefaultT:
        """Read and convert one field."""
        return self.check(f"/{key}", convert, self._raw.values.get(key), default)

    def get_or_warn(self, key: str, convert: Callable[[object], ValueT]) -> ValueT | None:
        """Read one field that is left out, with a warning, when it is at fault."""
        value = self._raw.values.get(key)
        if absent(value):
            return None
        try:
            return convert(value)
        except Fault as fault:
            self.warn(fault.code, key, f"{fault.message} It was left out; the row was kept.")
            return None

    def value(self, key: str) -> object:
        """Give a field as it was read, None when it is not given."""
        value = self._raw.values.get(key)
        return None if absent(value) else value

    def holds(self, key: str) -> bool:
        """Tell whether a field is given at all."""
        return not absent(self._raw.values.get(key))

    def names_any(self, keys: frozenset[str]) -> bool:
        """Tell whether the row gives one of these fields, be it empty."""
        return not keys.isdisjoint(self._raw.values)

    def names(self, key: str) -> bool:
        """Tell whether the row has a field at all, be it empty."""
        return key in self._raw.values or key in self._raw.columns

    def require(self, key: str, convert: Callable[[object], str]) -> str:
        """Read and convert one field that may not be absent."""
        if not self.holds(key):
            self.fail(f"/{key}", Fault("required", f"The {key} is missing."))
        return self.get(key, convert, "")

    @property
    def tabular(self) -> bool:
        """Whether the row comes from a table, where lists are written in one cell."""
        return self._raw.tabular

    def identifier(self) -> str:
        """Read the ``id`` of the row."""
        return self.require("id", to_id)

    def items(self, key: str, *, single_text: bool = False) -> list[object]:
        """Read a list: a JSON array, or the parts of a table's cell.

        With ``single_text`` a JSON text stands for a list of one.
        """
        value = self._raw.values.get(key)
        if absent(value):
            return []
        if self._raw.tabular and isinstance(value, str):
            value = list(split_items(value))
        elif single_text and isinstance(value, (str, int)):
            value = [value]
        if not isinstance(value, list):
            self.fail(f"/{key}", Fault("not-a-list", "The value is not a list."))
            return []
        if len(value) > MAX_ITEMS:
            self.fail(f"/{key}", Fault("too-many-items", f"The list has more than {MAX_ITEMS:,} items."))
            return []
        return value

    def parts(self, key: str, convert: Callable[[object], ValueT]) -> tuple[ValueT, ...]:
        """Read a list of values that are converted one by one; blank items are left out."""
        read = (
            self.check(f"/{key}/{position}", convert, self._plain(item), None)
            for position, item in enumerate(self.items(key, single_text=True))
        )
        return tuple(value for value in read if value is not None)

    def _plain(self, item: object) -> object:
        return split_parts(item)[0] if self.tabular and isinstance(item, str) else item

    def warn(self, code: str, key: str, message: str) -> None:
        """Count something odd that does not refuse the row."""
        self._tally.add(code, key, message, self._raw.row)

    def warn_unknown_keys(self, known: Container[str]) -> None:
        """Count the keys of the row that nothing reads."""
        self._warn_unknown("", self._raw.values, known)

    def warn_unknown_in(self, pointer: str, value: Mapping[str, object], known: Container[str]) -> None:
        """Count the keys of an object in a list that nothing reads."""
        self._warn_unknown(f"{pointer.split('/')[1]}/*/", value, known)

    def _warn_unknown(self, prefix: str, value: Mapping[str, object], known: Container[str]) -> None:
        for key in value:
            if key not in known:
                self.warn("unknown-key", prefix + key, "Not part of the format; not read.")


def absent(value: object) -> bool:
    """Tell whether a value stands for nothing: null, or a text of white space."""
    return value is None or (isinstance(value, str) and (not value or value.isspace()))
