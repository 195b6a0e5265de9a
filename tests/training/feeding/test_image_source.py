"""Image sources: a split of a store or files; ids in the order of the images; what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.training.feeding.image_source import BATCH, open_source

from ..tiny import write_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_store(tmp_path_factory.mktemp("source") / "store", images=120)


def test_a_store_gives_the_images_and_ids_of_a_split(store):
    source = open_source(store, "valid")
    rows = source.store.table.rows
    expected = rows[rows["split"] == "valid"]
    found = np.concatenate([*source.batches(32)])
    assert len(found) % BATCH == 0
    for position, row in enumerate(expected.index):
        np.testing.assert_array_equal(found[position, ..., 0], source.store.pixels[row])
    assert source.ids() == {
        f"{name}_ids": expected[f"{name}_id"].tolist() for name in ("image", "study", "patient")
    }


def test_files_are_named_once_they_are_read_and_each_reading_starts_again(store, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("b", "a"):
        shutil.copy(store.with_name("store-source") / "1.png", folder / f"{name}.png")
    (folder / "c.png").write_bytes(b"no image")
    source = open_source(folder, "test")
    assert len(source) == 3
    for _ in range(2):
        found = np.concatenate([*source.batches(32)])
        assert source.ids() == {"image_ids": ["a.png", "b.png"]}
        assert list(source.found.rejected) == ["c.png"]
        image = cv2.imread(str(folder / "a.png"), cv2.IMREAD_GRAYSCALE)
        np.testing.assert_array_equal(found[1, ..., 0], image)
        assert not found[2:].any()


@pytest.mark.parametrize(("strict", "name"), [(True, ""), (False, "c.png")])
def test_a_file_that_cannot_be_decoded_is_an_error(tmp_path, strict, name):
    (tmp_path / "c.png").write_bytes(b"no image")
    source = open_source(tmp_path / name, "test", strict)
    with pytest.raises(InputError, match=r"c\.png"):
        list(source.batches(32))


def test_a_split_without_images_is_refused(store):
    with pytest.raises(InputError, match="must hold images of the split 'none'"):
        open_source(store, "none")
