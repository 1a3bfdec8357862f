"""Golden files: results kept under ``tests/golden``, changed only through ``--update-golden``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "golden"

Golden = Callable[[str, bytes], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew; review them like code"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Give a check that a result equals the golden file of that name."""

    def check(name: str, result: bytes) -> None:
        path = FOLDER / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(result)
        assert path.exists(), f"there is no golden file {name}; make it with --update-golden"
        # As lines, so that pytest shows the ones that differ.
        assert result.decode().splitlines() == path.read_text("utf-8").splitlines()

    return check
