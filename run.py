#!/usr/bin/env python3
"""Set TalentBridge up in .venv, once, and run it: the standard library is enough.

    python3 run.py demo            sample data in, ranked and explained shortlist out
    python3 run.py serve           the HTTP API on this machine
    python3 run.py test [...]      all tests, on every core; further arguments go to pytest
    python3 run.py setup           only set up, with the test tools
    python3 run.py COMMAND [...]   any talentbridge command: match, link, taxonomy, doctor ...

The first run installs the packages named, with their hashes, in requirements.lock
(requirements-test.lock for `test`); later runs start at once. ADR 0004 says why.
"""

from __future__ import annotations  # on Python 3.7 to 3.10 this file still parses, to say what is missing

import contextlib
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: two set-ups at the same time are then not kept apart
    fcntl = None  # type: ignore[assignment]  # the usual way to say that it is absent

MINIMUM = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STATE = ROOT / ".run"  # lock and log of the set-up
LOG = STATE / "setup.log"
MADE_HERE = VENV / "made-by-run.py"  # only an environment that carries this is ever deleted
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
COMMAND = SCRIPTS / "talentbridge"
# On every core, as far as memory goes; a file stays in one process, for what its tests share.
# `-n0` turns it off.
PARALLEL = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
LOCKS = {"runtime": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}

# Starts by way of the shell, because a "#!" line can hold neither long paths nor blanks.
COMMAND_TEXT = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from app.cli.main import main

sys.exit(main())
"""


class SetupError(Exception):
    """Why the set-up cannot go on, and what to do about it."""


def say(message: str) -> None:
    """Print for the person; standard output belongs to the command that follows."""
    print(message, file=sys.stderr, flush=True)


def check_python(version: Sequence[int] = sys.version_info[:2]) -> None:
    if tuple(version) < MINIMUM:
        raise SetupError(
            "TalentBridge needs Python %d.%d or newer, and this is Python %d.%d: "
            "run it as, for example, `python3.13 run.py`." % (*MINIMUM, *version)
        )


def digest(kind: str) -> str:
    """Fingerprint of everything the environment depends on."""
    parts = ["%d.%d" % sys.version_info[:2], str(ROOT), hashlib.sha256(LOCKS[kind].read_bytes()).hexdigest()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def stamp(kind: str) -> Path:
    return VENV / ("ready-" + kind)


def is_ready(kind: str) -> bool:
    """Whether the environment holds what the lock asks for, completely."""
    try:
        return PYTHON.exists() and stamp(kind).read_text() == digest(kind)
    except OSError:
        return False


@contextlib.contextmanager
def only_one() -> Iterator[int]:
    """Wait until no other set-up of this checkout is running; gives the lock's descriptor.

    The installer inherits it, so an installer that outlives a killed run.py still
    keeps the next set-up waiting instead of having its files deleted.
    """
    STATE.mkdir(exist_ok=True)
    with open(STATE / "setup.lock", "w") as handle:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another set-up of this folder is running; waiting for it.")
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle.fileno()


def run_logged(command: Sequence[str], lock_fd: int) -> int:
    """Run one step with its output in the log; the exit code is 0 or the step failed."""
    with open(LOG, "a", encoding="utf-8") as log:
        log.write("$ " + " ".join(command) + "\n")
        log.flush()
        inherited = () if os.name == "nt" else (lock_fd,)
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=inherited)


def log_tail(n_lines: int = 15) -> str:
    lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-n_lines:]
    return "\n".join("    " + line for line in lines)


def make_environment() -> None:
    """Make .venv anew if it is ours or absent; one that somebody else made is used as it is."""
    if VENV.exists() and not MADE_HERE.exists() and any(VENV.iterdir()):
        if not PYTHON.exists():
            raise SetupError("%s is not a working environment; remove it and run this again." % VENV)
        return
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir(exist_ok=True)
    MADE_HERE.touch()  # first of all, so that an interrupted set-up is recognised
    venv.create(VENV, with_pip=False, symlinks=os.name != "nt")


def own_pip() -> tuple[int, ...]:
    """Version of the pip that this Python has; empty without one."""
    from importlib import metadata  # not in Python 3.7, which must get as far as the refusal

    try:
        return tuple(int(number) for number in re.findall(r"\d+", metadata.version("pip"))[:2])
    except metadata.PackageNotFoundError:
        return ()


def installers(lock_fd: int) -> Iterator[tuple[str, list[str]]]:
    """Ways to install into .venv, best first: (name, command without its arguments)."""
    uv = shutil.which("uv")
    if uv:
        yield "uv", [uv, "pip", "install", "--python", str(PYTHON)]
    pip = ["install", "--no-compile", "--no-user", "--progress-bar", "off"]
    # `pip --python` (22.3) fills an environment without pip: Debian has no ensurepip to put one there.
    if own_pip() >= (22, 3):
        yield "pip", [sys.executable, "-m", "pip", "--python", str(PYTHON), *pip]
    elif run_logged([str(PYTHON), "-m", "ensurepip"], lock_fd) == 0:
        yield "pip", [str(PYTHON), "-m", "pip", *pip]


def install(lock: Path, lock_fd: int) -> None:
    """Install a hashed lock, by the first installer that manages to."""
    n_packages = len(re.findall(r"^\S+==", lock.read_text(), re.MULTILINE))
    tried = []
    for name, command in installers(lock_fd):
        say("Set-up 2/4: installing %d packages with %s (log: %s)" % (n_packages, name, LOG))
        if run_logged([*command, "--require-hashes", "-r", str(lock)], lock_fd) == 0:
            return
        tried.append(name)
    if not tried:
        raise SetupError(
            "No installer found: install pip 22.3 or newer, on Debian and Ubuntu with "
            "`sudo apt-get install python3-pip`, and run this again."
        )
    raise SetupError("%s could not install the packages:\n%s\nAll of it: %s" % (tried[-1], log_tail(), LOG))


def link_checkout() -> None:
    """Make the environment run this checkout, and give it the `talentbridge` command.

    A path file does what an editable install does, without a build backend to download.
    """
    asked = [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.check_output(asked, text=True).strip())
    (packages / "talentbridge-checkout.pth").write_text(str(ROOT) + "\n", encoding="utf-8")
    COMMAND.write_text(COMMAND_TEXT.format(python=PYTHON), encoding="utf-8")
    COMMAND.chmod(0o755)


def compile_search(lock_fd: int) -> None:
    """Compile what is compiled, so that no command waits for it; where that fails, plain code serves."""
    say("Set-up 3/4: compiling the search")
    run_logged([str(PYTHON), str(COMMAND), "doctor", "--compile"], lock_fd)


def set_up(kind: str) -> None:
    """Bring .venv to what the lock asks for; at once when it already is."""
    if is_ready(kind):
        return
    if Path(sys.prefix).resolve() == VENV.resolve():  # it cannot replace itself: let its parent do it
        base: str = sys._base_executable  # type: ignore[attr-defined]  # as venv itself reads it
        os.execv(base, [base, *sys.argv])
    started = time.monotonic()
    with only_one() as lock_fd:
        if is_ready(kind):  # somebody else did it while we waited
            return
        LOG.write_text("", encoding="utf-8")
        if not is_ready("runtime"):
            say("Set-up 1/4: making %s for Python %d.%d" % ((VENV, *sys.version_info[:2])))
            make_environment()
        install(LOCKS[kind], lock_fd)
        link_checkout()
        compile_search(lock_fd)
        for held in ("runtime",) if kind == "runtime" else ("runtime", "test"):
            stamp(held).write_text(digest(held))
    say("Set-up 4/4: done in %.0f s; later runs start at once" % (time.monotonic() - started))


def hand_over(command: Sequence[str | Path]) -> None:
    """Become the command."""
    # The packages were installed without bytecode; unless the first run may keep what it
    # compiles, every run compiles all of it again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # scikit-learn loads joblib, which complains where shared memory is missing. Nothing uses its processes.
    os.environ.setdefault("JOBLIB_MULTIPROCESSING", "0")
    words = [str(word) for word in command]
    if os.name == "nt":
        sys.exit(subprocess.call(words))
    os.execv(words[0], words)


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print((__doc__ or "").strip())
        return 0
    verb, rest = arguments[0], arguments[1:]
    try:
        check_python()
        set_up("test" if verb in ("test", "setup") else "runtime")
    except SetupError as error:
        say("run.py: %s" % error)
        return 1
    except OSError as error:
        say("run.py: the set-up needs to write into %s: %s" % (ROOT, error))
        return 1
    except KeyboardInterrupt:
        say("run.py: interrupted; the next run starts the set-up again.")
        return 130
    if verb == "test":
        os.chdir(ROOT)
        # A fixed seed, printed by the tests, so that a failure can be repeated.
        os.environ.setdefault("PYTHONHASHSEED", str(random.SystemRandom().randrange(2**32)))
        hand_over([PYTHON, "-m", "pytest", *PARALLEL, *rest])
    elif verb != "setup":
        hand_over([PYTHON, COMMAND, *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
