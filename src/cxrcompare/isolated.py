"""Child processes with limits of time and memory for reading untrusted files."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import psutil

from cxrcompare.errors import InputError

MEMORY = 4 * 2**30
"""Limit of a process's data in bytes while it reads untrusted files."""
SECONDS = 60.0
"""Time limit for an untrusted file, plus its size divided by `BYTES_PER_SECOND`."""
BYTES_PER_SECOND = 4 * 2**20
_ROOT = str(Path(__file__).parents[1])


def command(module: str, *words: str) -> list[str]:
    """Returns the command line that runs a module of this package in a child process.

    Without `-P`, `python -m` puts the current folder first on `sys.path`.
    """
    return [sys.executable, "-P", "-m", module, *words]


def environment(**more: str) -> dict[str, str]:
    """Returns a child's environment: this process's search path without the current folder.

    `PYTHONSAFEPATH` has the effect of `-P` for the child's own children.

    Args:
        more: Variables to add or replace.
    """
    path = os.pathsep.join(_search_path())
    return {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": path, **more}


@contextmanager
def spawning() -> Iterator[None]:
    """Removes the current folder from `sys.path` of processes that are spawned in the block."""
    path, flag = list(sys.path), os.environ.get("PYTHONSAFEPATH")
    sys.path[:] = _search_path()
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        sys.path[:] = path
        if flag is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = flag


@contextmanager
def without(package: str) -> Iterator[None]:
    """Makes an optional package look uninstalled to modules that are imported in the block.

    Some packages read settings from the current folder at import, but only if an optional package
    is installed. A package that is already imported is not hidden.

    Args:
        package: The optional package's name.
    """
    absent = package not in sys.modules
    if absent:
        sys.modules[package] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="A Numba config file is found")
            yield
    finally:
        if absent:
            del sys.modules[package]


@contextmanager
def unloaded(package: ModuleType, *submodules: str) -> Iterator[None]:
    """Keeps a package from loading submodules on demand in the block; they are None instead.

    Some packages read all attributes of another at import, which loads what nobody uses. After the
    block, the submodules are loaded on demand as before.

    Args:
        package: The package, which is imported.
        submodules: Names of submodules; those that are loaded already stay as they are.
    """
    names = vars(package)
    absent = [name for name in submodules if name not in names]
    names.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            if names.get(name, package) is None:
                del names[name]


def limit_memory(allowed: int = MEMORY) -> None:
    """Limits the memory of this process and disables core dumps."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
    except (ImportError, ValueError, OSError):
        return


@contextmanager
def bounded(more: int = MEMORY) -> Iterator[None]:
    """Limits the additional memory that this process may allocate in the block (Linux only).

    Args:
        more: Additional bytes of data.
    """
    used = getattr(psutil.Process().memory_info(), "data", None)
    if used is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [limit for limit in (soft, hard, used + more) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def limit_time(seconds: float) -> None:
    """Ends this process in any state when this number of seconds has passed."""
    faulthandler.dump_traceback_later(seconds, exit=True)


def ended(status: int) -> str:
    """Returns a description of how a child process ended, for an error message.

    Args:
        status: The exit status; minus the signal's number if a signal ended the process.
    """
    if status >= 0:
        return f"status {status}"
    if -status == signal.SIGKILL:
        return (
            f"killed (signal {-status}), probably out of memory: lower `--jobs`, the batch size "
            "or the image size"
        )
    crash = -status in (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV)
    return f"{'crashed' if crash else 'stopped'} (signal {-status})"


class LimitError(InputError):
    """An untrusted file crashed the process that read it, or made it exceed a limit."""


@contextmanager
def converted(module: str, source: Path, form: str) -> Iterator[Path]:
    """Lets a child process read and rewrite an untrusted file, and yields the new file.

    A damaged file can crash or hang a C library, or make it allocate without limit. The child has
    limits of time and memory. The new file is in a private folder and is deleted after the block.

    Args:
        module: The module to run with the paths of the untrusted and the new file. It limits its
            own memory and time.
        source: The untrusted file.
        form: The new file's suffix, with the dot.

    Raises:
        InputError: The child refused the file.
        LimitError: The child crashed or exceeded a limit.
    """
    seconds = time_limit(source)
    with tempfile.TemporaryDirectory(prefix="cxrcompare-") as folder:
        target = Path(folder) / f"plain{form}"
        try:
            done = subprocess.run(
                command(module, str(source), str(target)),
                env=environment(HDF5_PLUGIN_PRELOAD="::"),  # HDF5 loads no filters from files
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            raise LimitError(
                f"{source}: must be a file that can be read within {seconds:.0f} seconds. "
                "Received: one that takes longer, probably damaged"
            ) from None
        if done.returncode:
            raise _refusal(source, done)
        yield target


def time_limit(source: Path) -> float:
    """Returns the time limit in seconds for reading a file; it grows with the file's size."""
    size = source.stat().st_size if source.is_file() else 0
    return SECONDS + size / BYTES_PER_SECOND


def _refusal(source: Path, done: subprocess.CompletedProcess[bytes]) -> InputError:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode == 2 and lines:
        return InputError(lines[-1].removeprefix("cxrcompare: "))
    how = f"status {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
    last = f", {lines[-1].removeprefix('cxrcompare: ')}" if lines and done.returncode > 0 else ""
    return LimitError(
        f"{source}: must be a readable file. Received: one that crashed the reading process "
        f"({how}{last}), probably damaged"
    )


def _search_path() -> list[str]:
    """Returns `sys.path` without the current folder.

    The current folder stays if it contains this package, or if `PYTHONPATH` names it.
    """
    here = _current_folder()
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if here in [os.path.realpath(entry) for entry in named if entry]:
        here = None
    path = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]
    return path if _ROOT in path else [_ROOT, *path]


def _current_folder() -> str | None:
    try:
        return os.path.realpath(Path.cwd())
    except OSError:  # the folder was removed
        return None
