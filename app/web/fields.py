"""Fields of a posted form, read as what they stand for."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends

from app.errors import FieldIssue, InvalidInput
from app.web.forms import FormDep

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


class Fields:
    """What was typed and chosen; a field that was not sent is empty."""

    def __init__(self, sent: list[tuple[str, str]]) -> None:
        self._sent = sent

    def text(self, name: str) -> str:
        return next((value for key, value in self._sent if key == name), "").strip()

    def texts(self, name: str) -> list[str]:
        return [value for key, value in self._sent if key == name]

    def is_ticked(self, name: str) -> bool:
        return bool(self.text(name))

    def choice(self, name: str, kind: type[ChoiceT]) -> ChoiceT | None:
        """One of a closed vocabulary; None where nothing is chosen.

        Raises
        ------
        InvalidInput
            It is none of them, which the page does not offer.
        """
        value = self.text(name)
        if not value:
            return None
        try:
            return kind(value)
        except ValueError:
            raise _fault(name, "not-a-choice", "That is none of the choices.") from None

    def id(self, name: str) -> UUID | None:
        """An id that the page put there; None where it put none."""
        value = self.text(name)
        try:
            return UUID(value) if value else None
        except ValueError:
            raise _fault(
                name, "wrong-form", "The form was changed on its way. Load the page again."
            ) from None

    def day(self, name: str) -> date | None:
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise _fault(name, "wrong-form", "Write a day such as 2027-01-31.") from None


def read_fields(form: FormDep) -> Fields:
    """Give the fields of a posted form; files are left out."""
    return Fields([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


def _fault(name: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(message, issues=[FieldIssue(f"/{name}", code, message)])


FieldsDep = Annotated[Fields, Depends(read_fields)]
