"""Compiled code that nobody waits for: whether it lies ready, and how it gets there.

A mark beside the code says that exactly this source, compiler and processor type have
been compiled. Numba itself looks only at the file of the function it is asked for, so a
change in a file beside it would go unseen; without a mark its old results are removed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import platform
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

_HERE = Path(__file__).parent


class CompiledCode:
    """The kernels of some files, compiled together.

    Parameters
    ----------
    sources
        Files relative to this package; a change in any of them makes all compile anew.
    compile_all : callable
        Calls every kernel that the rest of the program calls, with arguments of the same types.
    calls
        Files of other compiled code that these kernels call: a change there compiles these anew,
        and leaves the others to their owner.
    """

    def __init__(
        self, name: str, sources: Sequence[str], compile_all: Callable[[], None], *, calls: Sequence[str] = ()
    ) -> None:
        self._name = name
        self.sources = [_HERE / source for source in sources]
        self._calls = [_HERE / source for source in calls]
        self._compile_all = compile_all
        self._compiling = Lock()
        self._done = Event()

    def is_ready(self) -> bool:
        """Whether compiled code of this version lies ready, in this process or on this machine."""
        return is_installed() and (self._done.is_set() or self._mark.exists())

    def compile_now(self) -> None:
        """Compile, or load what was compiled before; returns when the kernels can be called."""
        if self._done.is_set():
            return
        with self._compiling:
            if self._done.is_set():
                return
            if not self._mark.exists():
                self._remove_old()
            self._compile_all()
            self._done.set()
            try:
                self._mark.parent.mkdir(parents=True, exist_ok=True)
                self._mark.touch()
            except OSError:
                # Without a place for it, each process compiles for itself.
                return

    def compile_in_background(self) -> None:
        """Compile beside what the process does; a server calls this when it starts."""
        if is_installed() and not self.is_ready():
            Thread(target=self.compile_now, name=f"compile-{self._name}", daemon=True).start()

    @cached_property
    def _mark(self) -> Path:
        compiler = importlib.metadata.version("numba")
        texts = [source.read_text("utf-8") for source in (*self.sources, *self._calls)]
        source = _key(*texts, compiler, platform.python_version())
        folder = os.environ.get("NUMBA_CACHE_DIR")
        name = f"{self._name}-{source}-{_key(processor())}.ready"
        return (Path(folder) if folder else _HERE / "__pycache__") / name

    def _remove_old(self) -> None:
        if any(self._mark.parent.glob(f"{self._mark.name.rpartition('-')[0]}-*.ready")):
            return  # Of this source, for other processors: Numba tells them apart.
        # Who goes back to an earlier source must not find its mark beside what was compiled since.
        for mark in self._mark.parent.glob(f"{self._name}-*.ready"):
            mark.unlink(missing_ok=True)
        for source in self.sources:
            folder = os.environ.get("NUMBA_CACHE_DIR")
            for index in (Path(folder) if folder else source.parent).rglob(f"{source.stem}.*.nbi"):
                index.unlink(missing_ok=True)


def kept(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Compile a function when it is first called, and keep the code where there is a place to.

    Parameters
    ----------
    options
        Of Numba's ``njit``, beside those that every kernel has.
    """
    from numba import njit

    try:
        compiled: Callable[..., Any] = njit(nogil=True, cache=True, **options)(function)
    except RuntimeError:
        # Neither the folder of the source nor the home of the user can be written.
        compiled = njit(nogil=True, **options)(function)
    return compiled


@cache
def is_installed() -> bool:
    """Whether the compiler is there and not switched off: uncompiled, its twin is the slower one."""
    is_off = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    return not is_off and importlib.util.find_spec("numba") is not None


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def processor() -> str:
    """The processor that Numba compiles for: code made for another one, as in an image, is not used."""
    # Much less to import than Numba itself.
    from llvmlite import binding

    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES") or binding.get_host_cpu_features().flatten()
    return f"{platform.machine()} {name} {features}"
