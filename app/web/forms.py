"""Forms whose fields are not known beforehand."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData


async def read_form(request: Request) -> FormData:
    """Read a posted form."""
    return await request.form()


FormDep = Annotated[FormData, Depends(read_form)]


def text_of(form: FormData, name: str) -> str:
    """The text of a field; empty where there is none, or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
