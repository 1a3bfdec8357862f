"""Snapshots: what is opened is what was saved, or nothing."""

from pathlib import Path

import numpy as np
import pytest

from app.matching.label_index import LabelIndex, build_label_index
from app.matching.labels import ALTERNATIVE, PREFERRED, LabelTable, build_label_table
from app.matching.latent import LatentConfig
from app.matching.latent_space import learn_latent_space
from app.matching.link import Linker
from app.matching.snapshot import BadSnapshot, open_snapshot, save_snapshot


@pytest.fixture
def tables() -> tuple[LabelTable, LabelIndex]:
    labels = build_label_table(
        ["weld pipes", "souder", "C++", "لحام المعادن", "drive lorries"],
        [0, 0, 1, 0, 2],
        [PREFERRED, ALTERNATIVE, PREFERRED, PREFERRED, PREFERRED],
        ["en", "fr", "en", "ar", "en"],
    )
    index = build_label_index(labels)
    space = learn_latent_space(index, ["joining metal", "", ""], LatentConfig(least_batches=2))
    return labels, index.with_latent(space)


def test_an_opened_linker_answers_like_the_one_saved(
    tables: tuple[LabelTable, LabelIndex], tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "linker.bin"
    save_snapshot(path, *tables)
    labels, index = open_snapshot(path)
    opened = Linker(labels, index=index)
    saved = Linker(tables[0], index=tables[1])
    phrases = ["pipe weldng", "c++", "لحام", "drives a lorry", "zzz"]
    ours, theirs = opened.candidates(phrases), saved.candidates(phrases)
    for name in ours._fields:
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name


def test_equal_tables_give_equal_bytes(tables: tuple[LabelTable, LabelIndex], tmp_path: Path) -> None:
    save_snapshot(tmp_path / "a", *tables)
    save_snapshot(tmp_path / "b", *tables)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("change", ["torn", "changed", "foreign", "empty"])
def test_what_was_not_written_so_is_refused(
    tables: tuple[LabelTable, LabelIndex], tmp_path: Path, change: str
) -> None:
    path = tmp_path / "linker.bin"
    save_snapshot(path, *tables)
    data = path.read_bytes()
    changed = bytearray(data)
    changed[-100] ^= 1
    path.write_bytes(
        {"torn": data[:-50], "changed": bytes(changed), "foreign": b"x" * 500, "empty": b""}[change]
    )
    with pytest.raises(BadSnapshot):
        open_snapshot(path)


def test_no_file_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_snapshot(tmp_path / "none")
