"""ImageStore: a data set's images in one memory-mapped array, with the table of their rows."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError, reason
from cxrcompare.image_table import COLUMNS, ImageTable
from cxrcompare.images.description import (
    AGAIN,
    FILES,
    HEADER_BYTES,
    check_header,
    read_description,
    read_file,
)
from cxrcompare.images.pixels import Pixels


@dataclass(frozen=True)
class ImageStore:
    """The images of a data set, decoded once, with the table of their rows.

    Attributes:
        folder: The store's folder.
        pixels: (N, size, size) uint8, read-only and memory-mapped: an image is read when it is
            used, and its hash is checked at the first read, see `Pixels`.
        hashes: (N, 16) uint8, XXH3-128 of each image's size * size bytes.
        description: The content of `store.json`: "dataset", "size", "images", "rejected",
            "repeated" (images equal to an earlier one), "near_duplicates" (pairs of nearly equal
            images in different splits, listed in `near_duplicates.csv`), "notes",
            "content_hash", how the images were decoded and resized, and more.
    """

    folder: Path
    pixels: Pixels
    hashes: np.ndarray
    description: dict[str, Any]

    def __len__(self) -> int:
        """Returns the number of images."""
        return len(self.pixels)

    @cached_property
    def table(self) -> ImageTable:
        """The rows of the images, in the same order; read on first use.

        Raises:
            InputError: `table.csv` has changed since the store was finished.
        """
        return _table(self.folder, self.description)

    @property
    def sources(self) -> np.ndarray:
        """Size in bytes and modification time in ns of every file when it was read, (M, 2) int64.

        The order is that of the table that the store was made from, rejected images included. A
        missing file has -1.
        """
        count = self.description["images"] + self.description["rejected"]
        return _array(self.folder, "sources.npy", self.description, (count, 2), np.int64)

    def rejected(self) -> pd.DataFrame:
        """Returns the images that could not be decoded: path, reason."""
        return self._text_table("rejected.csv")

    def near_duplicates(self) -> pd.DataFrame:
        """Returns the pairs of nearly equal images in different splits; see `near_duplicates`."""
        return self._text_table("near_duplicates.csv")

    def _text_table(self, name: str) -> pd.DataFrame:
        content = read_file(self.folder, name, self.description)
        return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)

    def verify(self) -> None:
        """Reads every file and every image, and checks their hashes.

        Raises:
            InputError: A file or an image has changed since the store was finished.
        """
        for name in FILES:
            read_file(self.folder, name, self.description)
        for row in range(len(self)):
            _ = self.pixels[row]


def open_store(folder: str | os.PathLike[str]) -> ImageStore:
    """Opens a finished store; its table is parsed on first use.

    The hash of every file except `images.npy` is checked before its use. Of `images.npy`, the
    length and the header are checked now, and each image at its first read.

    Raises:
        InputError: The folder has no finished store, or one of another format or a damaged one.
    """
    folder = Path(folder)
    if not (folder / "store.json").is_file():
        unfinished = (folder / "inputs.json").is_file()
        raise InputError(
            f"{folder}: must be a finished image store. Received: "
            + (
                "an unfinished one; run the same `prepare` again to finish it"
                if unfinished
                else ("a folder without store.json" if folder.is_dir() else "no such folder")
            )
        )
    description = read_description(folder)
    images, size = description["images"], description["size"]
    check_header(folder, description)
    read_file(folder, "table.csv", description)
    hashes = _array(folder, "hashes.npy", description, (images, 16), np.uint8)
    mapped = np.memmap(folder / "images.npy", np.uint8, "r", HEADER_BYTES, (images, size, size))
    pixels = Pixels(mapped, hashes, partial(_changed_image, folder, description))
    return ImageStore(folder, pixels, hashes, description)


def _changed_image(folder: Path, description: dict[str, Any], row: int) -> InputError:
    """Returns the error for an image that differs from the one that the store was made with."""
    name = _table(folder, description).rows["image_id"].iloc[row]
    return InputError(
        f"{folder}: must contain the images that it was made with. Received: another image for "
        f"{name} (row {row + 1} of images.npy); {AGAIN}"
    )


def _table(folder: Path, description: dict[str, Any]) -> ImageTable:
    content = read_file(folder, "table.csv", description)
    findings = tuple(description["findings"])
    try:
        rows = read_rows(io.BytesIO(content), findings)
        if len(rows) != description["images"]:
            raise ValueError(f"{len(rows)} rows for {description['images']} images")
        root = Path(description["source_path"])
        return ImageTable(rows, findings, description["dataset"], root, description["notes"])
    except Exception as error:  # pandas can raise any exception for unexpected columns
        raise InputError(
            f"{folder / 'table.csv'}: must be a store's table. Received: {reason(error)}; {AGAIN}"
        ) from error


def _array(
    folder: Path, name: str, description: dict[str, Any], shape: tuple[int, ...], dtype: type
) -> np.ndarray:
    content = read_file(folder, name, description)
    try:
        array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except Exception as error:  # NumPy's parser can raise any exception for a damaged header
        raise InputError(
            f"{folder / name}: must be a .npy file. Received: {reason(error)}; {AGAIN}"
        ) from error
    if array.shape != shape or array.dtype != dtype:
        raise InputError(
            f"{folder / name}: must be {shape} {np.dtype(dtype)}. "
            f"Received: {array.shape} {array.dtype}; {AGAIN}"
        )
    return array


def content_hash(hashes: np.ndarray, table: Path) -> str:
    """Returns the SHA-256 of the hashes of all images followed by the bytes of the table's file."""
    digest = hashlib.sha256(np.ascontiguousarray(hashes).tobytes())
    digest.update(table.read_bytes())
    return digest.hexdigest()


def csv_text(columns: Mapping[str, Sequence[str]]) -> str:
    """Returns text columns as CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return buffer.getvalue()


def table_text(table: ImageTable) -> str:
    """Returns the table's rows as CSV; `read_rows` restores them exactly."""
    columns = {name: list(map(str, table.rows[name].tolist())) for name in COLUMNS}
    ages = table.rows["age"].to_numpy(np.float64).tolist()
    columns["age"] = ["" if math.isnan(age) else repr(age) for age in ages]
    for name, states in zip(table.findings, table.states.T, strict=True):
        texts = np.array(["-1.0", "0.0", "1.0", ""])
        columns[name] = texts[np.nan_to_num(states, nan=2).astype(int) + 1].tolist()
    return csv_text(columns)


def read_rows(file: Path | io.BytesIO, findings: tuple[str, ...]) -> pd.DataFrame:
    """Reads the CSV of `table_text`: ids as text ("007" and "NA" stay), the rest as floats."""
    rows = pd.read_csv(
        file,
        dtype={**dict.fromkeys(COLUMNS, str), **dict.fromkeys(findings, np.float64)},
        keep_default_na=False,
        na_values={name: [""] for name in findings},
        lineterminator="\n",
    )
    ages = np.array([float(age or "nan") for age in rows["age"].tolist()])
    return rows.assign(age=ages)  # parsed by Python: pandas can miss the last digit
