"""The work behind `prepare`: pictures and a journal of what is safe, then the finished files."""

from __future__ import annotations

import io
import json
import os
import shutil
import time
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError, JobError
from cxrcompare.files import read_json, replacing, write_json, write_text
from cxrcompare.image_table import ImageTable
from cxrcompare.images.opening import content_hash, table_text
from cxrcompare.images.pool import BLOCK, Block, Pool
from cxrcompare.progress import track

COMMIT_SECONDS = 1.0
HEADER_BYTES = 128


def refuse_other_inputs(
    out: Path, inputs: dict[str, Any], found: dict[str, Any], what: str
) -> None:
    """Refuses to touch a store of other inputs, naming the first difference."""
    for key, value in inputs.items():
        if key != "versions" and found.get(key) != value:
            shown = "another table" if key == "table_sha256" else f"{key}={found.get(key)!r}"
            raise InputError(
                f"{out}: holds {what} of other inputs ({shown}, not these). "
                "Remove it or name another folder"
            )


class Making:
    """One store in the making: `images.partial`, and a journal of what is safely in it."""

    def __init__(self, table: ImageTable, out: Path, size: int, inputs: dict[str, Any]) -> None:
        self.table, self.out, self.size, self.inputs = table, out, size, inputs
        self.pixels = out / "images.partial"
        self.journal = out / "journal.jsonl"
        self.paths = [str(path) for path in table.rows["path"]]
        self.next_row = 0
        self.hashes: list[bytes] = []
        self.rejected: dict[int, str] = {}

    def run(self, workers: int, max_rejected: float) -> None:
        """Begins or continues, and ends with a finished store or an error that says why not."""
        self._begin_or_continue()
        self._space()
        if self.next_row < len(self.paths):
            self._decode(workers, max_rejected)
        self._limit(max_rejected)
        self._finish()

    def _begin_or_continue(self) -> None:
        marks = self.out / "inputs.json"
        if marks.is_file():
            found = read_json(marks)
            refuse_other_inputs(self.out, self.inputs, found, "an unfinished store")
            if found["versions"] == self.inputs["versions"]:
                self._recall()
                return
        for path in (self.journal, self.pixels, self.out / "images.npy"):
            path.unlink(missing_ok=True)
        write_json(marks, self.inputs)

    def _recall(self) -> None:
        """Reads the journal as far as it is whole, and cuts off what was written after it."""
        good = 0
        for line in self.journal.read_bytes().splitlines(True) if self.journal.exists() else ():
            try:
                mark = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                mark = None
            if mark is None:
                break
            good += len(line)
            self.next_row = mark["rows"]
            self.hashes += [bytes.fromhex(text) for text in mark["hashes"]]
            self.rejected |= {int(row): reason for row, reason in mark["rejected"].items()}
        if self.journal.exists():
            os.truncate(self.journal, good)

    def _space(self) -> None:
        needed = (len(self.paths) - self.next_row) * self.size**2
        free = shutil.disk_usage(self.out).free
        if free < needed:
            raise JobError(
                f"{self.out}: the store needs {needed:,} more bytes. Received: {free:,} free. "
                "The same command continues where this one stopped"
            )

    def _decode(self, workers: int, max_rejected: float) -> None:
        blocks = [self._block(row) for row in range(self.next_row, len(self.paths), BLOCK)]
        pool = Pool(workers, self.pixels, self.table.root, self.size)
        with (
            self.pixels.open("ab") as pixels,
            self.journal.open("ab") as journal,
            track("decode", len(self.paths), "images") as advance,
        ):
            advance(self.next_row)
            pending: list[Block] = []
            last = time.monotonic()
            first = HEADER_BYTES + len(self.hashes) * self.size**2
            try:
                with closing(pool.run(blocks, first)) as written:
                    for block in written:
                        pending.append(block)
                        self.hashes += block.hashes
                        self.rejected |= block.rejected
                        self._limit(max_rejected)
                        advance(len(block.paths), self._note())
                        if time.monotonic() - last > COMMIT_SECONDS:
                            _commit(pending, pixels.fileno(), journal.fileno())
                            last = time.monotonic()
            finally:
                _commit(pending, pixels.fileno(), journal.fileno())

    def _block(self, start: int) -> Block:
        paths = self.paths[start : start + BLOCK]
        outside = {
            row: "the path leads outside the data folder"
            for row, path in enumerate(paths, start)
            if PurePosixPath(path).is_absolute() or ".." in path.replace("\\", "/").split("/")
        }
        return Block(start, paths, outside)

    def _limit(self, max_rejected: float) -> None:
        """Lists the rejected images where they are too many, and forgets the rest.

        Mended files are then read again by the next call.
        """
        count, images = len(self.rejected), len(self.paths)
        if count <= max_rejected * images and count < images:
            return
        self._write_rejected()
        (self.out / "inputs.json").unlink()
        first = "; ".join(
            f"{self.paths[row]}: {self.rejected[row]}" for row in [*self.rejected][:3]
        )
        raise InputError(
            f"{self.table.root}: at most {max_rejected:.2%} of {images} images may be rejected. "
            f"Received: {count} so far ({first}); all in {self.out / 'rejected.csv'}"
        )

    def _note(self) -> str:
        return f"{len(self.rejected)} rejected" if self.rejected else ""

    def _write_rejected(self) -> None:
        rows = pd.DataFrame(
            [(self.paths[row], reason) for row, reason in self.rejected.items()],
            columns=["path", "reason"],
        )
        write_text(self.out / "rejected.csv", table_text(rows))

    def _finish(self) -> None:
        """Gives every file its final name, `store.json` last: it says that the store is whole."""
        kept = np.ones(len(self.paths), bool)
        kept[list(self.rejected)] = False
        hashes = np.frombuffer(b"".join(self.hashes), np.uint8).reshape(-1, 16)
        write_text(self.out / "table.csv", table_text(self.table.take(kept).rows))
        self._write_rejected()
        with replacing(self.out / "hashes.npy") as partial, partial.open("wb") as file:
            np.save(file, hashes)
        self._finish_pixels(len(hashes))
        description = {
            **self.inputs,
            "images": len(hashes),
            "rejected": len(self.rejected),
            "hashes": "BLAKE2b, 128 bits, of each picture's size * size bytes",
            "content_hash": content_hash(hashes, self.out / "table.csv"),
        }
        write_json(self.out / "store.json", description)
        (self.out / "inputs.json").unlink()
        self.journal.unlink(missing_ok=True)

    def _finish_pixels(self, images: int) -> None:
        if self.pixels.exists():  # or an earlier run was killed right after this
            with self.pixels.open("r+b") as file:
                file.write(_header(images, self.size))
                file.truncate(HEADER_BYTES + images * self.size**2)
                os.fsync(file.fileno())
            self.pixels.replace(self.out / "images.npy")


def _commit(pending: list[Block], pixels: int, journal: int) -> None:
    """Makes the pictures of `pending` safe on the disk, then says so in the journal."""
    if not pending:
        return
    os.fsync(pixels)
    marks = "".join(
        json.dumps({
            "rows": block.rows.stop,
            "hashes": [digest.hex() for digest in block.hashes],
            "rejected": block.rejected,
        }) + "\n"
        for block in pending
    )  # fmt: skip
    os.write(journal, marks.encode())
    os.fsync(journal)
    pending.clear()


def _header(images: int, size: int) -> bytes:
    """Returns the .npy header of (images, size, size) uint8, always `HEADER_BYTES` long."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "|u1", "fortran_order": False, "shape": (images, size, size)}
    )
    return buffer.getvalue()
