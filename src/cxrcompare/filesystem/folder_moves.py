"""Moves of output folders: a new folder takes the place of the earlier one in one step."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from cxrcompare.filesystem import files, manifests

_AT_CWD, _EXCHANGE = -100, 2  # constants of Linux's renameat2


def swap(partial: Path, out: Path) -> None:
    """Moves the new folder to `out`; the earlier folder is then at `partial`, or removed."""
    if not out.exists():
        partial.rename(out)
    else:
        shutil.copymode(out, partial)
        if not _exchange(partial, out):
            _swap_in_two_steps(partial, out)
    flush_folder(out.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two folders in one step if system and file system support it (Linux)."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(_AT_CWD, names[0], _AT_CWD, names[1], _EXCHANGE) == 0)


def _swap_in_two_steps(partial: Path, out: Path) -> None:
    """Renames both folders; `recover` restores `out` if the process is killed in between."""
    old = partial.with_suffix(".old")
    out.rename(old)
    try:
        partial.rename(out)
    except BaseException:
        if not os.path.lexists(out):
            old.rename(out)
        raise
    remove(old)


def flush_folder(folder: Path) -> None:
    """Flushes the names in a folder to disk; not needed on Windows."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        with files.naming(folder):
            os.fsync(number)
    finally:
        os.close(number)


def remove(folder: Path) -> None:
    """Deletes the files that the folder's manifest lists, or all files of an unfinished folder.

    The manifest is deleted last, so that the next process recognises the rest after a kill.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    found = manifests.read(folder)
    unfinished = found is not None and found.files is None
    listed = manifests.listed_by(found)
    for path, entry in reversed(list(manifests.entries(folder))):
        with suppress(OSError):
            if entry.is_dir(follow_symlinks=False):
                (folder / path).rmdir()  # only if it is empty
            elif path != manifests.MANIFEST and (
                unfinished
                or manifests.is_listed(path, entry, listed)
                or manifests.UNFINISHED.fullmatch(path)
            ):
                (folder / path).unlink()
    with suppress(OSError):
        if found is not None and [path.name for path in folder.iterdir()] == [manifests.MANIFEST]:
            (folder / manifests.MANIFEST).unlink()
        folder.rmdir()
