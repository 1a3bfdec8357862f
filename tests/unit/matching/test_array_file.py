"""Array files: what is opened is what was saved, or nothing."""

import os
from pathlib import Path

import numpy as np
import pytest

from app.matching import array_file
from app.matching.array_file import BadSnapshot, join_strings, open_arrays, save_arrays, split_strings

ARRAYS = {
    "b": np.arange(300, dtype=np.uint16).reshape(3, 100),
    "a": np.array([b"x", b"long"], dtype="S4"),
    "none": np.empty((0, 4), dtype=np.float64),
}


def save(path: Path) -> None:
    save_arrays(path, "things 1", ARRAYS, {"n": 3, "names": ["é", "\n"]})


def test_opened_arrays_are_those_saved(tmp_path: Path) -> None:
    save(tmp_path / "deep" / "file")
    opened = open_arrays(tmp_path / "deep" / "file", "things 1")
    assert opened.meta == {"n": 3, "names": ["é", "\n"]}
    assert set(opened.arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert opened.arrays[name].dtype == array.dtype
        assert np.array_equal(opened.arrays[name], array)


def test_order_of_arrays_changes_no_byte(tmp_path: Path) -> None:
    save(tmp_path / "a")
    save_arrays(tmp_path / "b", "things 1", dict(reversed(ARRAYS.items())), {"names": ["é", "\n"], "n": 3})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_writing_to_an_opened_array_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    save(path)
    before = path.read_bytes()
    open_arrays(path, "things 1").arrays["b"][:] = 0
    assert path.read_bytes() == before


def test_every_changed_byte_is_found_but_those_between_the_arrays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    save(path)
    data = path.read_bytes()
    n_unseen = 0
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        path.write_bytes(changed)
        try:
            opened = open_arrays(path, "things 1")
        except BadSnapshot:
            continue
        n_unseen += 1
        assert all(np.array_equal(opened.arrays[name], array) for name, array in ARRAYS.items())
    assert n_unseen == (-ARRAYS["a"].nbytes % 64) + (-ARRAYS["b"].nbytes % 64)


@pytest.mark.parametrize("n_left", [0, 10, 21, 22, 40, 300, -1])
def test_torn_file_is_refused(tmp_path: Path, n_left: int) -> None:
    path = tmp_path / "file"
    save(path)
    path.write_bytes(path.read_bytes()[:n_left])
    with pytest.raises(BadSnapshot):
        open_arrays(path, "things 1")


def test_more_than_was_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    save(path)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(BadSnapshot):
        open_arrays(path, "things 1")


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "file")
    with pytest.raises(BadSnapshot, match="things 2"):
        open_arrays(tmp_path / "file", "things 2")


def test_known_file_is_read_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    save(path)
    stamp = open_arrays(path, "things 1").stamp
    verified: list[str] = []
    monkeypatch.setattr(array_file, "_verify", lambda arrays, entries, name: verified.append(name))
    assert open_arrays(path, "things 1", known=stamp).stamp == stamp
    assert verified == []
    os.utime(path, ns=(1, 1))
    assert open_arrays(path, "things 1", known=stamp).stamp != stamp
    assert verified == ["file"]
    save(path)
    open_arrays(path, "things 1", known=stamp)
    assert verified == ["file", "file"]


def test_failed_writing_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    save(path)
    before = path.read_bytes()

    n_calls = 0

    def fail_late(array: np.ndarray) -> bytes:
        nonlocal n_calls
        n_calls += 1
        if n_calls > len(ARRAYS) + 1:
            raise OSError("no room")
        return array.tobytes()

    monkeypatch.setattr(array_file, "_bytes_of", fail_late)
    with pytest.raises(OSError, match="no room"):
        save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_strings_come_back_as_they_were() -> None:
    strings = ("a", "", "لحام", "c++")
    assert split_strings(join_strings(strings)) == strings
    assert split_strings(join_strings(())) == ()
    with pytest.raises(ValueError, match="line ends"):
        join_strings(["a\nb"])
