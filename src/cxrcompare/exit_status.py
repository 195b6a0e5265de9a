"""Runs a command: writes log messages and errors as lines, and returns the exit status."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cxrcompare import extras
from cxrcompare.errors import CheckError, InputError, JobError


def run(work: Callable[[], None]) -> int:
    """Calls `work` and returns the exit status: 0 success, 1 the job failed, 2 wrong input.

    Log messages of this package with level INFO or higher are written to standard error.

    A package that is absent or broken counts as wrong input. The exit status after an interruption
    is 130, as in shells. Any other error is a bug of this program and is not caught.
    """
    try:
        with _messages():
            work()
    except CheckError as error:
        return max(_fail(message, 2) for message in error.messages)
    except InputError as error:
        return _fail(str(error), 2)
    except JobError as error:
        return _fail(str(error), 1)
    except ImportError as error:
        explained = extras.explained(error)
        if explained is None:
            raise
        return _fail(str(explained), 2)
    except MemoryError:
        return _fail("out of memory; use a smaller image size or fewer jobs", 1)
    except OSError as error:
        return _fail(_what_failed(error), 1)
    except Exception as error:
        unusable = extras.broken(error)
        if unusable is None:
            raise
        return _fail(str(unusable), 2)
    except KeyboardInterrupt:
        return _fail("interrupted; run the same command again to continue", 130)
    return 0


class _Lines(logging.Handler):
    """Writes messages without a prefix; a progress bar replaces `sys.stderr` while it is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        _write(self.format(record))


@contextmanager
def _messages() -> Iterator[None]:
    """Writes this package's log messages to standard error, and to no other handler."""
    logger = logging.getLogger("cxrcompare")
    before, handler = (logger.level, logger.propagate), _Lines()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]


def _write(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _what_failed(error: OSError) -> str:
    if error.filename is None:
        return f"{type(error).__name__}: {error}"
    return f"{os.fsdecode(error.filename)}: {error.strerror or type(error).__name__}"


def _fail(message: str, status: int) -> int:
    _write(f"cxrcompare: {' '.join(message.split())}")
    return status
