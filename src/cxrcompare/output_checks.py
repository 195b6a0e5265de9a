"""Checks of `--out` before any work: no file of the user is overwritten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from cxrcompare import files
from cxrcompare.errors import InputError

OF_THE_SYSTEM = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files that file managers leave in any folder that is looked at; no user's work."""

_LONGEST_NAME = 255


def refuse(out: Path, kind: str, received: str) -> NoReturn:
    """Refuses an output folder with one line.

    Args:
        out: The folder.
        kind: What the command writes.
        received: What it is instead, and which file is in the way.
    """
    raise InputError(
        f"{out}: must be a new or empty folder, or a {kind} that cxrcompare wrote, with nothing "
        f"else in it. Received: {received}"
    )


def check_writable(out: Path, file: bool = False) -> None:
    """Refuses a path that cannot be written to; leaves nothing behind.

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
        if max(len(os.fsencode(part)) for part in (*out.parts, "")) > _LONGEST_NAME:
            raise OSError(0, f"a name of more than {_LONGEST_NAME} bytes")
        with tempfile.TemporaryFile(dir=there):
            pass
    except (OSError, ValueError) as error:  # ValueError: a null character
        why = getattr(error, "strerror", None) or error
        raise InputError(
            f"`--out` must be a {kind} that can be written. Received: {out} ({why})"
        ) from error


def check_new_file(out: Path) -> None:
    """Refuses a file that exists: no single file can say who wrote it, so none is replaced.

    Raises:
        InputError: The file is there, or a link is.
    """
    if os.path.lexists(out):
        raise InputError(f"`--out` must be a new file. Received: {out}, which exists already")


def check_continued(
    out: Path, kind: str, names: Collection[str], marks: Mapping[str, str | None]
) -> None:
    """Refuses a folder that a command would continue in, where it holds anything else.

    Args:
        out: The folder, there or not.
        kind: What the command writes.
        names: What lies directly in such a folder; patterns as of a shell.
        marks: The files one of which lies in every such folder that work has begun in, and a key
            that the JSON object in it holds; None where it is not looked into.

    Raises:
        InputError: The message names one entry that is in the way.
    """
    if out.is_symlink():
        refuse(out, kind, "a symbolic link")
    if not out.exists():
        return
    if not out.is_dir():
        refuse(out, kind, "a file")
    entries = {path.name: path for path in sorted(out.iterdir()) if not _left_by_others(path.name)}
    for name, path in entries.items():
        if path.is_symlink():
            refuse(out, kind, f"a folder with the symbolic link {name}")
        if not any(fnmatchcase(name, pattern) for pattern in names):
            refuse(out, kind, f"a folder with {name}")
    if entries and not any(_is_mark(out / name, key) for name, key in marks.items()):
        refuse(out, kind, f"a folder with {min(entries)} and no {' or '.join(marks)} of a {kind}")


def _left_by_others(name: str) -> bool:
    """Says whether a file tells nothing: of the system, a lock, or of a killed `replacing`."""
    return name in OF_THE_SYSTEM or name == ".lock" or fnmatchcase(name, ".*.partial")


def _is_mark(path: Path, key: str | None) -> bool:
    if key is None or not path.is_file():
        return key is None and path.exists()
    try:
        found = files.read_json(path)
    except (InputError, RecursionError):
        return False
    return isinstance(found, dict) and key in found
