"""Which twin searches where there is no compiler, or no place for what it compiles."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.matching import compiled
from app.matching.labels import PREFERRED, build_label_table

ROOT = Path(__file__).parents[3]

SEARCH = """
from app.matching import compiled
from app.matching.labels import PREFERRED, build_label_table
from app.matching.link import Linker

linker = Linker(build_label_table(["welding", "cooking"], [0, 1], [PREFERRED] * 2, ["en"] * 2))
if compiled.is_installed():
    compiled.compile_now()
print(compiled.is_installed(), compiled.is_ready(), linker.candidates(["weldng"], k=1).concept_row.tolist())
"""


def search(source: Path, **environment: str) -> str:
    """What a process of its own prints that links with the code in ``source``."""
    done = subprocess.run(
        [sys.executable, "-c", SEARCH],
        cwd=source,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(source), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_switching_the_compiler_off_leaves_the_plain_twin(tmp_path: Path) -> None:
    shown = search(ROOT, NUMBA_DISABLE_JIT="1", NUMBA_CACHE_DIR=str(tmp_path))
    assert shown == "False False [0]"
    assert list(tmp_path.iterdir()) == []


def test_without_a_place_for_compiled_code_the_process_keeps_its_own(tmp_path: Path) -> None:
    # A file where a folder should be made stops even those who may write everywhere.
    home = tmp_path / "home"
    home.write_text("")
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (tmp_path / "app").rglob("*"):
        if folder.is_dir():
            (folder / "__pycache__").write_text("")
    places = {"HOME": str(home), "XDG_CACHE_HOME": str(home), "NUMBA_CACHE_DIR": str(home / "cache")}
    assert search(tmp_path, **places) == "True True [0]"


def test_tables_are_arranged_once_for_equal_labels() -> None:
    labels = build_label_table(["weld pipes", "drive lorries"], [0, 1], [PREFERRED, PREFERRED], ["en", "en"])
    again = build_label_table(["weld pipes", "drive lorries"], [0, 1], [PREFERRED, PREFERRED], ["en", "en"])
    other = build_label_table(["weld pipes", "drive lorries"], [0, 1], [PREFERRED, PREFERRED], ["en", "fr"])
    assert compiled.built_index(again) is compiled.built_index(labels)
    assert compiled.built_index(other) is not compiled.built_index(labels)


def test_everything_compiled_in_is_watched() -> None:
    # Numba looks at the file of a function only, and would go on with what it calls as it was.
    here = ROOT / "app" / "matching"
    kernels = {path.name for path in here.glob("kernel*.py")}
    watched = {path.name for path in compiled.linking_code.sources}
    taken = {
        f"{node.module.removeprefix('app.matching.')}.py"
        for name in kernels
        for node in ast.walk(ast.parse((here / name).read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("app.matching.")
    }
    assert kernels | taken == watched
