"""What stands in the address of a page."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

KindT = TypeVar("KindT", bound=StrEnum)


def known(kind: type[KindT], written: str) -> KindT | None:
    """A value of a closed vocabulary; None for what is not in it, as if it were left out."""
    return kind(written) if written in {each.value for each in kind} else None
