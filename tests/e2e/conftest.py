"""A real browser, and the whole service in a process of its own behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.serving import CHROMIUM_ARGUMENTS, Demo, find_chromium, serving_demo

ENABLE_BROWSER = (
    "to run these tests too: apt-get install chromium; python3 -m pip --python .venv/bin/python "
    "install --no-deps --require-hashes -r requirements-e2e.lock"
)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    pytest.importorskip("playwright.sync_api", reason=ENABLE_BROWSER)
    found = find_chromium()
    if found is None:
        pytest.skip(ENABLE_BROWSER)
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def kept_states(request: pytest.FixtureRequest) -> Path | None:
    """Where the caller wants every state of every page kept."""
    folder = request.config.getoption("--keep-states")
    return None if folder is None else Path(folder).absolute()


@pytest.fixture
def demo(tmp_path: Path, run_folder: Path, kept_states: Path | None) -> Iterator[Demo]:
    """Serve the sample data, for one test that changes it."""
    with serving_demo(tmp_path, run_folder, kept_states) as served:
        yield served


@pytest.fixture(scope="session")
def shared_demo(
    tmp_path_factory: pytest.TempPathFactory, run_folder: Path, kept_states: Path | None
) -> Iterator[Demo]:
    """Serve the sample data, for tests to which it is all the same what others did."""
    with serving_demo(tmp_path_factory.mktemp("demo"), run_folder, kept_states) as served:
        yield served
