"""What is safely on the disk of a store in the making, so that a killed run continues."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cxrcompare.images.pool import Block

SECONDS = 1.0


@dataclass
class Done:
    """The rows that are finished, counted from the first.

    Attributes:
        rows: How many rows of the table.
        hashes: The hash of every picture among them, in order.
        rejected: {row: reason} of the others.
    """

    rows: int = 0
    hashes: list[bytes] = field(default_factory=list)
    rejected: dict[int, str] = field(default_factory=dict)

    def add(self, block: Block) -> None:
        """Counts a written block that follows the rows so far."""
        self.rows = block.rows.stop
        self.hashes += block.hashes
        self.rejected |= block.rejected


def recall(path: Path) -> Done:
    """Reads a journal as far as it is whole, and cuts off what a killed process left after it."""
    done, good = Done(), 0
    if not path.exists():
        return done
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            mark = json.loads(line) if line.endswith(b"\n") else None
        except ValueError:
            mark = None
        if mark is None:
            break
        good += len(line)
        done.rows = mark["rows"]
        done.hashes += [bytes.fromhex(text) for text in mark["hashes"]]
        done.rejected |= {int(row): reason for row, reason in mark["rejected"].items()}
    os.truncate(path, good)
    return done


class Journal:
    """Marks blocks as done once their pictures are on the disk, about every second.

    Flushing a second's pictures can take as long on a slow disk; a thread does it, so that the
    decoding processes do not wait.
    """

    def __init__(self, pixels: int, marks: int) -> None:
        self._pixels, self._marks = pixels, marks
        self._pending: list[Block] = []
        self._last = time.monotonic()
        self._thread = ThreadPoolExecutor(1)
        self._commit: Future[None] | None = None

    def add(self, block: Block) -> None:
        """Takes note of a block whose pictures are written.

        Raises:
            OSError: An earlier block could not be made safe, e.g. the disk is full.
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
        """Makes the rest safe."""
        self._thread.shutdown(wait=True)
        if self._commit is not None:
            self._commit.result()
        _commit(self._pending, self._pixels, self._marks)


@contextmanager
def journal(pixels: Path, marks: Path) -> Iterator[Journal]:
    """Opens the journal at `marks` for pictures that others write to the file `pixels`."""
    with pixels.open("ab") as first, marks.open("ab") as second:
        book = Journal(first.fileno(), second.fileno())
        try:
            yield book
        finally:
            book.close()


def _commit(blocks: list[Block], pixels: int, marks: int) -> None:
    """Flushes the pictures first, then says so: a mark without its pictures cannot exist."""
    os.fsync(pixels)
    lines = "".join(
        json.dumps({
            "rows": block.rows.stop,
            "hashes": [digest.hex() for digest in block.hashes],
            "rejected": block.rejected,
        }) + "\n"
        for block in blocks
    )  # fmt: skip
    os.write(marks, lines.encode())
    os.fsync(marks)
