"""Checks of `--out` before any work starts, so that no file of the user is overwritten."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from cxrcompare.errors import InputError
from cxrcompare.filesystem import files

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


def check_new_file(out: Path, what: str = "`--out`") -> None:
    """Raises InputError if a file exists, as it may be a file of the user.

    Args:
        out: The file.
        what: Name of the file in the message.

    Raises:
        InputError: There is a file or a link.
    """
    if os.path.lexists(out):
        raise InputError(f"{what} must be a new file. Received: {out}, which exists already")


def check_inputs(out: Path, inputs: Iterable[Path]) -> None:
    """Raises InputError if an input is in the output folder, which is replaced.

    Raises:
        InputError: The message names the input.
    """
    for path in inputs:
        if path.resolve().is_relative_to(out.resolve()):
            raise InputError(f"`--out` must not contain an input. Received: {out}, with {path}")


def check_lock(path: Path) -> None:
    """Raises InputError for a lock file that cxrcompare did not create; it would be deleted.

    Raises:
        InputError: The path exists and is not an empty file.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()) or _size(path):
        raise InputError(
            f"{path}: must be an empty lock file, or not exist. Received: another file or a link"
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def check_continued(
    out: Path,
    kind: str,
    names: Collection[str],
    marks: Mapping[str, str | None],
    inside: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> None:
    """Checks a folder in which a command may continue; other files in it are an error.

    Args:
        out: The folder, which may not exist.
        kind: The kind of output, e.g. "image store".
        names: The names that such a folder may contain, as shell patterns.
        marks: {file: key}: every started folder has at least one of these files, a JSON object with
            the key; of a `.jsonl` file the first line counts. With a key of None the content is not
            checked.
        inside: {folder: patterns}: the names that a folder in it may contain. The command may
            delete such a folder.

    Raises:
        InputError: The message names one unexpected entry.
    """
    if out.is_symlink():
        refuse(out, kind, "a symbolic link")
    if not out.exists():
        return
    if not out.is_dir():
        refuse(out, kind, "a file")
    check_lock(out / ".lock")
    entries = {path.name: path for path in sorted(out.iterdir()) if not _left_by_others(path.name)}
    for name, path in entries.items():
        if path.is_symlink():
            refuse(out, kind, f"a folder with the symbolic link {name}")
        if not any(fnmatchcase(name, pattern) for pattern in names):
            refuse(out, kind, f"a folder with {name}")
        for inner in sorted(path.iterdir()) if name in inside and path.is_dir() else ():
            known = any(fnmatchcase(inner.name, pattern) for pattern in inside[name])
            if inner.is_symlink() or not (known or _left_by_others(inner.name)):
                refuse(out, kind, f"a folder with {name}/{inner.name}")
    if entries and not any(_is_mark(out / name, key) for name, key in marks.items()):
        refuse(out, kind, f"a folder with {min(entries)} and no {' or '.join(marks)} of a {kind}")


def _left_by_others(name: str) -> bool:
    """Returns whether to ignore a file: one of the system, a lock, or a leftover of `replacing`."""
    return name in OF_THE_SYSTEM or name == ".lock" or files.is_leftover(name)


def _is_mark(path: Path, key: str | None) -> bool:
    if key is None or not path.is_file():
        return key is None and path.exists()
    try:
        found = _first_line(path) if path.suffix == ".jsonl" else files.read_json(path)
    except (InputError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and key in found


def _first_line(path: Path) -> Any:
    with path.open("rb") as file:
        return json.loads(file.readline())
