"""What every test run shares: printed seeds, and no way out to the network."""

from __future__ import annotations

import gc
import ipaddress
import os
import random
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["tests.database", "tests.golden_files"]

# A slow or busy machine is no reason to fail a property.
settings.register_profile("talentbridge", deadline=None, print_blob=True)
settings.load_profile("talentbridge")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--keep-states",
        metavar="FOLDER",
        help="keep every state of every page that the console's tests reach, for tests.e2e.every_state",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give Hypothesis a seed that the header can print, unless the caller chose one."""
    # Looking for garbage as often as Python does by itself takes a seventh of the time of most tests.
    gc.set_threshold(100_000, 20, 20)
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.SystemRandom().randrange(2**32))


def pytest_collection_finish() -> None:
    """Keep what was imported out of the collections of garbage: it stays, and looking at it takes time."""
    gc.collect()
    gc.freeze()


def pytest_report_header(config: pytest.Config) -> str:
    hash_seed = os.environ.get("PYTHONHASHSEED", "random")
    return f"seeds: PYTHONHASHSEED={hash_seed} --hypothesis-seed={config.option.hypothesis_seed}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say once for each reason how many tests were skipped, instead of once for each test."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, n_tests in sorted(reasons.items()):
        terminalreporter.write_line(f"{n_tests} skipped. {reason}")


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):  # a Unix socket, as PostgreSQL uses
        return True
    host = str(address[0])
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share, for what is slow to make and never changes."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(autouse=True, scope="session")
def _no_compiler_beside_the_tests() -> Iterator[None]:
    """Let no application compile in a thread of its own: tests that want compiled code wait for it.

    Compiler and web framework both silence warnings for a moment, which Python does for
    all threads at once; warnings are errors here, and one could come up in between.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.matching.jit.CompiledCode.compile_in_background", lambda self: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise RuntimeError("a test tried to reach the network")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
