"""Tests of the contact sheet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cxrcompare.errors import InputError
from cxrcompare.images.prepare import prepare
from cxrcompare.images.preview import GAP, TITLE, preview


def test_the_sheet_holds_the_first_and_the_last_image_in_a_grid(folder_of, tmp_path):
    store = prepare(folder_of(7), tmp_path / "store", 16, workers=1)
    # four of seven: rows 0, 2, 4, 6; two by two; each tile 16 wide with 4 between; a title above
    with Image.open(preview(store, 4, tmp_path / "sheet.png")) as image:
        sheet = np.asarray(image)[TITLE:]
    assert sheet.shape == (2 * (16 + GAP) + GAP, 2 * (16 + GAP) + GAP)
    for row, (top, left) in zip((0, 2, 4, 6), ((4, 4), (4, 24), (24, 4), (24, 24)), strict=True):
        assert (sheet[top : top + 16, left : left + 16] == store.pixels[row]).all()


def test_more_than_there_are_shows_all(folder_of, tmp_path):
    store = prepare(folder_of(3), tmp_path / "store", 16, workers=1)
    with Image.open(preview(store, 99, tmp_path / "new" / "sheet.png")) as sheet:
        assert sheet.size == (2 * (16 + GAP) + GAP, 2 * (16 + GAP) + GAP + TITLE)


def test_synthetic_images_are_marked(folder_of, tmp_path):
    table = folder_of(4)
    plain = prepare(replace(table, notes={}), tmp_path / "plain", 16, workers=1)
    drawn = prepare(replace(table, notes={"synthetic": True}), tmp_path / "drawn", 16, workers=1)
    with (
        Image.open(preview(plain, 4, tmp_path / "plain.png")) as unmarked,
        Image.open(preview(drawn, 4, tmp_path / "drawn.png")) as marked,
    ):
        below = np.asarray(marked)[TITLE:]
        assert (below == np.asarray(unmarked)).all()
        assert (np.asarray(marked)[:TITLE] > 128).any()


def test_no_image_is_refused(folder_of, tmp_path):
    store = prepare(folder_of(1), tmp_path / "store", 16, workers=1)
    with pytest.raises(InputError, match="count=0"):
        preview(store, 0, tmp_path / "sheet.png")
