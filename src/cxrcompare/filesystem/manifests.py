"""Manifests: which folders and files cxrcompare wrote, so that nothing else is ever replaced."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.filesystem.output_checks import OF_THE_SYSTEM

MANIFEST = "manifest.json"
"""The file that identifies output folders: {format, written_by, kind, files: {path: bytes}}.

`files` is null while the folder is being written.
"""

_FORMAT = 1
UNFINISHED = re.compile(r"\.manifest\.json\.\d+\.partial")
"""The name of a manifest that was being written when its process was killed."""


@dataclass(frozen=True)
class Manifest:
    """The content of an output folder's manifest.

    Attributes:
        kind: The kind of output, e.g. "comparison".
        files: {path relative to the folder, with slashes: bytes}; None while it is being written.
    """

    kind: str
    files: dict[str, int] | None


def read(folder: Path) -> Manifest | None:
    """Returns a folder's manifest; None if there is none or it is not one of cxrcompare."""
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        return None
    try:
        found = files.read_json(path)
    except (InputError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("written_by") != "cxrcompare":
        return None
    kind, listed = found.get("kind"), found.get("files")
    if found.get("format") != _FORMAT or not isinstance(kind, str):
        return None
    return Manifest(kind, listed) if listed is None or isinstance(listed, dict) else None


def write(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest of a folder."""
    origin = {"format": _FORMAT, "written_by": "cxrcompare"}
    files.write_json(folder / MANIFEST, {**origin, "kind": manifest.kind, "files": manifest.files})


def contents(folder: Path) -> list[str]:
    """Returns the relative paths of the files of a folder that `check` has accepted."""
    if not folder.exists():
        return []
    return [
        path
        for path, entry in entries(folder)
        if entry.is_file(follow_symlinks=False)
        and path != MANIFEST
        and entry.name not in OF_THE_SYSTEM
    ]


def entries(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yields all entries below a folder in order, each folder before its content."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        yield entry.name, entry
        if entry.is_dir(follow_symlinks=False):
            for path, inner in entries(folder / entry.name):
                yield f"{entry.name}/{path}", inner


def listed_by(manifest: Manifest | None) -> set[str]:
    """Returns a manifest's own name, its files and their folders; an empty set for None."""
    if manifest is None:
        return set()
    names = {MANIFEST, *(manifest.files or ())}
    for path in tuple(names):
        while path := path.rpartition("/")[0]:
            names.add(path)
    return names


def is_listed(path: str, entry: os.DirEntry[str], listed: set[str]) -> bool:
    """Returns whether an entry is a listed folder or file, or a file of the operating system."""
    plain = entry.is_file(follow_symlinks=False)
    if entry.name in OF_THE_SYSTEM:
        return plain
    return path in listed and (plain or entry.is_dir(follow_symlinks=False))
