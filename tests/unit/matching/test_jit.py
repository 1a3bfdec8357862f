"""When compiled code is kept, and when it is thrown away."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from app.matching import jit
from app.matching.compiled import linking_code
from app.matching.jit import CompiledCode
from app.matching.ranking.twin import ranking_code
from app.matching.ranking.vacancies import vacancy_code


class Package:
    """A folder with two files of kernels, and what Numba would keep of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.n_compiled = 0
        for name in ("kernels.py", "steps.py"):
            (folder / name).write_text("first")

    def compile(self) -> None:
        self.n_compiled += 1
        kept = self.folder / "__pycache__"
        kept.mkdir(exist_ok=True)
        # Numba goes on with what it finds, if only the function's own file is as it was.
        for name in ("kernels.find-1.py311.nbi", "other.find-1.py311.nbi"):
            if not (kept / name).exists():
                (kept / name).write_text((self.folder / "steps.py").read_text())

    def start(self) -> CompiledCode:
        """What a new process sees."""
        code = CompiledCode("linking", ("kernels.py", "steps.py"), self.compile)
        code.compile_now()
        return code

    def kept(self) -> str:
        return (self.folder / "__pycache__" / "kernels.find-1.py311.nbi").read_text()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    monkeypatch.setattr(jit, "_HERE", tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return Package(tmp_path)


def test_code_is_compiled_once_in_a_process(package: Package) -> None:
    code = package.start()
    code.compile_now()
    assert package.n_compiled == 1


def test_what_was_compiled_of_a_changed_file_is_not_used(package: Package) -> None:
    package.start()
    (package.folder / "steps.py").write_text("second")
    package.start()
    assert package.kept() == "second"


def test_going_back_to_an_earlier_source_compiles_again(package: Package) -> None:
    for text in ("second", "first"):
        package.start()
        (package.folder / "steps.py").write_text(text)
    package.start()
    assert package.kept() == "first"


def test_what_others_compiled_stays(package: Package) -> None:
    package.start()
    (package.folder / "steps.py").write_text("second")
    package.start()
    assert (package.folder / "__pycache__" / "other.find-1.py311.nbi").read_text() == "first"


def test_code_of_another_processor_is_not_taken_for_ready_and_stays(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = package.start()
    assert code.is_ready() == jit.is_installed()
    other = CompiledCode("linking", ("kernels.py", "steps.py"), package.compile)
    monkeypatch.setattr(jit, "processor", lambda: "another")
    assert not other.is_ready()
    (package.folder / "__pycache__" / "kernels.find-1.py311.nbi").write_text("of both")
    package.start()
    assert package.kept() == "of both"


@pytest.mark.parametrize(
    "code", [linking_code, ranking_code, vacancy_code], ids=["linking", "ranking", "vacancies"]
)
def test_a_change_of_a_constant_that_is_compiled_in_compiles_anew(code: CompiledCode) -> None:
    n_constants = 0
    for source in code.sources:
        tree = ast.parse(source.read_text("utf-8"))
        names_of = {node.module: node.names for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        if "@kernel" not in source.read_text("utf-8"):
            continue
        for module_name, names in names_of.items():
            if module_name and module_name.startswith("app."):
                module = import_module(module_name)
                constants = [
                    name.name for name in names if isinstance(getattr(module, name.name), int | float)
                ]
                n_constants += len(constants)
                assert not constants or Path(str(module.__file__)) in code.sources, constants
    assert n_constants


def test_kernels_compile_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    caching = pytest.importorskip("numba.core.caching")
    monkeypatch.setattr(caching.CompileResultCacheImpl, "_locator_classes", [])
    for options in ({}, {"error_model": "numpy"}):
        double = jit.kept(lambda number: 2 * number, **options)
        assert double(21) == 42
