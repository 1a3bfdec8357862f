"""The service on sample data, as ``talentbridge serve --demo`` runs it, in a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
_START_S = 180


@dataclass(frozen=True)
class Demo:
    """A server on sample data, and what it printed: keys by role, and how its administrator signs in."""

    url: str
    keys: dict[str, str] = field(default_factory=dict)
    admin_email: str = ""
    admin_password: str = ""

    def call(self, role: str, method: str, path: str, body: Any = None) -> Any:
        """Call the API with the key of a role, and give what it answers."""
        headers = {"Authorization": f"Bearer {self.keys[role]}"}
        sent = {} if body is None else {"json": body}
        answer = httpx.request(method, f"{self.url}{path}", headers=headers, timeout=60, **sent)
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, role: str, path: str) -> Any:
        return self.call(role, "GET", path)

    def post(self, role: str, path: str, body: Any = None) -> Any:
        return self.call(role, "POST", path, body)


@contextmanager
def serving_demo(folder: Path, shared: Path, states: Path | None = None) -> Iterator[Demo]:
    """Serve the sample data on a port that is free, until the block ends.

    ``folder`` gets the log; ``shared``, which other servers may use at the same time, what is seeded and
    learned once for all; ``states``, if given, gets every state that a page is in.
    """
    cache, seeds = shared / "cache", shared / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TALENTBRIDGE_")}
    environment |= {"TALENTBRIDGE_CACHE_DIR": str(cache), "TALENTBRIDGE_JOB_POLL_S": "0.1"}
    port = _free_port()
    log = folder / "server.log"
    with log.open("w") as sink:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.serve_demo", *map(str, [seeds, port, *filter(None, [states])])],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
    try:
        yield _printed(server, f"http://127.0.0.1:{port}", log)
    finally:
        server.terminate()
        server.wait(timeout=60)
        assert server.stdout is not None
        server.stdout.close()


def _printed(server: subprocess.Popen[str], url: str, log: Path) -> Demo:
    """Read what the server prints until it is done."""
    assert server.stdout is not None
    keys: dict[str, str] = {}
    email = password = ""
    began = time.monotonic()
    for line in server.stdout:
        if found := re.match(r"(\w+)\s+(tp_\S+)", line):
            keys[found[1]] = found[2]
        if found := re.search(r"administrator: (\S+), password (\S+)", line):
            email, password = found[1], found[2]
        if line.startswith("Stop with"):
            return Demo(url, keys, email, password)
        if time.monotonic() - began > _START_S:
            break
    raise AssertionError(f"the server did not start:\n{log.read_text()[-3000:]}")


def find_chromium() -> str | None:
    """The browser to use: the one that ``CHROMIUM`` names, else the system's own."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
