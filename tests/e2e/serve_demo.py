"""``talentbridge serve --demo`` for tests: the first server seeds sample data, and the others copy it.

``python -m tests.e2e.serve_demo SEEDS PORT [STATES]`` keeps in ``SEEDS`` what seeding left, and in
``STATES``, if given, every state of its pages.
"""

from __future__ import annotations

import fcntl
import io
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from pathlib import Path
from uuid import UUID

from app.cli import serve
from app.cli.main import main
from app.cli.storage import open_database
from tests.web.states import keep_states

_seeded_by_the_command = serve._demo_database
_ADDRESS = "http://demo.example"


def _seed(seeds: Path) -> None:
    """Let the command seed a database, and keep that and what it says."""
    said = io.StringIO()
    with redirect_stdout(said), _seeded_by_the_command(_ADDRESS) as served:
        database = served.engine.url.database
        assert database is not None
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(seeds / "demo")) as kept:
            source.backup(kept)
        partnership = str(served.demo_partnership_id)
    written = seeds / "seeded.part"
    written.write_text(json.dumps({"partnership": partnership, "said": said.getvalue()}))
    written.replace(seeds / "seeded.json")


@contextmanager
def _copied(seeds: Path, url: str) -> Iterator[serve._Served]:
    """Do as the command does, but seed only where no other server did."""
    with (seeds / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (seeds / "seeded.json").exists():
            _seed(seeds)
    seeded = json.loads((seeds / "seeded.json").read_text())
    with tempfile.TemporaryDirectory(prefix="talentbridge-") as folder:
        shutil.copy(seeds / "demo", Path(folder) / "demo.sqlite3")
        with open_database(f"sqlite:///{Path(folder) / 'demo.sqlite3'}") as database:
            print(seeded["said"].replace(_ADDRESS, url), end="", flush=True)
            yield serve._Served(database.engine, UUID(seeded["partnership"]))


if __name__ == "__main__":
    _, seeds, port, *states = sys.argv
    if states:
        keep_states(Path(states[0]))
    serve._demo_database = lambda url: _copied(Path(seeds), url)
    sys.argv[1:] = ["serve", "--demo", "--port", port]
    main()
