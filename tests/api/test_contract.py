"""Schemathesis against a live server: no fault, and nothing that the description does not say.

A short round runs with all other tests. ``TALENTBRIDGE_CONTRACT=full`` runs every phase
with thousands of cases; ``schemathesis.toml`` says what is checked and why not otherwise.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.db import session_scope
from app.main import create_app
from app.services.api_keys import authenticate
from app.services.programmes import create_programme
from tests.api.conftest import INDEXES, SETTINGS, Filled, MakeApi
from tests.api.contract_hooks import PROGRAMME
from tests.api.live import serving
from tests.factories import NOW, make_programme_record

HERE = Path(__file__).parent
FULL = os.environ.get("TALENTBRIDGE_CONTRACT") == "full"
SHORT_ROUND = ["--phases", "examples,fuzzing,stateful", "--max-examples", "2", "--seed", "1"]
FULL_ROUND = ["--max-examples", "20", "--continue-on-failure"]
LEAST_CASES = 4_000 if FULL else 150


def test_the_interface_keeps_its_description(
    make_api: MakeApi, filled_database: Filled, tmp_path: Path
) -> None:
    api = make_api(filled_database)
    with session_scope(api.factory) as session:
        institution = authenticate(session, api.keys["institution"], now=NOW)
        create_programme(session, institution, make_programme_record(id=PROGRAMME), now=NOW)
    api.published_vacancy(title="Welder")
    api.committed_cohort([{"id": "t-1", "skills": ["MIG welding"]}])
    api.made("reviewer", "/v1/match-runs", {})
    assert api.work() == 1
    app = create_app(
        SETTINGS, engine=api.engine, indexes=INDEXES, start_worker=False, now=lambda: datetime.now(UTC)
    )
    with serving(app) as address:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                "--config-file",
                HERE / "schemathesis.toml",
                "run",
                f"{address}/openapi.json",
                *(FULL_ROUND if FULL else SHORT_ROUND),
            ],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(HERE.parents[1]),
                "SCHEMATHESIS_HOOKS": "tests.api.contract_hooks",
                "TALENTBRIDGE_CONTRACT_KEYS": json.dumps(api.keys),
                "TALENTBRIDGE_CONTRACT_KEY_IDS": json.dumps(
                    [value for name, value in api.ids.items() if name.endswith(" key")]
                ),
            },
            capture_output=True,
            text=True,
            check=False,
        )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    counted = re.search(r"([\d,]+) generated", done.stdout)
    assert counted is not None
    assert int(counted[1].replace(",", "")) >= LEAST_CASES
    # What was thrown at the interface can be ranked, too.
    api.clock.at = datetime.now(UTC)
    run = api.made("reviewer", "/v1/match-runs", {"k": 3})
    api.work()
    states = {item["state"] for item in api.get("reviewer", "/v1/match-runs?limit=200").json()["items"]}
    assert api.get("reviewer", f"/v1/match-runs/{run['id']}").json()["state"] == "complete"
    assert states <= {"complete", "cancelled"}
