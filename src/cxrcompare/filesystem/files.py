"""Text and JSON files with atomic writing."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cxrcompare.errors import InputError, reason

_LONG = 100
"""Maximum length of an unchanged name in bytes; file systems allow 255, suffixes included."""

_LONGEST_JSON = 1 << 30
"""Maximum size of a JSON file in bytes; 60 models with 14 findings give about 100 million."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9_-])?")
_HASH = "-[0-9a-f]{16}"
_RESERVED = re.compile(rf"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*{_HASH}", re.IGNORECASE)
"""Device names of Windows, and names that end like a name with a hash."""


_LEFTOVER = re.compile(r"\..+\.\d+\.partial")


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a temporary path to write to, and moves the file to `path` if the block succeeds.

    The file is flushed to disk before it is renamed. A killed process or a full disk leaves the old
    file or none, never a part of the new one. Operating system errors name `path`.

    Args:
        path: Path of the file. Its folder is created if necessary.
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


def is_leftover(name: str) -> bool:
    """Returns whether a file name is that of a temporary file of `replacing`, from any process."""
    return _LEFTOVER.fullmatch(name) is not None


def remove_leftovers(folder: Path) -> None:
    """Removes the temporary files that killed processes left in a folder; subfolders are kept."""
    for path in folder.glob(".*.partial"):
        if is_leftover(path.name):
            path.unlink(missing_ok=True)


def beside(path: Path, ending: str) -> Path:
    """Returns a hidden path in the same folder, `.name.ending`, with a hash for a long name."""
    name = path.name
    if len(os.fsencode(name)) > _LONG:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    return path.with_name(f".{name}.{ending}")


def flush(path: Path) -> None:
    """Flushes a file's content to disk."""
    with naming(path):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def naming(path: Path, partial: Path | None = None) -> Iterator[None]:
    """Adds `path` to operating system errors that have no path or that of the temporary file."""
    try:
        yield
    except OSError as error:
        if error.filename is None or (partial and str(error.filename) == str(partial)):
            error.filename, error.filename2 = str(path), None
        raise


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Returns a unique file name, without suffix, for each name of a model or finding.

    A name of letters, digits, spaces, dots, hyphens and underscores is kept. A hash replaces other
    characters, shortens long names, and distinguishes names that differ in case only, which are
    equal on some file systems.

    Args:
        names: All names with files in one folder.
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
    """Writes text atomically (UTF-8, line feeds).

    Bytes of file names that are not UTF-8 are written as escapes: Python holds them as lone
    surrogates, which UTF-8 does not have.
    """
    with replacing(path) as partial:
        partial.write_bytes(text.encode("utf-8", errors="backslashreplace"))


def write_part(path: Path, text: str) -> None:
    """Writes text as `write_text` does, into a folder that `output_folder.replacing` yields.

    The file is neither flushed nor renamed: both are done for the folder as a whole.
    """
    content = text.encode("utf-8", errors="backslashreplace")
    with naming(path):
        try:
            path.write_bytes(content)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Writes standard JSON atomically; NaN and infinities become null."""
    write_text(path, json_text(value))


def json_text(value: Any) -> str:
    """Returns the text that `write_json` writes."""
    return json.dumps(_finite(value), indent=1, ensure_ascii=False) + "\n"


class JsonText(str):
    """Text that is JSON without spaces."""


def json_line(value: Any) -> str:
    """Returns a value as standard JSON without spaces; NaN and infinities become null."""
    return json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"))


def compact_json_text(content: Mapping[str, Any]) -> str:
    """Returns an object as standard JSON with one line per key, without spaces in the values.

    NaN and infinities become null. A value may be `JsonText`.
    """
    lines = (
        f"{json.dumps(key, ensure_ascii=False)}: "
        + (value if isinstance(value, JsonText) else json_line(value))
        for key, value in content.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_json(path: str | os.PathLike[str]) -> Any:
    """Reads JSON.

    Raises:
        InputError: The file does not exist, is too long or is not JSON.
    """
    try:
        return json.loads(read_bytes(path, _LONGEST_JSON).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # ValueError also for huge numbers
        raise InputError(
            f"{path}: must be a readable JSON file. Received: {reason(error)}"
        ) from error


def read_bytes(path: str | os.PathLike[str], longest: int) -> bytes:
    """Reads a regular file of limited size; does not block on a pipe.

    Args:
        path: The file.
        longest: The maximum size in bytes.

    Raises:
        OSError: The path is not a regular file, or the file is too long or cannot be read.
    """
    path = Path(path)
    size = regular_size(path)
    if size > longest:
        raise OSError(errno.EFBIG, f"{size:,} bytes", str(path))
    return path.read_bytes()


def regular_size(path: Path) -> int:
    """Returns the size of a regular file in bytes.

    Raises:
        OSError: It does not exist, or is anything else: reading a pipe could wait for ever.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return status.st_size


def sha256(path: str | os.PathLike[str], progress: Callable[[int], None] | None = None) -> str:
    """Returns a file's SHA-256 in hexadecimal; calls `progress` with the size of each block."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            if progress is not None:
                progress(len(block))
    return digest.hexdigest()


_WRITTEN_AS_THEY_ARE = frozenset((str, int, bool, type(None)))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        kinds = set(map(type, value))
        if kinds <= _WRITTEN_AS_THEY_ARE:
            return value
        if kinds == {float}:
            if math.isfinite(sum(value)):  # then all are; a sum of large numbers may be infinite
                return value
            return [item if math.isfinite(item) else None for item in value]
        return [_finite(item) for item in value]
    if hasattr(value, "tolist"):
        return _finite(value.tolist())
    if isinstance(value, Path):
        return str(value)
    return value
