"""Detects that the files of a store change or vanish while a run reads them."""

from __future__ import annotations

from pathlib import Path

from cxrcompare.errors import InputError, JobError


class StoreCheck:
    """Detects that the files of a store change while a run reads them.

    Reading a memory-mapped file that was truncated would crash the process with SIGBUS.
    """

    def __init__(self, folder: Path) -> None:
        self._files = [folder / name for name in ("images.npy", "table.csv", "store.json")]
        self._before = self._stamps()

    def __call__(self) -> None:
        """Checks the inode, size and modification time of each file.

        Raises:
            InputError: A file of the store is gone.
            JobError: A file of the store has changed.
        """
        now = self._stamps()
        folder = self._files[0].parent
        for file, found in zip(self._files, now, strict=True):
            if found is None:
                raise InputError(
                    f"{folder}: must stay in place while it is read. Received: {file.name} is "
                    "gone; restore the store and run the same command again"
                )
        if now != self._before:
            raise JobError(
                f"{folder}: the store changed while it was being read. Restore the store and run "
                "the same command again, or use another output"
            )

    def _stamps(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(file) for file in self._files]


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
