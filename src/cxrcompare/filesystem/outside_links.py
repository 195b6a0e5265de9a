"""Symbolic links in a folder of data that lead outside of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cxrcompare.errors import InputError

LABEL_SUFFIXES = (".csv", ".gz", ".txt", ".json")
"""File extensions, in lower case, of label files."""


def leading_outside(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Returns the links that lead outside among files and the folders above them.

    A link at `root` itself does not count: it is the folder that the user names. A link to another
    path inside `root` does not count either.

    Args:
        root: The folder.
        paths: Relative paths with slashes.

    Returns:
        {path: link}: the paths that lead outside, each with the first link on it.
    """
    top = os.path.realpath(root)
    known: dict[str, str] = {"": ""}
    found = {}
    for path in paths:
        link = _first_link(top, path, known)
        if link:
            found[path] = link
    return found


def _first_link(top: str, path: str, known: dict[str, str]) -> str:
    """Returns the first part of a path that is a link to the outside, or ""."""
    parent = path.rpartition("/")[0]
    if parent not in known:
        known[parent] = _first_link(top, parent, known)
    if known[parent]:
        return known[parent]
    whole = f"{top}/{path}"
    if not os.path.islink(whole):  # noqa: PTH114 - a Path costs more than the call
        return ""
    real = os.path.realpath(whole)
    return "" if real == top or real.startswith(f"{top.rstrip('/')}/") else path


def label_files(root: Path) -> list[str]:
    """Returns files of a folder and of its direct subfolders that can be label files.

    Args:
        root: The folder.
    """
    found = []
    for folder in ("", *_names(root, folders=True)):
        names = _names(root / folder, folders=False)
        found += [f"{folder}/{name}".lstrip("/") for name in names if _can_have_labels(name)]
    return found


def _can_have_labels(name: str) -> bool:
    return name.lower().endswith(LABEL_SUFFIXES)


def _names(folder: Path, folders: bool) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if (entry.is_dir() if folders else not entry.is_dir())
            )
    except OSError:
        return []


def refuse(root: Path, links: dict[str, str]) -> None:
    """Raises InputError if there are links that lead outside.

    Args:
        root: The folder.
        links: See `leading_outside`.

    Raises:
        InputError: The message names the first link and its target, and how to allow links.
    """
    if links:
        raise InputError(
            f"{root}: must hold its files itself, or be read with --follow-links (`follow_links`) "
            f"if its links are yours. Received: {describe(root, links)}"
        )


def describe(root: Path, links: dict[str, str]) -> str:
    """Returns the number of files that links lead to, and the first link with its target.

    Args:
        root: The folder.
        links: See `leading_outside`; not empty.
    """
    first = next(iter(links.values()))
    return f"{len(links):,} files behind links that lead outside, the first {first} -> " + (
        os.path.realpath(root / first)
    )
