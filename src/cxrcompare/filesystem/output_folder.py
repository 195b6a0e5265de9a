"""Output folders: written to a temporary folder, then moved to their path in one step."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import files, folder_moves, locks, manifests
from cxrcompare.filesystem.output_checks import check_lock, refuse
from cxrcompare.threads import threads

logger = logging.getLogger(__name__)

_FLUSHES = 8
"""Files that are flushed at once: the disk is waited for once, not once per file."""


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
            folder_moves.swap(partial, out)
        except (KeyboardInterrupt, InputError, JobError):
            if not resume:
                folder_moves.remove(partial)
            raise
        except OSError as error:
            _name_final(error, partial, out)
            folder_moves.remove(partial)
            raise
        except BaseException:
            folder_moves.remove(partial)
            raise
        folder_moves.remove(partial)  # after a swap it is the earlier folder
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
    found = manifests.read(out)
    replaceable = found is not None and found.kind == kind and found.files is not None
    listed = manifests.listed_by(found) if replaceable else {adopts}
    for path, entry in manifests.entries(out):
        if entry.is_symlink():
            refuse(out, kind, f"a folder with the symbolic link {path}")
        if not manifests.is_listed(path, entry, listed):
            missing = "" if replaceable else f" and no {manifests.MANIFEST} of a {kind}"
            refuse(out, kind, f"a folder with {path}{missing}")


def recover(out: Path) -> None:
    """Completes the swap of a killed process; keeps an unfinished folder next to `out`."""
    out = _absolute(out)
    if _leftovers(out):
        with _locked(out):
            _recover(out, lambda path: True)


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
    begun = all(manifests.UNFINISHED.fullmatch(path.name) for path in folder.iterdir())
    return begun or manifests.read(folder) is not None


def _recover(out: Path, keeps: Callable[[Path], bool]) -> None:
    """Moves an earlier folder back to `out` after a killed swap, and removes other leftovers.

    Args:
        out: The final path.
        keeps: Returns whether to keep an unfinished folder.
    """
    for path in _leftovers(out):
        found = manifests.read(path)
        unfinished = found is not None and found.files is None
        if path.suffix == ".old" and not unfinished and not os.path.lexists(out):
            path.rename(out)  # killed between the two steps of a swap
        elif not (unfinished and keeps(path)):
            folder_moves.remove(path)


def _adopt(out: Path, kind: str, file: str) -> None:
    """Writes a manifest for a folder that only contains `file`, so that it can be replaced."""
    if file and (out / file).is_file() and manifests.read(out) is None:
        manifests.write(out, manifests.Manifest(kind, {file: (out / file).stat().st_size}))


def _begin(partial: Path, kind: str) -> None:
    if not partial.exists():
        partial.mkdir()
        manifests.write(partial, manifests.Manifest(kind, None))


def _finish(partial: Path, kind: str) -> None:
    """Flushes all files to disk, then lists them in the manifest."""
    listed: dict[str, int] = {}
    for path, entry in manifests.entries(partial):
        if entry.is_dir(follow_symlinks=False):
            folder_moves.flush_folder(partial / path)
        elif path != manifests.MANIFEST:
            listed[path] = entry.stat(follow_symlinks=False).st_size
    with threads(_FLUSHES) as start:
        for done in [start(files.flush, partial / path) for path in listed]:
            done.result()
    manifests.write(partial, manifests.Manifest(kind, listed))
    folder_moves.flush_folder(partial)


def _name_final(error: OSError, partial: Path, out: Path) -> None:
    """Replaces the temporary path in an error by the final path."""
    if error.filename is not None and Path(error.filename).is_relative_to(partial):
        error.filename = str(out / Path(error.filename).relative_to(partial))
