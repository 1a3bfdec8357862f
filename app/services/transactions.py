"""How code that outlives one request opens transactions, without knowing the database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy.orm import Session


class Transaction(Protocol):
    """Opens one transaction, which commits at the end unless an exception leaves it.

    ``write=False`` promises to read only. Given by the entry point.
    """

    def __call__(self, *, write: bool = True) -> AbstractContextManager[Session]: ...
