"""Locks of output folders: one process at a time works on a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from cxrcompare.errors import InputError


@contextmanager
def locked(path: Path, out: Path, user: str, patience: float = 0) -> Iterator[None]:
    """Holds a lock during the block. The lock of a killed process is free.

    Args:
        path: The lock's file; its folder is created if necessary.
        out: The output, for messages.
        user: What else can hold the lock, e.g. "training".
        patience: Seconds to wait for another process.

    Raises:
        InputError: Another process holds the lock, or its file cannot be written.
    """
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise InputError(f"{out}: must not be in use by another {user}") from error
    except OSError as error:
        raise InputError(f"{out}: must be in a writable folder. Received: {error}") from error
    try:
        yield
    finally:
        lock.release()
