"""The whole service in a process of its own, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ENABLE_BROWSER = (
    "to run these tests too: apt-get install chromium, then "
    ".venv/bin/python -m playwright --version must work (pip install -r requirements-e2e.lock)"
)
_START_S = 120


@dataclass(frozen=True)
class Demo:
    """A server on sample data: its address, the keys it printed by role, and the administrator's password."""

    url: str
    keys: dict[str, str]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    pytest.importorskip("playwright.sync_api", reason=ENABLE_BROWSER)
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip(ENABLE_BROWSER)
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


@pytest.fixture
def demo(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Serve the sample data, as ``talentbridge serve --demo`` does, on a port that is free."""
    cache = tmp_path_factory.getbasetemp() / "e2e-cache"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TALENTBRIDGE_")},
        "TALENTBRIDGE_CACHE_DIR": str(cache),
        "TALENTBRIDGE_JOB_POLL_S": "0.1",
    }
    port = _free_port()
    log = tmp_path / "server.log"
    with log.open("w") as sink:
        server = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--demo", "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
    try:
        yield Demo(f"http://127.0.0.1:{port}", _printed_keys(server, log))
    finally:
        server.terminate()
        server.wait(timeout=30)
        assert server.stdout is not None
        server.stdout.close()


def _printed_keys(server: subprocess.Popen[str], log: Path) -> dict[str, str]:
    """Read what the server prints until it is done: the keys by role."""
    assert server.stdout is not None
    keys: dict[str, str] = {}
    began = time.monotonic()
    for line in server.stdout:
        found = re.match(r"(\w+)\s+(tp_\S+)", line)
        if found:
            keys[found[1]] = found[2]
        if line.startswith("Stop with"):
            return keys
        if time.monotonic() - began > _START_S:
            break
    raise AssertionError(f"the server did not start:\n{log.read_text()[-3000:]}")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
