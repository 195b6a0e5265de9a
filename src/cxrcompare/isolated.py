"""Child processes with limits of time and memory, for code and files we do not trust."""

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

import psutil

from cxrcompare.errors import InputError

MEMORY = 4 * 2**30
"""Bytes of data that a process may hold while it reads foreign files."""
SECONDS = 60.0
"""Time to read one foreign file, beside what its bytes take at `BYTES_PER_SECOND`."""
BYTES_PER_SECOND = 4 * 2**20
_ROOT = str(Path(__file__).parents[1])


def command(module: str, *words: str) -> list[str]:
    """Returns the command line that runs a module of this package in a child process.

    Without `-P`, `python -m` puts the current folder first on `sys.path`.
    """
    return [sys.executable, "-P", "-m", module, *words]


def environment(**more: str) -> dict[str, str]:
    """Returns the environment of a child: this one's search path, without the current folder.

    `PYTHONSAFEPATH` does for the child's own children what `-P` does for the child.

    Args:
        more: Variables to add or replace.
    """
    path = os.pathsep.join(_search_path())
    return {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": path, **more}


@contextmanager
def spawning() -> Iterator[None]:
    """Keeps the current folder out of the processes that `multiprocessing` spawns in the block."""
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
    """Makes an optional package look uninstalled to what is imported in the block.

    Some packages read settings from the current folder when they are imported, and only where an
    optional package is installed. One that is imported already stays.

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


def limit_memory(allowed: int = MEMORY) -> None:
    """Bounds what a hostile file can make this process allocate, and leaves no core dump."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
    except (ImportError, ValueError, OSError):
        return


@contextmanager
def bounded(more: int = MEMORY) -> Iterator[None]:
    """Bounds what this process may allocate in the block, beside what it holds, where it can.

    Args:
        more: Bytes of data.
    """
    held = getattr(psutil.Process().memory_info(), "data", None)  # Linux only, as the limit is
    if held is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [limit for limit in (soft, hard, held + more) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def limit_time(seconds: float) -> None:
    """Ends this process after so many seconds from now, whatever it is doing."""
    faulthandler.dump_traceback_later(seconds, exit=True)


def ended(status: int) -> str:
    """Returns how a child process ended, in words for an error message.

    Args:
        status: The exit status; minus the signal's number where a signal ended it.
    """
    if status >= 0:
        return f"status {status}"
    if -status == signal.SIGKILL:
        return (
            f"killed (signal {-status}), probably out of memory: fewer `--jobs`, a smaller batch "
            "or smaller images need less"
        )
    crash = -status in (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV)
    return f"{'crashed' if crash else 'stopped'} (signal {-status})"


class LimitError(InputError):
    """A foreign file crashed the process that read it, or made it pass a limit."""


@contextmanager
def converted(module: str, source: Path, form: str) -> Iterator[Path]:
    """Has a child process read a foreign file and write it anew; gives the new file.

    A damaged file can crash or hang a C library, or make it allocate without bound. The child has
    limits of time and memory. The new file lies in a private folder until the block ends.

    Args:
        module: A module that is run with the path of the foreign file and that of the new file. It
            limits its own memory and time.
        source: The foreign file.
        form: What the new file is to hold; its suffix, with the dot.

    Raises:
        InputError: The child refused the file.
        LimitError: It crashed or passed a limit.
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
    """Returns the seconds in which a file must be read; larger files may take longer."""
    size = source.stat().st_size if source.is_file() else 0
    return SECONDS + size / BYTES_PER_SECOND


def _refusal(source: Path, done: subprocess.CompletedProcess[bytes]) -> InputError:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode == 2 and lines:
        return InputError(lines[-1].removeprefix("cxrcompare: "))
    how = f"status {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
    last = f", {lines[-1].removeprefix('cxrcompare: ')}" if lines and done.returncode > 0 else ""
    return LimitError(
        f"{source}: must be a file that can be read. Received: one that ended its reader "
        f"({how}{last}), probably damaged"
    )


def _search_path() -> list[str]:
    """Returns `sys.path` without the current folder, except where this package lies there."""
    here = _current_folder()
    path = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]
    return path if _ROOT in path else [_ROOT, *path]


def _current_folder() -> str | None:
    try:
        return os.path.realpath(Path.cwd())
    except OSError:  # it was removed
        return None
