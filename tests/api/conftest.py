"""The real application over a fresh database, with a key for every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session
from starlette.routing import Mount

from app.config import Settings
from app.db import SessionFactory, make_engine, make_session_factory, session_scope
from app.domain.actor import Role
from app.domain.enums import ConceptKind
from app.domain.taxonomy import Taxonomy
from app.main import create_app, job_handlers, worker_config
from app.models import OrganisationKind
from app.services.api_keys import issue_api_key
from app.services.taxonomy import import_release
from app.services.taxonomy_cache import TaxonomyIndexCache
from app.services.worker import work_once
from app.taxonomy import ReadResult
from app.taxonomy.checksum import base_checksum, language_checksum, taxonomy_checksum
from tests.database import copy_sqlite, make_test_engine
from tests.factories import NOW, make_organisation, make_partnership, make_staff
from tests.postgresql import PostgresqlCopies, PostgresqlCopy
from tests.unit.services.small_taxonomy import small_taxonomy

# One set of tables for all tests: they depend on the taxonomy only.
INDEXES = TaxonomyIndexCache()
SETTINGS = Settings(job_lease_s=60, job_poll_s=0.01)


def read_small_taxonomy() -> ReadResult:
    """Give the small taxonomy as the reader would."""
    return read_result(small_taxonomy())


def read_result(taxonomy: Taxonomy) -> ReadResult:
    """Give a taxonomy as the reader would."""
    base = base_checksum(taxonomy.concepts, taxonomy.relations)
    languages = {
        lang: language_checksum(
            [label for label in taxonomy.labels if label.lang == lang],
            [text for text in taxonomy.descriptions if text.lang == lang],
        )
        for lang in taxonomy.languages
    }
    named = replace(taxonomy, checksum=taxonomy_checksum(base, languages))
    counts = {f"{kind}s": sum(each.kind is kind for each in taxonomy.concepts) for kind in ConceptKind}
    return ReadResult(named, (), counts, base, languages, labels_only=False, places={})


@dataclass
class Clock:
    """A clock that tests set."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **period: float) -> None:
        self.at += timedelta(**period)


@dataclass
class Api:
    """The application, and a key for every role of one partnership, by the role's name."""

    app: FastAPI
    client: TestClient
    factory: SessionFactory
    engine: Engine
    clock: Clock
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def call(
        self, key: str | None, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any
    ) -> Response:
        """Send a request with the key of that name, or with none."""
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("Authorization", f"Bearer {self.keys.get(key, key)}")
        return self.client.request(method, path, headers=sent, **rest)

    def get(self, key: str | None, path: str, **rest: Any) -> Response:
        return self.call(key, "GET", path, **rest)

    def post(self, key: str | None, path: str, body: Any = None, **rest: Any) -> Response:
        return self.call(key, "POST", path, **({} if body is None else {"json": body}), **rest)

    def made(self, key: str, path: str, body: Any) -> dict[str, Any]:
        """Post, and give what was made."""
        response = self.post(key, path, body)
        assert response.status_code in (200, 201, 202), response.text
        made: dict[str, Any] = response.json()
        return made

    def published_vacancy(self, key: str = "employer", **fields: Any) -> dict[str, Any]:
        made = self.made(key, "/v1/vacancies", {"external_id": "v-1", "title": "Welder", **fields})
        return self.made(key, f"/v1/vacancies/{made['id']}:publish", None)

    def committed_cohort(
        self, candidates: list[dict[str, Any]], key: str = "institution", external_id: str = "c-1"
    ) -> dict[str, Any]:
        cohort = self.made(key, "/v1/cohorts", {"external_id": external_id})
        added = self.made(key, f"/v1/cohorts/{cohort['id']}/candidates:batch", candidates)
        assert added["n_failed"] == 0, added
        return self.made(key, f"/v1/cohorts/{cohort['id']}:commit", None)

    def work(self) -> int:
        """Work off the queue, as a worker would, and give how many jobs there were."""

        def transaction(*, write: bool = True) -> Any:
            return session_scope(self.factory, write=write)

        n_done = 0
        while work_once(transaction, job_handlers(INDEXES), worker_config(SETTINGS), now=self.clock):
            n_done += 1
        return n_done

    def add_partnership(self, prefix: str = "", name: str | None = None) -> None:
        """Add a partnership with one organisation of each kind and a key for every role."""
        with session_scope(self.factory) as session:
            keys, ids = add_partnership(session, prefix, name)
        self.keys |= keys
        self.ids |= ids


def add_partnership(
    session: Session, prefix: str = "", name: str | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Add what ``Api.add_partnership`` says, and give its keys and ids."""
    keys: dict[str, str] = {}
    ids: dict[str, str] = {}
    partnership = make_partnership(session, name=name)
    operator = make_staff(partnership)
    for role in Role:
        organisation = None
        if role.is_organisation:
            kind = OrganisationKind(role.value)
            organisation = make_organisation(
                session, partnership, kind=kind, external_id=f"{prefix}{role.value}"
            )
            ids[f"{prefix}{role.value}"] = str(organisation.id)
        issued = issue_api_key(
            session,
            operator,
            role=role,
            label=f"{prefix}{role.value} key",
            organisation_id=None if organisation is None else organisation.id,
            now=NOW,
        )
        keys[f"{prefix}{role.value}"] = issued.secret
        ids[f"{prefix}{role.value} key"] = str(issued.row.id)
    return keys, ids


@dataclass(frozen=True)
class Filled:
    """A database with the small taxonomy and one partnership, whose keys and ids are as in ``Api``."""

    url: URL
    keys: dict[str, str]
    ids: dict[str, str]


def _filled(url: URL) -> Filled:
    """Fill a migrated database, and leave no connection to it."""
    engine = make_engine(url)
    with session_scope(make_session_factory(engine)) as session:
        import_release(session, read_small_taxonomy(), now=NOW)
        keys, ids = add_partnership(session)
    engine.dispose()
    return Filled(url, keys, ids)


@pytest.fixture(scope="session")
def _filled_sqlite_template(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Fill once; every test copies."""
    return _filled(copy_sqlite(_sqlite_template, tmp_path_factory.mktemp("filled")))


@pytest.fixture(scope="session")
def _filled_postgresql_template(postgresql_server: URL, _postgresql_template: str) -> Iterator[Filled]:
    """Fill once; every test copies."""
    copy = PostgresqlCopy(postgresql_server, _postgresql_template)
    yield _filled(copy.url)
    copy.drop()


@pytest.fixture
def filled_sqlite(_filled_sqlite_template: Filled, tmp_path: Path) -> Filled:
    """Give a filled SQLite database of the test's own."""
    template = _filled_sqlite_template
    assert template.url.database is not None
    return replace(template, url=copy_sqlite(Path(template.url.database), tmp_path))


@pytest.fixture
def filled_postgresql(
    postgresql_copies: PostgresqlCopies, _filled_postgresql_template: Filled
) -> Iterator[Filled]:
    """Give a filled PostgreSQL database of the test's own."""
    template = _filled_postgresql_template
    assert template.url.database is not None
    with postgresql_copies.of(template.url.database) as url:
        yield replace(template, url=url)


@pytest.fixture(params=["sqlite", "postgresql"])
def filled_database(request: pytest.FixtureRequest) -> Filled:
    """Give a filled database; the test runs once on each kind."""
    filled: Filled = request.getfixturevalue(f"filled_{request.param}")
    return filled


MakeApi = Callable[[Filled], Api]

# The framework works the routes out when the first request comes, which takes longer than
# most tests. So applications that did so serve again, with another database behind them.
_IDLE: list[FastAPI] = []


def _serving_again(made: FastAPI) -> FastAPI:
    """Give an application that is the one just made, but knows its routes already where one is idle."""
    if not _IDLE:
        return made
    app = _IDLE.pop()
    for old, new in zip(_with_mounted(app), _with_mounted(made), strict=True):
        old.state = new.state
    app.router.lifespan_context = made.router.lifespan_context
    return app


def _with_mounted(app: FastAPI) -> list[FastAPI]:
    mounted = [route.app for route in app.routes if isinstance(route, Mount)]
    return [app, *(each for each in mounted if isinstance(each, FastAPI))]


@pytest.fixture
def make_api() -> Iterator[MakeApi]:
    """Give a maker of applications over filled databases; all are closed after the test."""
    opened: list[tuple[TestClient, Engine]] = []

    def make(filled: Filled) -> Api:
        engine = make_test_engine(filled.url)
        clock = Clock()
        made = create_app(SETTINGS, engine=engine, indexes=INDEXES, start_worker=False, now=clock)
        app = _serving_again(made)
        client = TestClient(app)
        client.__enter__()
        opened.append((client, engine))
        factory = make_session_factory(engine)
        return Api(app, client, factory, engine, clock, dict(filled.keys), dict(filled.ids))

    yield make
    for client, engine in opened:
        client.__exit__(None, None, None)
        engine.dispose()
        _IDLE.append(cast(FastAPI, client.app))


@pytest.fixture
def api(make_api: MakeApi, filled_database: Filled) -> Api:
    """The application on each kind of database in turn."""
    return make_api(filled_database)


@pytest.fixture
def sqlite_api(make_api: MakeApi, filled_sqlite: Filled) -> Api:
    """The application on SQLite, for what does not depend on the database."""
    return make_api(filled_sqlite)
