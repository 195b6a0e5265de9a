"""Where a process meets its user: an error becomes one line and an exit status."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from cxrcompare.errors import InputError, JobError


def run(work: Callable[[], None]) -> int:
    """Does the work and returns its exit status: 0 done, 1 the job failed, 2 wrong input.

    130 is the custom of shells for an interruption. Errors that are none of these are faults of
    this program and keep their traceback.
    """
    try:
        work()
    except InputError as error:
        return _fail(str(error), 2)
    except JobError as error:
        return _fail(str(error), 1)
    except MemoryError:
        return _fail("memory is used up; a smaller image size or fewer jobs need less", 1)
    except OSError as error:
        return _fail(f"{type(error).__name__}: {error}", 1)
    except KeyboardInterrupt:
        return _fail("interrupted; the same command continues where it stopped", 130)
    return 0


def check_out(out: Path, file: bool = False) -> None:
    """Refuses what cannot be written to, before any work; leaves nothing behind.

    Args:
        out: A folder, there or not.
        file: Whether it is a file instead.

    Raises:
        InputError: No file can be made there, or a file is in the way of the folder.
    """
    kind = "file" if file else "folder"
    try:
        if file and out.is_dir():
            raise IsADirectoryError(0, "a folder")
        there = out.parent if file else out
        while not os.path.lexists(there):
            there = there.parent
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise InputError(
            f"`--out` must be a {kind} that can be written. Received: {out} ({error.strerror})"
        ) from error


_OF_A_RUN = {"config.json", "request.json", "self-training"}


def check_run(out: Path) -> None:
    """Refuses a folder for a training that holds files of somebody else.

    Raises:
        InputError: The folder is not empty, and no training has begun in it.
    """
    held = {path.name for path in out.glob("[!.]*")}
    if held and not held & _OF_A_RUN:
        raise InputError(
            "`--out` must be a new or empty folder, or that of an earlier training. "
            f"Received: {out}, which holds {min(held)}"
        )


def say(message: str) -> None:
    """Writes one line to standard error."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def show(rows: Sequence[Sequence[str]]) -> None:
    """Prints a short table to standard output, its columns aligned."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())  # noqa: T201


def _fail(message: str, status: int) -> int:
    say(f"cxrcompare: {' '.join(message.split())}")
    return status
