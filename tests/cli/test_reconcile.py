"""``talentbridge reconcile`` in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.cli.conftest import Command
from tests.unit.taxonomy.package import small_release, write_folder

ROOT = Path(__file__).parents[2]


def test_a_release_is_offered_without_a_database_or_a_key(tmp_path: Path) -> None:
    release = write_folder(tmp_path / "v9.9", small_release())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["reconcile", "--taxonomy", str(release), "--lang", "en", "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            assert address == f"http://127.0.0.1:{port}/reconcile/esco-9.9/en"
            # The socket listens already, so the request waits for the start.
            manifest = httpx2.get(address, timeout=60).json()
            assert manifest["name"] == "TalentBridge: esco-9.9 (en)"
            answer = httpx2.post(address, data={"queries": json.dumps({"q": {"query": "grind"}})}, timeout=60)
            assert "q" in answer.json()
            assert httpx2.get(f"http://127.0.0.1:{port}/v1/me", timeout=60).status_code == 404
        finally:
            server.terminate()
    assert not list(tmp_path.glob("*.sqlite3"))


def test_it_listens_on_this_machine_only(command: Command) -> None:
    ended = command("reconcile", "--host", "0.0.0.0")
    assert ended.code == 2
    assert "listens on this machine only" in ended.err


def test_a_taken_port_is_told_before_the_taxonomy_is_read(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = command("reconcile", "--port", taken.getsockname()[1])
    assert ended.code == 2
    assert "Cannot listen" in ended.err
    assert "Taxonomy" not in ended.err
