"""run.py in a small checkout of its own: real environments, a real pip, no network."""

from __future__ import annotations

import ast
import base64
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

RUN_PY = Path(__file__).parents[2] / "run.py"
# The Python outside any environment, as a person would start it.
BASE_PYTHON: str = sys._base_executable  # type: ignore[attr-defined]  # as venv itself reads it


def write_wheel(folder: Path) -> str:
    """Make a wheel with a module and a stand-in for pytest; return its line for a hashed lock."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    files = {
        "tiny.py": "NAME = 'tiny'\n",
        "pytest/__init__.py": "",
        "pytest/__main__.py": "import os, sys\n"
        "print(os.environ['PYTHONHASHSEED'], os.getcwd(), sys.argv[1:])\n",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
            checksum = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={checksum},{len(text)}")
        wheel.writestr(
            "tiny-1.0.dist-info/RECORD", "\n".join([*record, "tiny-1.0.dist-info/RECORD,,"]) + "\n"
        )
    return f"tiny==1.0 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Checkout:
    """A folder with run.py, locks and a command line that repeats its arguments."""

    def __init__(self, root: Path, wheels: Path, lock: str) -> None:
        self.root = root
        (root / "app" / "cli").mkdir(parents=True)
        for name in ("app/__init__.py", "app/cli/__init__.py"):
            (root / name).touch()
        (root / "app/cli/main.py").write_text(
            "import sys, tiny\ndef main():\n    print(tiny.NAME, sys.argv[1:])\n    return 7\n"
        )
        shutil.copy(RUN_PY, root / "run.py")
        self.write_locks(lock)
        self.environment = {
            "PATH": os.environ["PATH"],
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
            "UV_OFFLINE": "1",
            "UV_FIND_LINKS": str(wheels),
            "UV_CACHE_DIR": str(wheels / "uv-cache"),
        }

    def write_locks(self, text: str) -> None:
        for name in ("requirements.lock", "requirements-test.lock"):
            (self.root / name).write_text(text)

    def start(self, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [BASE_PYTHON, str(self.root / "run.py"), *arguments],
            cwd=cwd or self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, cwd: Path | None = None) -> tuple[int, str, str]:
        with self.start(*arguments, cwd=cwd) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    root = tmp_path / "a folder with blanks"
    root.mkdir()
    return Checkout(root, wheels, write_wheel(wheels))


def load_run_py():
    spec = importlib.util.spec_from_file_location("run_py", RUN_PY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_can_read_the_file_and_is_refused_in_one_sentence():
    ast.parse(RUN_PY.read_text(), feature_version=(3, 7))
    run_py = load_run_py()
    with pytest.raises(run_py.SetupError) as refusal:
        run_py.check_python((3, 10))
    assert str(refusal.value) == (
        "TalentBridge needs Python 3.11 or newer, and this is Python 3.10: "
        "run it as, for example, `python3.13 run.py`."
    )


def test_help_sets_nothing_up(checkout: Checkout):
    code, out, _ = checkout.run("--help")
    assert code == 0
    assert "python3 run.py demo" in out
    assert not (checkout.root / ".venv").exists()


def test_the_first_run_sets_up_and_the_next_starts_at_once(checkout: Checkout, tmp_path: Path):
    code, out, err = checkout.run("match", "--top", "a b", cwd=tmp_path)
    assert (code, out) == (7, "tiny ['match', '--top', 'a b']\n"), err
    assert "Set-up 4/4: done" in err
    code, out, err = checkout.run("demo")
    assert (code, out, err) == (7, "tiny ['demo']\n", "")
    installed = subprocess.run(
        [checkout.root / ".venv/bin/talentbridge", "link"], stdout=subprocess.PIPE, text=True, check=False
    )
    assert (installed.returncode, installed.stdout) == (7, "tiny ['link']\n")


def test_tests_run_in_the_checkout_with_a_known_seed_and_the_callers_arguments(
    checkout: Checkout, tmp_path: Path
):
    checkout.environment["PYTHONHASHSEED"] = "5"
    code, out, err = checkout.run("test", "-k", "one thing", cwd=tmp_path)
    assert (code, out) == (0, f"5 {checkout.root} {[*load_run_py().PARALLEL, '-k', 'one thing']}\n"), err
    del checkout.environment["PYTHONHASHSEED"]
    _, out, _ = checkout.run("test")
    assert out.split()[0].isdigit()


def test_a_changed_lock_makes_the_environment_anew(checkout: Checkout):
    checkout.run("demo")
    stray = checkout.root / ".venv" / "left-over"
    stray.touch()
    lock = (checkout.root / "requirements.lock").read_text()
    checkout.write_locks(lock + "# renewed\n")
    code, _, err = checkout.run("demo")
    assert code == 7
    assert "Set-up 4/4" in err
    assert not stray.exists()


def test_the_environments_own_python_can_renew_it(checkout: Checkout):
    checkout.run("demo")
    lock = (checkout.root / "requirements.lock").read_text()
    checkout.write_locks(lock + "# renewed\n")
    answer = subprocess.run(
        [checkout.root / ".venv/bin/python", checkout.root / "run.py", "demo"],
        env=checkout.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (7, "tiny ['demo']\n"), answer.stderr


def test_an_interrupted_set_up_is_made_anew(checkout: Checkout):
    half_made = checkout.root / ".venv"
    half_made.mkdir()
    (half_made / "made-by-run.py").touch()
    (half_made / "half-written").touch()
    code, _, err = checkout.run("demo")
    assert code == 7, err
    assert not (half_made / "half-written").exists()


def test_an_environment_that_somebody_else_made_is_filled_and_not_deleted(checkout: Checkout):
    venv.create(checkout.root / ".venv", with_pip=False, symlinks=True)
    theirs = checkout.root / ".venv" / "theirs"
    theirs.touch()
    code, _, err = checkout.run("demo")
    assert code == 7, err
    assert theirs.exists()


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Checkout):
    other = checkout.root / ".venv"
    other.mkdir()
    (other / "theirs").touch()
    code, _, err = checkout.run("demo")
    assert code == 1
    assert "is not a working environment; remove it" in err
    assert (other / "theirs").exists()


def test_a_package_that_cannot_be_had_shows_the_end_of_the_log_and_keeps_it(checkout: Checkout):
    lock = (checkout.root / "requirements.lock").read_text()
    checkout.write_locks(lock.replace("tiny==1.0", "tiny==2.0"))
    code, out, err = checkout.run("demo")
    assert (code, out) == (1, "")
    assert "could not install the packages" in err
    assert "tiny==2.0" in err
    assert "tiny==2.0" in (checkout.root / ".run/setup.log").read_text()
    checkout.write_locks(lock)
    code, _, err = checkout.run("demo")
    assert code == 7, err


def test_a_wrong_hash_is_refused(checkout: Checkout):
    lock = (checkout.root / "requirements.lock").read_text()
    checkout.write_locks(lock[:-8] + "0000000\n")
    code, _, err = checkout.run("demo")
    assert code == 1
    assert "hash" in err.lower()


def test_two_set_ups_wait_for_each_other(checkout: Checkout):
    (checkout.root / ".run").mkdir()
    with (checkout.root / ".run/setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = checkout.start("demo")
        assert process.stderr is not None
        assert process.stderr.readline() == "Another set-up of this folder is running; waiting for it.\n"
    with process:
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (7, "tiny ['demo']\n"), err


def test_without_pip_the_package_to_install_is_named(checkout: Checkout, monkeypatch: pytest.MonkeyPatch):
    run_py = load_run_py()
    monkeypatch.setattr(run_py.shutil, "which", lambda name: None)
    monkeypatch.setattr(run_py, "own_pip", lambda: ())
    monkeypatch.setattr(run_py, "run_logged", lambda command, lock_fd: 1)
    with pytest.raises(run_py.SetupError, match="apt-get install python3-pip"):
        run_py.install(checkout.root / "requirements.lock", 0)
