"""The steps of `prepare`: decode images with a journal, then write the files of the store."""

from __future__ import annotations

import io
import logging
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import spreadsheet_cells
from cxrcompare.filesystem.files import (
    read_json,
    remove_leftovers,
    replacing,
    write_json,
    write_text,
)
from cxrcompare.image_table import ImageTable
from cxrcompare.images import near_duplicates
from cxrcompare.images.decoding.pool import Block, Pool, block_rows
from cxrcompare.images.description import HEADER_BYTES, write_description
from cxrcompare.images.journal import Done, journal, read_journal, restart
from cxrcompare.images.sources import changed, check_still_there, leads_outside
from cxrcompare.images.store import content_hash, csv_text, table_text
from cxrcompare.progress import track

logger = logging.getLogger(__name__)

_NOT_IDENTITY = ("versions", "source", "source_path")  # data may be moved


def refuse_other_inputs(
    out: Path, inputs: dict[str, Any], found: dict[str, Any], what: str
) -> None:
    """Raises InputError if a store was made from other inputs; names the first difference."""
    for key, value in inputs.items():
        if key not in _NOT_IDENTITY and found.get(key) != value:
            shown = "another table" if key == "table_sha256" else f"{key}={found.get(key)!r}"
            raise InputError(
                f"{out}: contains {what} with other inputs ({shown}). "
                "Remove it or name another folder"
            )


def remove_temporary(out: Path) -> None:
    """Removes the files that only an unfinished store needs."""
    for name in ("inputs.json", "journal.jsonl"):
        (out / name).unlink(missing_ok=True)


class Preparation:
    """An unfinished store: `images.partial` and a journal of the images flushed to it."""

    def __init__(self, table: ImageTable, out: Path, size: int, inputs: dict[str, Any]) -> None:
        self.table, self.out, self.size, self.inputs = table, out, size, inputs
        self.pixels = out / "images.partial"
        self.finished = out / "images.npy"
        self.marks = out / "journal.jsonl"
        self.paths = list(map(str, table.rows["path"].tolist()))
        self.done = Done()

    def run(self, workers: int, max_rejected: float) -> None:
        """Starts or continues the preparation, and finishes the store or raises an error."""
        self._begin_or_continue()
        self._check_space()
        if self.done.rows < len(self.paths):
            self._decode(workers, max_rejected)
        self._check_rejected(max_rejected)
        if self.done.rejected:
            self._check_data()
        self._finish()

    def _begin_or_continue(self) -> None:
        remove_leftovers(self.out)
        inputs = self.out / "inputs.json"
        if inputs.is_file():
            found = read_json(inputs)
            if not isinstance(found, dict):
                raise InputError(f"{inputs}: must be a JSON object. Received: {found!r:.50}")
            refuse_other_inputs(self.out, self.inputs, found, "an unfinished store")
            if found.get("versions") == self.inputs["versions"]:
                self.done = read_journal(self.marks)
                if self._images_exist():
                    self._drop_changed()
                    return
        self.done = Done()
        for path in (self.marks, self.pixels, self.finished):
            path.unlink(missing_ok=True)
        write_json(inputs, self.inputs)

    def _images_exist(self) -> bool:
        """Returns whether the images that the journal lists are on the disk."""
        path = self.finished if self.finished.exists() else self.pixels
        there = path.stat().st_size if path.exists() else 0
        return there >= self._bytes(len(self.done.hashes)) or not self.done.hashes

    def _drop_changed(self) -> None:
        """Drops all rows from the first file that has changed since it was read."""
        rows = changed(self.table.root, self.paths, self.done.all_stamps())
        if not len(rows):
            return
        logger.warning(
            "%s: files changed since they were read: %s (first: %s); decoding restarts "
            "from that file",
            self.table.root,
            f"{len(rows):,}",
            self.paths[rows[0]],
        )
        if self.finished.exists():
            self.finished.replace(self.pixels)
        self.done = self.done.up_to(int(rows[0]))
        restart(self.marks, self.done)

    def _check_space(self) -> None:
        needed = (len(self.paths) - self.done.rows) * self.size**2
        free = shutil.disk_usage(self.out).free
        if free < needed:
            raise JobError(
                f"{self.out}: the store needs {needed:,} more bytes. Received: {free:,} free. "
                "The same command continues where this one stopped"
            )

    def _decode(self, workers: int, max_rejected: float) -> None:
        done = self.done
        rows = block_rows(self.size)
        blocks = [self._block(row, rows) for row in range(done.rows, len(self.paths), rows)]
        pool = Pool(workers, self.pixels, self.table.root, self.size)
        with (
            journal(self.pixels, self.marks) as book,
            track("decode", len(self.paths) - done.rows, "images") as advance,
            closing(pool.run(blocks, self._bytes(len(done.hashes)))) as written,
        ):
            for block in written:
                book.add(block)
                done.add(block)
                self._check_rejected(max_rejected)
                advance(len(block.paths), self._note())

    def _bytes(self, images: int) -> int:
        """Returns the size in bytes of an `images.npy` with this number of images."""
        return HEADER_BYTES + images * self.size**2

    def _block(self, start: int, rows: int) -> Block:
        paths = self.paths[start : start + rows]
        outside = {
            row: "the path leads outside the data folder"
            for row, path in enumerate(paths, start)
            if leads_outside(path)
        }
        return Block(start, paths, outside)

    def _check_rejected(self, max_rejected: float) -> None:
        """Raises InputError if too many images are rejected, and writes `rejected.csv`.

        The progress is discarded, so that the next call reads repaired files again. It is kept if
        the data folder has vanished.
        """
        count, images = len(self.done.rejected), len(self.paths)
        if count <= max_rejected * images and count < images:
            return
        self._check_data()
        self._write_rejected()
        (self.out / "inputs.json").unlink()
        first = "; ".join(
            f"{self.paths[row]}: {self.done.rejected[row]}" for row in [*self.done.rejected][:3]
        )
        raise InputError(
            f"{self.table.root}: at most {max_rejected:.2%} of {images} images may be rejected. "
            f"Received: {count} so far ({first}); all in {self.out / 'rejected.csv'}"
        )

    def _check_data(self) -> None:
        """Raises InputError if the data folder has vanished; its files count as not yet read."""
        read = (row for row in range(self.done.rows) if row not in self.done.rejected)
        first = next(read, None)
        check_still_there(self.table.root, None if first is None else self.paths[first])

    def _note(self) -> str:
        return f"{len(self.done.rejected)} rejected" if self.done.rejected else ""

    def _write_rejected(self) -> None:
        rejected = self.done.rejected
        columns = {"path": [self.paths[row] for row in rejected], "reason": [*rejected.values()]}
        write_text(self.out / "rejected.csv", csv_text(columns))

    def _finish(self) -> None:
        """Writes all final files, `store.json` last: it marks the store as finished."""
        kept = np.ones(len(self.paths), bool)
        kept[list(self.done.rejected)] = False
        hashes = np.frombuffer(b"".join(self.done.hashes), np.uint8).reshape(-1, 16)
        table = self.table.take(kept)
        write_text(self.out / "table.csv", table_text(table))
        self._write_rejected()
        self._write_array("hashes.npy", hashes)
        self._write_array("sources.npy", self.done.all_stamps())
        self._finish_pixels(len(hashes))
        description = {
            **self.inputs,
            "images": len(hashes),
            "rejected": len(self.done.rejected),
            "near_duplicates": self._write_near_duplicates(table),
            **_repeated(table, hashes),
            "hashes": "XXH3, 128 bits, of each image's size * size bytes",
            "content_hash": content_hash(hashes, self.out / "table.csv"),
        }
        write_description(self.out, description)
        remove_temporary(self.out)

    def _write_near_duplicates(self, table: ImageTable) -> int:
        """Writes the pairs of nearly equal images in different splits; returns their number."""
        pairs = near_duplicates.find_in(table, np.load(self.finished, mmap_mode="r"))
        write_text(self.out / "near_duplicates.csv", spreadsheet_cells.csv_text(pairs))
        if len(pairs):
            first = pairs.iloc[0]
            logger.warning(
                "%s: %s (first: %s in %s and %s in %s); all in %s",
                table.dataset,
                near_duplicates.describe(len(pairs)),
                first["image_a"],
                first["split_a"],
                first["image_b"],
                first["split_b"],
                self.out / "near_duplicates.csv",
            )
        return len(pairs)

    def _write_array(self, name: str, array: np.ndarray) -> None:
        with replacing(self.out / name) as partial, partial.open("wb") as file:
            np.save(file, array)

    def _finish_pixels(self, images: int) -> None:
        if self.pixels.exists():  # else an earlier run was killed after this step
            with self.pixels.open("r+b") as file:
                file.write(_header(images, self.size))
                file.truncate(self._bytes(images))
                os.fsync(file.fileno())
            self.pixels.replace(self.finished)


def _repeated(table: ImageTable, hashes: np.ndarray) -> dict[str, int]:
    """Counts repeated images; prints a line if some repeat an image of another patient."""
    keys = np.ascontiguousarray(hashes).view("V16").ravel()
    _, first, groups = np.unique(keys, return_index=True, return_inverse=True)
    patients = table.rows["patient_id"].to_numpy(object)
    other = np.flatnonzero(patients != patients[first[groups]])
    if len(other):
        paths = table.rows["path"].to_numpy(object)
        logger.warning(
            "%s: images that repeat an image of another patient: %s (first: %s equals %s); "
            "all are kept",
            table.dataset,
            f"{len(other):,}",
            paths[other[0]],
            paths[first[groups[other[0]]]],
        )
    return {"repeated": len(keys) - len(first), "repeated_under_another_patient": len(other)}


def _header(images: int, size: int) -> bytes:
    """Returns the .npy header of (images, size, size) uint8, always `HEADER_BYTES` long."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "|u1", "fortran_order": False, "shape": (images, size, size)}
    )
    return buffer.getvalue()
