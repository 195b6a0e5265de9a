"""Tests of reading untrusted files without a store: blocks in order, bad files rejected alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cxrcompare.image_table import ImageTable
from cxrcompare.images.decoding.decode import load
from cxrcompare.images.decoding.reading_files import read_images

from ..conftest import draw_image, jpeg


def read(root: Path, paths: list[str], size: int, workers: int) -> tuple[np.ndarray, dict]:
    """Returns all images, (N, size, size), and all rejected rows."""
    found = [(block, images.copy()) for block, images in read_images(root, paths, size, workers)]
    assert [row for block, _ in found for row in block.rows] == list(range(len(paths)))
    rejected = {row: reason for block, _ in found for row, reason in block.rejected.items()}
    images = [images for _, images in found]
    return np.concatenate([np.empty((0, size, size), np.uint8), *images]), rejected


@pytest.mark.parametrize("workers", [1, 2])
def test_images_come_in_order_and_as_in_a_store(
    folder_of: Callable[[int], ImageTable], workers: int
):
    # 400 images of 32 in a block: more blocks than the temporary file has room for at a time
    table = folder_of(400)
    paths = table.rows["path"].tolist()
    images, rejected = read(table.root, paths, 16, workers)
    assert rejected == {}
    assert images.shape == (400, 16, 16)
    for row in range(0, 400, 23):
        assert (images[row] == load(table.root / paths[row], 16)).all()


def test_bad_files_are_rejected_alone(folder_of: Callable[[int], ImageTable]):
    table = folder_of(40)
    paths = table.rows["path"].tolist()
    (table.root / paths[3]).write_text("no image")
    (table.root / paths[33]).unlink()
    images, rejected = read(table.root, paths, 16, 2)
    assert rejected == {
        3: "must be a JPEG, PNG or DICOM file by its content",
        33: "cannot be read: No such file or directory",
    }
    kept = [row for row in range(40) if row not in rejected]
    for position, row in enumerate(kept):
        assert (images[position] == load(table.root / paths[row], 16)).all()


def test_a_name_that_is_no_utf8_is_rejected(tmp_path: Path):
    name = b"a\xff.jpg".decode(errors="surrogateescape")
    for path in (name, "b.jpg", "c\n.jpg"):
        (tmp_path / path).write_bytes(jpeg(draw_image(0)))
    images, rejected = read(tmp_path, [name, "b.jpg", "c\n.jpg"], 16, 1)
    assert rejected == {0: "the file's name must be UTF-8"}
    assert (images == load(tmp_path / "b.jpg", 16)).all()
    assert len(images) == 2


def test_no_file_is_no_image(tmp_path: Path):
    images, rejected = read(tmp_path, [], 16, 2)
    assert len(images) == 0
    assert rejected == {}


def test_the_temporary_file_is_removed_even_if_reading_stops_early(
    folder_of: Callable[[int], ImageTable], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    table = folder_of(70)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    blocks = read_images(table.root, table.rows["path"].tolist(), 16, 1)
    next(blocks)
    assert len(list((tmp_path / "temporary").iterdir())) == 1
    blocks.close()
    assert list((tmp_path / "temporary").iterdir()) == []
