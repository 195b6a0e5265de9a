"""Errors of a process as one line and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from cxrcompare import extras
from cxrcompare.errors import InputError, JobError


def run(work: Callable[[], None]) -> int:
    """Does the work and returns its exit status: 0 done, 1 the job failed, 2 wrong input.

    An extra that is not installed counts as wrong input. 130 is the custom of shells for an
    interruption. Errors that are none of these are faults of this program and keep their
    traceback.
    """
    try:
        work()
    except InputError as error:
        return _fail(str(error), 2)
    except JobError as error:
        return _fail(str(error), 1)
    except ModuleNotFoundError as error:
        missing = extras.explained(error)
        if missing is None:
            raise
        return _fail(str(missing), 2)
    except MemoryError:
        return _fail("memory is used up; a smaller image size or fewer jobs need less", 1)
    except OSError as error:
        return _fail(_what_failed(error), 1)
    except KeyboardInterrupt:
        return _fail("interrupted; the same command continues where it stopped", 130)
    return 0


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


def _what_failed(error: OSError) -> str:
    if error.filename is None:
        return f"{type(error).__name__}: {error}"
    return f"{os.fsdecode(error.filename)}: {error.strerror or type(error).__name__}"


def _fail(message: str, status: int) -> int:
    say(f"cxrcompare: {' '.join(message.split())}")
    return status
