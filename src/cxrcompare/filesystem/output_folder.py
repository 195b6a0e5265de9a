"""Output folders: written to a temporary folder, then moved to their path in one step."""

from __future__ import annotations

import ctypes
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import files, locks
from cxrcompare.filesystem.output_checks import OF_THE_SYSTEM, check_lock, refuse

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"
"""The file that identifies output folders: {format, written_by, kind, files: {path: bytes}}.

`files` is null while the folder is being written.
"""

_FORMAT = 1
_UNFINISHED_MANIFEST = re.compile(r"\.manifest\.json\.\d+\.partial")
_AT_CWD, _EXCHANGE = -100, 2  # constants of Linux's renameat2


@dataclass(frozen=True)
class Manifest:
    """The content of an output folder's manifest.

    Attributes:
        kind: The kind of output, e.g. "comparison".
        files: {path relative to the folder, with slashes: bytes}; None while it is being written.
    """

    kind: str
    files: dict[str, int] | None


@contextmanager
def replacing(out: Path, kind: str, resume: str = "", adopts: str = "") -> Iterator[Path]:
    """Yields an empty folder to write to, and moves it to `out` if the block succeeds.

    Until then an earlier folder at `out` is unchanged. A process that is killed at any moment
    leaves the complete old folder or the complete new one. Leftovers of killed processes are
    removed.

    Args:
        out: The final path: new, an empty folder, or one of the same kind with nothing else in it.
        kind: The kind of output, e.g. "comparison"; only a folder of the same kind is replaced.
        resume: A hash of the settings, to continue in the folder of an interrupted or killed call
            with the same settings; empty to start again.
        adopts: A folder that contains only this file and no manifest is replaced, too.

    Raises:
        InputError: `out` contains anything else, is or contains a symbolic link, is in use by
            another process, or cannot be moved. Raised before the block, or after it if an
            unexpected file appeared meanwhile.
    """
    out = _absolute(out)
    partial = files.beside(out, f"{resume or os.getpid()}.partial")
    with _locked(out):
        _recover(out, lambda path: bool(resume) and path == partial)
        check(out, kind, adopts)
        try:
            _begin(partial, kind)
            yield partial
            check(out, kind, adopts)
            _adopt(out, kind, adopts)
            _finish(partial, kind)
            _swap(partial, out)
        except (KeyboardInterrupt, InputError, JobError):
            if not resume:
                _remove(partial)
            raise
        except OSError as error:
            _name_final(error, partial, out)
            _remove(partial)
            raise
        except BaseException:
            _remove(partial)
            raise
        _remove(partial)  # after a swap it is the earlier folder
        if partial.exists():
            logger.warning(
                "%s: kept; it contains files of the earlier %s not written by cxrcompare",
                partial,
                out,
            )


def check(out: Path, kind: str, adopts: str = "") -> None:
    """Checks that a folder is new, empty, or of this kind with nothing else in it.

    Args:
        out: The folder, which may not exist.
        kind: See `replacing`.
        adopts: See `replacing`.

    Raises:
        InputError: The message names one unexpected file.
    """
    out = _absolute(out)
    if out.is_symlink():
        refuse(out, kind, "a symbolic link")
    if not out.exists():
        return
    if not out.is_dir():
        refuse(out, kind, "a file")
    _check_movable(out, kind)
    found = read(out)
    replaceable = found is not None and found.kind == kind and found.files is not None
    listed = _listed(found) if replaceable else {adopts}
    for path, entry in _entries(out):
        if entry.is_symlink():
            refuse(out, kind, f"a folder with the symbolic link {path}")
        if not _is_listed(path, entry, listed):
            missing = "" if replaceable else f" and no {MANIFEST} of a {kind}"
            refuse(out, kind, f"a folder with {path}{missing}")


def recover(out: Path) -> None:
    """Completes the swap of a killed process; keeps an unfinished folder next to `out`."""
    out = _absolute(out)
    if _leftovers(out):
        with _locked(out):
            _recover(out, lambda path: True)


def contents(folder: Path) -> list[str]:
    """Returns the relative paths of the files of a folder that `check` has accepted."""
    if not folder.exists():
        return []
    return [
        path
        for path, entry in _entries(folder)
        if entry.is_file(follow_symlinks=False)
        and path != MANIFEST
        and entry.name not in OF_THE_SYSTEM
    ]


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


def _absolute(out: Path) -> Path:
    """Returns the path with resolved parents; a link at the path itself is not followed."""
    out = Path(out)
    return out.resolve() if out.name in ("", "..") else out.parent.resolve() / out.name


def _check_movable(out: Path, kind: str) -> None:
    with suppress(OSError):  # the current folder may have been removed
        if Path.cwd().is_relative_to(out):
            refuse(out, kind, "the current folder, which cannot be replaced; name one inside it")
    if os.path.ismount(out):
        refuse(out, kind, "a mount point, which cannot be replaced; name a folder inside it")


def _entries(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yields all entries below a folder in order, each folder before its content."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        yield entry.name, entry
        if entry.is_dir(follow_symlinks=False):
            for path, inner in _entries(folder / entry.name):
                yield f"{entry.name}/{path}", inner


def _listed(manifest: Manifest | None) -> set[str]:
    """Returns a manifest's own name, its files and their folders; an empty set for None."""
    if manifest is None:
        return set()
    names = {MANIFEST, *(manifest.files or ())}
    for path in tuple(names):
        while path := path.rpartition("/")[0]:
            names.add(path)
    return names


def _is_listed(path: str, entry: os.DirEntry[str], listed: set[str]) -> bool:
    """Returns whether an entry is a listed folder or file, or a file of the operating system."""
    plain = entry.is_file(follow_symlinks=False)
    if entry.name in OF_THE_SYSTEM:
        return plain
    return path in listed and (plain or entry.is_dir(follow_symlinks=False))


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Locks `out` against other processes; creates its parents, and removes them if unused."""
    made = [parent for parent in out.parents if not parent.exists()]
    lock = files.beside(out, "lock")
    check_lock(lock)
    try:
        with locks.locked(lock, out, "cxrcompare command"):
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
    finally:
        for parent in made:
            with suppress(OSError):  # not empty: it contains the output
                parent.rmdir()


def _leftovers(out: Path) -> list[Path]:
    """Returns the temporary folders of killed cxrcompare processes next to `out`."""
    if not out.parent.is_dir():
        return []
    stem = re.escape(files.beside(out, "").name)
    named = re.compile(rf"{stem}[0-9a-f]+\.(partial|old)")
    return [
        path
        for path in sorted(out.parent.iterdir())
        if named.fullmatch(path.name) and not path.is_symlink() and path.is_dir() and _is_ours(path)
    ]


def _is_ours(folder: Path) -> bool:
    """Returns whether a folder has a manifest, or at most an unfinished manifest file."""
    begun = all(_UNFINISHED_MANIFEST.fullmatch(path.name) for path in folder.iterdir())
    return begun or read(folder) is not None


def _recover(out: Path, keeps: Callable[[Path], bool]) -> None:
    """Moves an earlier folder back to `out` after a killed swap, and removes other leftovers.

    Args:
        out: The final path.
        keeps: Returns whether to keep an unfinished folder.
    """
    for path in _leftovers(out):
        found = read(path)
        unfinished = found is not None and found.files is None
        if path.suffix == ".old" and not unfinished and not os.path.lexists(out):
            path.rename(out)  # killed between the two steps of a swap
        elif not (unfinished and keeps(path)):
            _remove(path)


def _adopt(out: Path, kind: str, file: str) -> None:
    """Writes a manifest for a folder that only contains `file`, so that it can be replaced."""
    if file and (out / file).is_file() and read(out) is None:
        _write_manifest(out, Manifest(kind, {file: (out / file).stat().st_size}))


def _begin(partial: Path, kind: str) -> None:
    if not partial.exists():
        partial.mkdir()
        _write_manifest(partial, Manifest(kind, None))


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    origin = {"format": _FORMAT, "written_by": "cxrcompare"}
    files.write_json(folder / MANIFEST, {**origin, "kind": manifest.kind, "files": manifest.files})


def _finish(partial: Path, kind: str) -> None:
    """Flushes all files to disk, then lists them in the manifest."""
    listed = {}
    for path, entry in _entries(partial):
        if entry.is_dir(follow_symlinks=False):
            _flush_folder(partial / path)
        elif path != MANIFEST:
            files.flush(partial / path)
            listed[path] = entry.stat(follow_symlinks=False).st_size
    _write_manifest(partial, Manifest(kind, listed))
    _flush_folder(partial)


def _flush_folder(folder: Path) -> None:
    """Flushes the names in a folder to disk; not needed on Windows."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        with files.naming(folder):
            os.fsync(number)
    finally:
        os.close(number)


def _swap(partial: Path, out: Path) -> None:
    """Moves the new folder to `out`; the earlier folder is then at `partial`, or removed."""
    if not out.exists():
        partial.rename(out)
    else:
        shutil.copymode(out, partial)
        if not _exchange(partial, out):
            _swap_in_two_steps(partial, out)
    _flush_folder(out.parent)


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
    _remove(old)


def _remove(folder: Path) -> None:
    """Deletes the files that the folder's manifest lists, or all files of an unfinished folder.

    The manifest is deleted last, so that the next process recognises the rest after a kill.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    found = read(folder)
    unfinished = found is not None and found.files is None
    listed = _listed(found)
    for path, entry in reversed(list(_entries(folder))):
        with suppress(OSError):
            if entry.is_dir(follow_symlinks=False):
                (folder / path).rmdir()  # only if it is empty
            elif path != MANIFEST and (
                unfinished
                or _is_listed(path, entry, listed)
                or _UNFINISHED_MANIFEST.fullmatch(path)
            ):
                (folder / path).unlink()
    with suppress(OSError):
        if found is not None and [path.name for path in folder.iterdir()] == [MANIFEST]:
            (folder / MANIFEST).unlink()
        folder.rmdir()


def _name_final(error: OSError, partial: Path, out: Path) -> None:
    """Replaces the temporary path in an error by the final path."""
    if error.filename is not None and Path(error.filename).is_relative_to(partial):
        error.filename = str(out / Path(error.filename).relative_to(partial))
