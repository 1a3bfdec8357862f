"""Invented vacancies and trainees, for the demonstration and for trying things out."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent
SAMPLES = ("vacancies.jsonl", "cohort.csv", "expected.json")


def sample_path(name: str) -> Path:
    """Give the path of one of ``SAMPLES``.

    Raises
    ------
    ValueError
        No sample has this name.
    """
    if name not in SAMPLES:
        raise ValueError(f"no sample is called {name!r}; there are {', '.join(SAMPLES)}")
    return _FOLDER / name
