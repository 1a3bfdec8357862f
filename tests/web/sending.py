"""Send a file in through the console, as a test needs it."""

from __future__ import annotations

from typing import Any

from httpx2 import Response

from tests.web.conftest import Console

MIXED = b"""\
id,given_name,email,evidence,skills
A-1,Salma,,certified,arc welding
,Omar,,taught,weld grinding
A-3,Ines,,certifed,arc welding
"""


def post_file(
    console: Console, data: bytes, *, who: str = "reviewer", name: str = "people.csv", **fields: Any
) -> Response:
    """Take the first step."""
    form = {"institution": console.api.ids["institution"], "external_id": "spring", **fields}
    return console.post(who, "/console/cohorts/upload", form, files={"file": (name, data)})


def sent(console: Console, data: bytes = MIXED, **fields: Any) -> str:
    """Take the first step, and give the address of the upload."""
    response = post_file(console, data, **fields)
    assert response.status_code == 303, response.text
    address: str = response.headers["location"]
    return address.removesuffix("/columns")


def checked(console: Console, data: bytes = MIXED, **fields: Any) -> str:
    """Take the first three steps, and give the address of the upload."""
    address = sent(console, data, **fields)
    form = console.page("reviewer", f"{address}/columns").form("/columns")
    response = console.post("reviewer", f"{address}/columns", {"column": form.fields["column"]})
    assert response.headers["location"] == f"{address}/preview", response.text
    return address
