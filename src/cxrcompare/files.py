"""Text and JSON files, written as a whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxrcompare.errors import InputError

_LONG = 100
"""Bytes of a name from which room is made in it for what is added; the limit is 255."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9_-])?")
_HASH = "-[0-9a-f]{16}"
_RESERVED = re.compile(rf"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*{_HASH}", re.IGNORECASE)
"""Names of devices on Windows, and names that end as those with a hash do."""


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a name to write to, and puts that file at `path` only when the block ends well.

    The file is flushed to the disk before it is renamed, so a killed process or a full disk leaves
    the old file or none, never a part of the new one. An error of the system names `path`.

    Args:
        path: The file's place. Its folder is made where it is not there.
    """
    path = Path(path)
    partial = beside(path, f"{os.getpid()}.partial")
    with naming(path, partial):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            flush(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def beside(path: Path, ending: str) -> Path:
    """Returns a hidden path in the same folder, `.name.ending`; a long name becomes its hash."""
    name = path.name
    if len(os.fsencode(name)) > _LONG:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    return path.with_name(f".{name}.{ending}")


def flush(path: Path) -> None:
    """Makes a file's content last."""
    with naming(path), path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def naming(path: Path, partial: Path | None = None) -> Iterator[None]:
    """Lets an error of the system that names no file, or the unfinished one, name `path`."""
    try:
        yield
    except OSError as error:
        if error.filename is None or (partial and str(error.filename) == str(partial)):
            error.filename, error.filename2 = str(path), None
        raise


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Returns a file name, without ending, for each name of a model or finding; no two alike.

    Letters, digits, spaces, dots, hyphens and underscores stay. A name with anything else, a long
    one, or two that differ in case only, which some file systems take for one, get a hash.

    Args:
        names: All the names whose files lie in one folder.
    """
    every = list(dict.fromkeys(names))
    same = Counter(name.lower() for name in every)
    return {
        name: name if _is_plain(name) and same[name.lower()] == 1 else _hashed(name)
        for name in every
    }


def _is_plain(name: str) -> bool:
    return (
        bool(_PLAIN_NAME.fullmatch(name)) and len(name) <= _LONG and not _RESERVED.fullmatch(name)
    )


def _hashed(name: str) -> str:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:60] or 'name'}-{digest}"


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Writes text (UTF-8, line feeds) whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Writes JSON whole or not at all; NaN and infinities become null, so any reader takes it."""
    write_text(path, json_text(value))


def json_text(value: Any) -> str:
    """Returns the text that `write_json` writes."""
    return json.dumps(_finite(value), indent=1, ensure_ascii=False) + "\n"


def read_json(path: str | os.PathLike[str]) -> Any:
    """Reads JSON.

    Raises:
        InputError: The file is not there or is no JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: must be a readable JSON file. Received: {error}") from error


def sha256(path: str | os.PathLike[str], progress: Callable[[int], None] | None = None) -> str:
    """Returns the file's SHA-256 in hexadecimal; `progress` is called with each block's bytes."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            if progress is not None:
                progress(len(block))
    return digest.hexdigest()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "tolist"):
        return _finite(value.tolist())
    if isinstance(value, Path):
        return str(value)
    return value
