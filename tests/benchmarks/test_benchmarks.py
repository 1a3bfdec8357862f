"""The benchmarks run; what they measure is never asserted."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main


@pytest.mark.benchmark
def test_the_benchmark_command_reports_every_contender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "figures.json"
    arguments = ["benchmarks", "--candidates", "300", "--rounds", "1", "--json", str(target)]
    monkeypatch.setattr(sys, "argv", arguments)
    main()
    report = json.loads(target.read_text(encoding="utf-8"))
    assert [each["name"] for each in report["rank_300"]] == ["naive (cosine_similarity)", "engine, batch"]
    assert "best 10 of 300 candidates" in capsys.readouterr().out
