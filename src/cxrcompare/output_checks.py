"""Checks of `--out` before any work starts, so that no file of the user is overwritten."""

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
"""Files that file managers create in folders; not files of the user."""

_LONGEST_NAME = 255


def refuse(out: Path, kind: str, received: str) -> NoReturn:
    """Raises InputError for an output folder.

    Args:
        out: The folder.
        kind: The kind of output, e.g. "comparison".
        received: What was found instead, with the unexpected file.
    """
    raise InputError(
        f"{out}: must be a new or empty folder, or a {kind} that cxrcompare wrote, with nothing "
        f"else in it. Received: {received}"
    )


def check_writable(out: Path, file: bool = False) -> None:
    """Raises InputError for a path that cannot be written; creates nothing.

    Args:
        out: A folder, which may not exist.
        file: Whether `out` is a file instead.

    Raises:
        InputError: The path cannot be created, or a file exists where a folder is needed.
    """
    kind = "file" if file else "folder"
    try:
        if "\0" in str(out):
            raise ValueError("a null character")
        if max(len(os.fsencode(part)) for part in (*out.parts, "")) > _LONGEST_NAME:
            raise OSError(0, f"a name of more than {_LONGEST_NAME} bytes")
        if file and out.is_dir():
            raise IsADirectoryError(0, "a folder")
        there = out.parent if file else out
        while not os.path.lexists(there):
            there = there.parent
        with tempfile.TemporaryFile(dir=there):
            pass
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(
            f"`--out` must be a {kind} that can be written. Received: {out} ({why})"
        ) from error


def check_new_file(out: Path) -> None:
    """Raises InputError if a file exists, as it may be a file of the user.

    Raises:
        InputError: There is a file or a link.
    """
    if os.path.lexists(out):
        raise InputError(f"`--out` must be a new file. Received: {out}, which exists already")


def check_continued(
    out: Path, kind: str, names: Collection[str], marks: Mapping[str, str | None]
) -> None:
    """Checks a folder in which a command may continue; other files in it are an error.

    Args:
        out: The folder, which may not exist.
        kind: The kind of output, e.g. "image store".
        names: The names that such a folder may contain, as shell patterns.
        marks: {file: key}: every started folder has at least one of these files, a JSON object with
            the key. With a key of None the content is not checked.

    Raises:
        InputError: The message names one unexpected entry.
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
    """Returns whether to ignore a file: one of the system, a lock, or a leftover of `replacing`."""
    return name in OF_THE_SYSTEM or name == ".lock" or fnmatchcase(name, ".*.partial")


def _is_mark(path: Path, key: str | None) -> bool:
    if key is None or not path.is_file():
        return key is None and path.exists()
    try:
        found = files.read_json(path)
    except (InputError, RecursionError):
        return False
    return isinstance(found, dict) and key in found
