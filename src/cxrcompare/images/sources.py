"""Size and modification time of source files, recorded at reading to detect later changes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError

MISSING = (-1, -1)


def leads_outside(path: str) -> bool:
    """Returns whether a path can lead outside the folder that it is relative to."""
    if os.path.isabs(path):  # noqa: PTH117 - a Path costs more than the rest
        return True
    return ".." in path and ".." in path.replace("\\", "/").split("/")


def stamp(path: str) -> tuple[int, int]:
    """Returns a file's size in bytes and modification time in ns; `MISSING` if it is missing."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a Path costs more than the call
    except (OSError, ValueError):
        return MISSING
    return status.st_size, status.st_mtime_ns


def changed(root: Path, paths: Sequence[str], stamps: np.ndarray) -> np.ndarray:
    """Returns the rows whose files were changed or deleted, in order.

    Args:
        root: The folder that the paths are relative to.
        paths: (N,) relative paths, with N at least K.
        stamps: (K, 2) int64, the `stamp` of each of the first K files when it was read.
    """
    now = [
        MISSING if leads_outside(path) else stamp(f"{root}/{path}") for path in paths[: len(stamps)]
    ]
    return np.flatnonzero((np.array(now, np.int64).reshape(-1, 2) != stamps).any(axis=1))


def check_still_there(root: Path, read: str | None) -> None:
    """Checks that a data folder did not vanish while it was read, e.g. because a disk was detached.

    Without this check, every file after that moment would count as a damaged one.

    Args:
        root: The data folder.
        read: The relative path of a file that was read before; None if none was.

    Raises:
        InputError: The folder or the file is gone.
    """
    gone = root if read is None else root / read
    if not os.path.lexists(gone):
        raise InputError(
            f"{root}: must stay in place until all of its images are read. Received: {gone.name} "
            "is gone; nothing is lost, restore the folder and run the same command again"
        )
