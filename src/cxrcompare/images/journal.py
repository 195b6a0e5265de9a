"""Journal of the images that are flushed to disk, so that an interrupted run can continue."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare.filesystem.files import write_text
from cxrcompare.images.decoding.pool import Block

SECONDS = 1.0
"""Shortest time between two flushes."""


@dataclass
class Done:
    """The finished rows, from the first row of the table on.

    Attributes:
        rows: Number of finished rows.
        hashes: The hash of every accepted image, in order.
        rejected: {row: reason} of the rejected images.
        stamps: `sources.stamp` of every row's file, in arrays of (K, 2) int64 for K rows each.
    """

    rows: int = 0
    hashes: list[bytes] = field(default_factory=list)
    rejected: dict[int, str] = field(default_factory=dict)
    stamps: list[np.ndarray] = field(default_factory=list)

    def add(self, block: Block) -> None:
        """Adds a written block, which must follow the finished rows."""
        self.rows = block.rows.stop
        self.hashes += block.hashes
        self.rejected |= block.rejected
        self.stamps.append(block.stamps)

    def all_stamps(self) -> np.ndarray:
        """Returns the stamps of all rows, (rows, 2) int64."""
        return np.concatenate([np.empty((0, 2), np.int64), *self.stamps])

    def up_to(self, rows: int) -> Done:
        """Returns the finished rows before a row."""
        rejected = {row: reason for row, reason in self.rejected.items() if row < rows}
        hashes = self.hashes[: rows - len(rejected)]
        return Done(rows, hashes, rejected, [self.all_stamps()[:rows]])


def read_journal(path: Path) -> Done:
    """Reads the intact lines of a journal and truncates the file after them."""
    done, good = Done(), 0
    if not path.exists():
        return done
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            if not line.endswith(b"\n"):
                break
            _read_line(done, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            break
        good += len(line)
    os.truncate(path, good)
    return done


def _read_line(done: Done, mark: Any) -> None:
    """Adds a line of the journal; a line whose counts do not agree is damaged."""
    hashes = [bytes.fromhex(text) for text in mark["hashes"]]
    rejected = {int(row): str(reason) for row, reason in mark["rejected"].items()}
    stamps = np.array(mark["stamps"], np.int64).reshape(-1, 2)
    rows = range(done.rows, mark["rows"])
    if not len(rows) == len(stamps) == len(hashes) + len(rejected) or rejected.keys() - set(rows):
        raise ValueError("the counts do not agree")
    done.rows = rows.stop
    done.hashes += hashes
    done.rejected |= rejected
    done.stamps.append(stamps)


def restart(path: Path, done: Done) -> None:
    """Replaces a journal by one with exactly the given rows."""
    write_text(path, _mark(done.rows, done.hashes, done.rejected, done.all_stamps()))


class Journal:
    """Records blocks as done after their images are flushed to disk, about once per second.

    A thread does the flushing, so that the decoding processes do not wait for a slow disk.
    """

    def __init__(self, pixels: int, marks: int) -> None:
        self._pixels, self._marks = pixels, marks
        self._pending: list[Block] = []
        self._last = time.monotonic()
        self._thread = ThreadPoolExecutor(1)
        self._commit: Future[None] | None = None

    def add(self, block: Block) -> None:
        """Adds a block whose images are written; the block is recorded with the next flush.

        Raises:
            OSError: An earlier block could not be flushed, e.g. the disk is full.
        """
        self._pending.append(block)
        if time.monotonic() - self._last < SECONDS:
            return
        if self._commit is not None:
            if not self._commit.done():
                return
            self._commit.result()
        blocks, self._pending, self._last = self._pending, [], time.monotonic()
        self._commit = self._thread.submit(_commit, blocks, self._pixels, self._marks)

    def close(self) -> None:
        """Flushes and records the remaining blocks."""
        self._thread.shutdown(wait=True)
        if self._commit is not None:
            self._commit.result()
        _commit(self._pending, self._pixels, self._marks)


@contextmanager
def journal(pixels: Path, marks: Path) -> Iterator[Journal]:
    """Opens the journal at `marks` for the images in `pixels`, which other processes write."""
    with pixels.open("ab") as first, marks.open("ab") as second:
        book = Journal(first.fileno(), second.fileno())
        try:
            yield book
        finally:
            book.close()


def _commit(blocks: list[Block], pixels: int, marks: int) -> None:
    """Flushes the images, then records them, so that the journal never lists missing images."""
    os.fsync(pixels)
    if hasattr(os, "posix_fadvise"):  # flushed images need no space in the page cache
        os.posix_fadvise(pixels, 0, 0, os.POSIX_FADV_DONTNEED)
    lines = [_mark(b.rows.stop, b.hashes, b.rejected, b.stamps) for b in blocks]
    os.write(marks, "".join(lines).encode())
    os.fsync(marks)


def _mark(rows: int, hashes: list[bytes], rejected: dict[int, str], stamps: np.ndarray) -> str:
    mark = {
        "rows": rows,
        "hashes": [digest.hex() for digest in hashes],
        "rejected": rejected,
        "stamps": stamps.tolist(),
    }
    return json.dumps(mark) + "\n"
