"""Tests with real radiographs; skipped if they are not available."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrcompare.images import near_duplicates
from cxrcompare.images.decoding.decode import decode, load
from cxrcompare.images.prepare import prepare
from cxrcompare.images.preview import preview

from .conftest import table_of

SHARED = Path(os.environ.get("CXRCOMPARE_SHARED", Path(__file__).parents[2] / "../shared"))
NIH = SHARED / "data/nih-1000"
pytestmark = pytest.mark.skipif(not NIH.is_dir(), reason=f"{NIH} is not there")


def decibels(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal to noise ratio of two images."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def test_images_of_the_size_are_stored_as_they_are(tmp_path):
    paths = [f"images/{path.name}" for path in sorted((NIH / "images").glob("*.png"))[:70]]
    store = prepare(replace(table_of(NIH, paths), notes={}), tmp_path / "store", 320)
    for row in (0, 33, 69):
        with Image.open(NIH / paths[row]) as image:
            assert (store.pixels[row] == np.asarray(image.convert("L"))).all()
    with Image.open(preview(store, 9, tmp_path / "sheet.png")) as sheet:
        assert sheet.size == (3 * 260 + 4, 3 * 260 + 4)


def test_large_originals_shrink_to_what_lanczos_gives():
    # `images` holds the same files, reduced from 1024 to 320 by Pillow's LANCZOS.
    originals = sorted((NIH / "images-1024").glob("*.png"))
    modes, distances = set(), []
    for path in originals:
        with Image.open(path) as image:
            modes.add(image.mode)
        distances.append(decibels(load(path, 320), decode(NIH / "images" / path.name)))
    assert modes == {"L", "RGBA"}
    assert min(distances) > 38
    assert np.mean(distances) > 42


def test_radiographs_of_different_patients_are_no_near_duplicates():
    images = np.stack([load(path, 128) for path in sorted((NIH / "images").glob("*.png"))])
    patients = [path.name.split("_")[0] for path in sorted((NIH / "images").glob("*.png"))]
    codes = np.unique(patients, return_inverse=True)[1]
    assert near_duplicates.find(images, codes) == []
