"""The console over a fresh database, with signed-in staff, and pages read as a person would."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response
from sqlalchemy import select

from app.db import session_scope
from app.domain.actor import Role
from app.models import ApiKey, Partnership
from app.services.accounts import create_account
from app.services.staff_sessions import open_session
from tests.api.conftest import (  # noqa: F401  # most are fixtures
    Api,
    Filled,
    MakeApi,
    _filled_postgresql_template,
    _filled_sqlite_template,
    filled_database,
    filled_postgresql,
    filled_sqlite,
    make_api,
)
from tests.factories import make_staff
from tests.web.pages import Page
from tests.web.states import keep_states

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Console:
    """The application, and people of its staff: ``reviewer``, ``reviewer 2``, ``admin 2``, ``auditor`` …

    A prefix such as ``b:`` names staff of the partnership that ``api.add_partnership("b:")`` added.
    """

    api: Api
    tokens: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)

    def token(self, who: str) -> str:
        """Sign somebody in, making their account first where there is none, and give the token."""
        if who not in self.tokens:
            prefix, _, name = who.rpartition(":")
            role = Role(name.split()[0])
            with session_scope(self.api.factory) as session:
                partnership = partnership_of(session, self.api, f"{prefix}:" if prefix else "")
                account = create_account(
                    session,
                    make_staff(partnership),
                    email=f"{who.replace(' ', '-').replace(':', '-')}@staff.example",
                    display_name=who.title(),
                    role=role,
                    now=self.api.clock(),
                )
                self.accounts[who] = account.id
                self.tokens[who] = open_session(session, account, now=self.api.clock()).token
        return self.tokens[who]

    def call(self, who: str | None, method: str, path: str, **rest: Any) -> Response:
        """Send a request as a browser would that somebody is signed in with; redirects are not followed."""
        headers = {**SAME_ORIGIN, **rest.pop("headers", {})}
        if who is not None:
            headers["Cookie"] = f"tb_session={self.token(who)}"
        return self.api.client.request(method, path, headers=headers, follow_redirects=False, **rest)

    def get(self, who: str | None, path: str, **rest: Any) -> Response:
        return self.call(who, "GET", path, **rest)

    def post(self, who: str | None, path: str, data: dict[str, Any] | None = None, **rest: Any) -> Response:
        return self.call(who, "POST", path, data=data or {}, **rest)

    def page(self, who: str | None, path: str, status: int = 200) -> Page:
        """Open a page and read it."""
        response = self.get(who, path)
        assert response.status_code == status, response.text
        return Page.of(response.text)

    def posted(self, who: str | None, path: str, data: dict[str, Any] | None = None, **rest: Any) -> Page:
        """Post a form and read the page that it leads to, with the notice there."""
        response = self.post(who, path, data, **rest)
        assert response.status_code == 303, response.text
        notice = response.cookies.get("tb_notice")
        # One client serves everybody here: nobody gets another's notice.
        self.api.client.cookies.clear()
        headers = {} if who is None else {"Cookie": f"tb_session={self.token(who)}"}
        if notice:
            headers["Cookie"] = "; ".join(filter(None, [headers.get("Cookie"), f"tb_notice={notice}"]))
        shown = self.api.client.get(response.headers["location"], headers=headers, follow_redirects=False)
        assert shown.status_code == 200, shown.text
        return Page.of(shown.text)


def partnership_of(session: Any, api: Api, prefix: str) -> Partnership:
    key_id = UUID(api.ids[f"{prefix}admin key"])
    query = (
        select(Partnership).join(ApiKey, ApiKey.partnership_id == Partnership.id).where(ApiKey.id == key_id)
    )
    partnership: Partnership = session.scalars(query).one()
    return partnership


@pytest.fixture(autouse=True, scope="session")
def _states_are_kept(request: pytest.FixtureRequest) -> None:
    """Keep what the pages looked like, where the caller asks for it."""
    folder = request.config.getoption("--keep-states")
    if folder is not None:
        keep_states(Path(folder))


@pytest.fixture
def console(make_api: MakeApi, filled_sqlite: Filled) -> Console:  # noqa: F811
    """The console on SQLite."""
    return Console(make_api(filled_sqlite))


@pytest.fixture
def any_console(make_api: MakeApi, filled_database: Filled) -> Console:  # noqa: F811
    """The console on each kind of database in turn."""
    return Console(make_api(filled_database))
