"""The benchmarks run; what they measure is never asserted, whether it is right always."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main


@pytest.mark.benchmark
def test_the_ranking_command_reports_every_contender_and_no_difference_from_brute_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "page.md"
    size = ["--candidates", "300", "600", "--vacancies", "4", "--rounds", "1", "--updates-at", "600"]
    peers = ["--seconds", "0.2", "--peers", "cosine", "cosine_32", "linear_kernel", "scipy"]
    main(["rank", *size, *peers, "--json", str(figures), "--markdown", str(page)])
    report = json.loads(figures.read_text(encoding="utf-8"))
    assert [each["name"] for each in report["sizes"][0]["single"]] == [
        "this engine, bare product",
        "this engine, whole score",
        "scikit-learn cosine_similarity, 64-bit",
        "scikit-learn cosine_similarity, 32-bit",
        "scikit-learn linear_kernel",
        "SciPy CSR, transpose kept",
    ]
    assert [each["exactness"]["differ"] for each in report["sizes"]] == [0, 0]
    assert report["sizes"][1]["updates"]["not_found_at_once"] == 0
    assert "600 candidates" in capsys.readouterr().out
    assert "this engine, whole score" in page.read_text(encoding="utf-8")
    assert page.with_suffix(".svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.benchmark
def test_the_linking_command_reports_every_contender(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "figures.json"
    main(["link", "--rounds", "1", "--json", str(target)])
    report = json.loads(target.read_text(encoding="utf-8"))
    assert report["linking"]["n_labels"] > 0
    assert "naive (linear_kernel, WRatio)" in capsys.readouterr().out
