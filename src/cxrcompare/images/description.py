"""store.json: the content of a store, the hashes of its files, and a hash of store.json itself."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from cxrcompare.errors import InputError, reason
from cxrcompare.filesystem.files import json_text, read_bytes, write_text

FORMAT = 3
"""Version of the store's format; stores of other versions are refused.

Version 1 had no file hashes, version 2 no `near_duplicates.csv`.
"""

HEADER_BYTES = 128
"""Length of the header of `images.npy`."""

FILES = ("table.csv", "hashes.npy", "rejected.csv", "sources.npy", "near_duplicates.csv")
"""Files with one hash each. Each image of `images.npy` has its own hash in `hashes.npy`."""

_LONGEST = 8 << 30
"""Longest file in bytes that is read as a whole; a table of ten million rows has about 2 GiB."""

AGAIN = "remove the store and run `prepare` again"

_TYPES = {
    "images": int,
    "size": int,
    "rejected": int,
    "near_duplicates": int,
    "findings": list,
    "notes": dict,
    "dataset": str,
    "source": str,
    "source_path": str,
    "content_hash": str,
    "files": dict,
}


def write_description(folder: Path, description: dict[str, Any]) -> None:
    """Writes `store.json` with the hashes of all other files of the store. It is written last.

    Args:
        folder: The store's folder; all other files must exist.
        description: The content, without "files" and "sha256".
    """
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    hashes["images.npy"] = _header_hash(folder / "images.npy")
    write_text(folder / "store.json", _text({**description, "files": hashes}))


def read_description(folder: Path) -> dict[str, Any]:
    """Reads `store.json` and checks it against its own hash.

    Raises:
        InputError: The file is damaged, was changed, or has another format version.
    """
    path = folder / "store.json"
    try:
        text = read_bytes(path, _LONGEST).decode()
        found = json.loads(text)
        if not isinstance(found, dict):
            raise TypeError(type(found).__name__)
        content = {key: value for key, value in found.items() if key != "sha256"}
        unchanged = _text(content) == text
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path}: must be a JSON object. Received: {reason(error)}; {AGAIN}"
        ) from error
    if found.get("format") != FORMAT:
        raise InputError(
            f"{folder}: the store's format must be {FORMAT}. Received: {found.get('format')!r}, "
            f"of another version of this program; {AGAIN}"
        )
    if not unchanged or not _complete(content):
        raise changed(path)
    return content


def read_file(folder: Path, name: str, description: dict[str, Any]) -> bytes:
    """Checks the hash of a file of the store and returns the file's content.

    Args:
        folder: The store's folder.
        name: One of `FILES`.
        description: The result of `read_description`.

    Raises:
        InputError: The file does not exist, cannot be read, or was changed.
    """
    path = folder / name
    try:
        content = read_bytes(path, _LONGEST)
    except OSError as error:
        raise _unreadable(path, error) from error
    if hashlib.sha256(content).hexdigest() != description["files"][name]:
        raise changed(path)
    return content


def check_header(folder: Path, description: dict[str, Any]) -> None:
    """Checks the length and the header of `images.npy`; reads no image.

    Raises:
        InputError: The file does not exist, has another length, or its header was changed.
    """
    path = folder / "images.npy"
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise changed(path)
    expected = HEADER_BYTES + description["images"] * description["size"] ** 2
    try:
        length, found = path.stat().st_size, _header_hash(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    if length != expected:
        raise InputError(f"{path}: must have {expected} bytes. Received: {length}; {AGAIN}")
    if found != description["files"]["images.npy"]:
        raise changed(path)


def changed(path: Path) -> InputError:
    """Returns the error for a file that changed after the store was finished."""
    return InputError(f"{path}: must be as `prepare` wrote it. Received: a changed file; {AGAIN}")


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: must be readable. Received: {error.strerror}; {AGAIN}")


def _text(content: dict[str, Any]) -> str:
    """Returns the text of `store.json` for a content; its last key is the hash of the content."""
    digest = hashlib.sha256(json_text(content).encode()).hexdigest()
    return json_text({**content, "sha256": digest})


def _complete(content: dict[str, Any]) -> bool:
    """Returns whether all keys that the program reads are present with the right types."""
    typed = all(type(content.get(key)) is kind for key, kind in _TYPES.items())
    return (
        typed
        and min(content["images"], content["size"]) > 0
        and min(content["rejected"], content["near_duplicates"]) >= 0
        and all(isinstance(finding, str) for finding in content["findings"])
        and all(isinstance(content["files"].get(name), str) for name in (*FILES, "images.npy"))
    )


def _header_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.sha256(file.read(HEADER_BYTES)).hexdigest()
