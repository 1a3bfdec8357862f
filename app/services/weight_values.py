"""Weights as people write them -> a profile, with a reason for each value that cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.errors import FieldIssue, InvalidInput
from app.matching.weights import BOUNDS, DEFAULT_WEIGHTS, WeightProfile

_NAMES = ("name", "version")


def read_weights(
    values: Mapping[str, Any],
    *,
    name: str,
    version: int,
    base: WeightProfile = DEFAULT_WEIGHTS,
    root: str = "",
) -> WeightProfile:
    """Make a profile of written values.

    Parameters
    ----------
    values
        As ``WeightProfile.as_dict`` writes them; its own name and version are passed over.
    base
        Gives what is left out, whole groups or single entries.
    root
        JSON pointer of the values within what the caller sent.

    Raises
    ------
    InvalidInput
        A value breaks its bound or is none; the issues say where, and which bound.
    """
    held = base.as_dict()
    given = {key: value for key, value in values.items() if key not in _NAMES}
    issues = [issue for key, value in given.items() for issue in _issues(f"{root}/{key}", key, value, held)]
    if issues:
        raise _invalid(issues)
    given = {key: _floats(value) for key, value in given.items()}
    whole = {key: {**own, **given.get(key, {})} for key, own in held.items() if isinstance(own, dict)}
    try:
        return WeightProfile.from_dict({**held, **given, **whole, "name": name, "version": version})
    except ValueError as error:
        message = f"{error}.".capitalize()
        raise _invalid([FieldIssue(root, "rule-between-weights", message)]) from None


def _issues(pointer: str, group: str, value: object, held: Mapping[str, object]) -> Iterator[FieldIssue]:
    if group not in BOUNDS:
        yield FieldIssue(
            pointer, "unknown-field", "There is no such weight.", f"There are {', '.join(BOUNDS)}."
        )
        return
    own = held[group]
    if isinstance(own, dict):
        yield from _entries(pointer, group, value, tuple(own))
    elif isinstance(own, list):
        if not isinstance(value, list) or len(value) != len(own):
            yield FieldIssue(pointer, "wrong-type", f"A list of {len(own)} numbers is expected here.")
            return
        for at, each in enumerate(value):
            yield from _bound(f"{pointer}/{at}", group, each)
    else:
        yield from _bound(pointer, group, value)


def _entries(pointer: str, group: str, value: object, names: Sequence[str]) -> Iterator[FieldIssue]:
    if not isinstance(value, Mapping):
        yield FieldIssue(pointer, "wrong-type", "An object is expected here.")
        return
    for name, each in value.items():
        if name in names:
            yield from _bound(f"{pointer}/{name}", group, each)
        else:
            hint = f"There are {', '.join(names)}."
            yield FieldIssue(f"{pointer}/{name}", "unknown-field", f"{group} has no such weight.", hint)


def _bound(pointer: str, group: str, value: object) -> Iterator[FieldIssue]:
    least, greatest = BOUNDS[group]
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield FieldIssue(pointer, "wrong-type", "A number is expected here.")
    elif not least <= value <= greatest:
        message = f"{group} must lie between {least:g} and {greatest:g}."
        yield FieldIssue(pointer, "out-of-bounds", message)


def _floats(value: Any) -> Any:
    """Numbers as floats, so that 1 and 1.0 are written down alike."""
    if isinstance(value, Mapping):
        return {key: float(each) for key, each in value.items()}
    return [float(each) for each in value] if isinstance(value, list) else float(value)


def _invalid(issues: Sequence[FieldIssue]) -> InvalidInput:
    return InvalidInput("These are no weights; see errors.", issues=issues)
