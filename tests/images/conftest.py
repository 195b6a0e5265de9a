"""Generated images and data folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import simplejpeg

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import open_store, prepare

FINDINGS = ("Edema", "Fracture")


def draw_image(seed: int, height: int = 60, width: int = 80) -> np.ndarray:
    """Returns a smooth grey image: upscaled noise, which lossy formats change little."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 8), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC))


def jpeg(image: np.ndarray, quality: int = 95) -> bytes:
    return bytes(simplejpeg.encode_jpeg(image[:, :, None], quality=quality, colorspace="GRAY"))


def table_of(root: Path, paths: Sequence[str], **columns: object) -> ImageTable:
    """Returns a table of files below `root`, with one patient per two images."""
    count = len(paths)
    rows = pd.DataFrame(
        {
            "image_id": [f"{row:04d}" for row in range(count)],
            "path": list(paths),
            "patient_id": [f"{row // 2:03d}" for row in range(count)],
            "study_id": [f"{row // 2:03d}/1" for row in range(count)],
            "view": "frontal PA",
            "sex": "F",
            "age": [np.nan if row % 3 == 0 else 40.0 + row for row in range(count)],
            "split": "train",
            "Edema": [(1.0, 0.0, -1.0, np.nan)[row % 4] for row in range(count)],
            "Fracture": np.nan,
        }
    )
    return ImageTable(rows.assign(**columns), FINDINGS, "folder", root, {"synthetic": True})


def files(folder: Path) -> dict[str, bytes]:
    """Returns the content of every file of a store."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def read_everything(folder: Path) -> None:
    """Reads everything in a store; raises an error if anything was changed."""
    opened = open_store(folder)
    _ = opened.table, opened.sources, opened.rejected(), opened.near_duplicates()
    for row in range(len(opened)):
        _ = opened.pixels[row]


def flip(path: Path, place: int, bit: int = 1) -> None:
    """Changes bits of one byte of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= bit
    path.write_bytes(content)


def refused(folder: Path) -> str:
    """Reads everything in a damaged store, and returns the error's one line."""
    with pytest.raises(InputError) as caught:
        read_everything(folder)
    assert "\n" not in str(caught.value)
    assert "run `prepare` again" in str(caught.value)
    return str(caught.value)


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[[int], ImageTable]:
    """Returns a function that writes JPEG files and returns their table."""

    def write(count: int) -> ImageTable:
        root = tmp_path / "data"
        (root / "train").mkdir(parents=True)
        paths = [f"train/{row:03d}.jpg" for row in range(count)]
        for row, path in enumerate(paths):
            (root / path).write_bytes(jpeg(draw_image(row)))
        return table_of(root, paths)

    return write


@pytest.fixture
def store(folder_of: Callable[[int], ImageTable], tmp_path: Path) -> Path:
    """Writes a store of six images, one of them rejected."""
    table = folder_of(6)
    (table.root / "train/004.jpg").write_bytes(b"broken")
    return prepare(table, tmp_path / "store", 16, workers=1, max_rejected=0.5).folder
