"""Tests of resizing any shape to a square."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cxrcompare.errors import InputError
from cxrcompare.images.decoding.resize import fit, fitted

from ..conftest import draw_image


def test_a_square_of_the_size_is_returned_as_it_is():
    image = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert (fit(image, 4) == image).all()


def test_halving_averages_each_two_by_two_square():
    # (10+20+30+40)/4 = 25, (0+0+8+8)/4 = 4, (1+1+1+1)/4 = 1, (200+100+100+200)/4 = 150
    image = np.array([[10, 20, 0, 0], [30, 40, 8, 8], [1, 1, 200, 100], [1, 1, 100, 200]], np.uint8)
    assert fit(image, 2).tolist() == [[25, 4], [1, 150]]


def test_wide_image_is_centred_between_black_rows():
    # 2x4 into 4: two rows of image, (4 - 2) // 2 = 1 black row above and 1 below
    image = np.full((2, 4), 9, np.uint8)
    assert fit(image, 4)[:, 0].tolist() == [0, 9, 9, 0]


def test_odd_padding_leaves_the_spare_column_at_the_right():
    # 4x1 into 4: (4 - 1) // 2 = 1 black column at the left, 2 at the right
    image = np.full((4, 1), 9, np.uint8)
    assert fit(image, 4)[0].tolist() == [0, 9, 0, 0]


def test_chexpert_small_shape_by_hand():
    # 390x320 to 320: 320 * 320 / 390 = 262.56, nearest whole number 263
    assert fitted(390, 320, 320) == (320, 263)
    assert fitted(320, 390, 320) == (263, 320)


def test_half_rounds_up():
    # 4 wide, 1 high, into 2: 0.5 -> 1 ; 8 wide, 5 high into 4: 2.5 -> 3
    assert fitted(2, 3, 3) == (2, 3)
    assert fitted(1, 4, 2) == (1, 2)
    assert fitted(5, 8, 4) == (3, 4)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 40), st.integers(1, 255))
def test_a_flat_image_stays_flat_and_the_rest_is_black(height, width, size, level):
    square = fit(np.full((height, width), level, np.uint8), size)
    rows, columns = fitted(height, width, size)
    assert square.shape == (size, size)
    assert max(rows, columns) == size
    assert (square == level).sum() == rows * columns
    assert (square == 0).sum() == size * size - rows * columns


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 512))
def test_the_fitted_shape_is_the_nearest_that_keeps_the_aspect_ratio(height, width, size):
    rows, columns = fitted(height, width, size)
    longer = max(height, width)
    assert rows == 1 or abs(rows - height * size / longer) <= 0.5
    assert columns == 1 or abs(columns - width * size / longer) <= 0.5


def test_turning_the_image_turns_the_square():
    image = np.random.default_rng(0).integers(0, 256, (30, 50), dtype=np.uint8)
    # the padding is even on both sides here, so a half turn maps it onto itself
    turned = fit(np.rot90(image, 2).copy(), 20).astype(int)
    assert np.abs(turned - np.rot90(fit(image, 20), 2)).max() <= 1


def test_shrinking_agrees_with_pillows_box_filter():
    image = np.random.default_rng(1).integers(0, 256, (400, 400), dtype=np.uint8)
    box = np.asarray(Image.fromarray(image).resize((100, 100), Image.Resampling.BOX)).astype(int)
    assert np.abs(fit(image, 100) - box).max() <= 1


def test_fine_stripes_become_grey_and_do_not_alias():
    # Stripes of one pixel cannot be shown at a third of the size: each new pixel is the mean of
    # three, 85 or 170, never the full 0 or 255 that dropping pixels would give.
    image = np.zeros((90, 90), np.uint8)
    image[:, ::2] = 255
    assert set(np.unique(fit(image, 30))) <= {85, 170}


@pytest.mark.parametrize(
    "image",
    [np.zeros((3, 3, 3), np.uint8), np.zeros((3, 3), np.float32), np.zeros((0, 3), np.uint8)],
)
def test_other_arrays_are_refused(image):
    with pytest.raises(InputError, match="uint8"):
        fit(image, 4)


def test_a_size_below_one_is_refused():
    with pytest.raises(InputError, match="size=0"):
        fit(np.zeros((3, 3), np.uint8), 0)


def test_shrinking_is_as_near_to_pillows_lanczos_as_filters_are_to_each_other():
    image = draw_image(5, 900, 1100)
    lanczos = Image.fromarray(image).resize((320, 262), Image.Resampling.LANCZOS)
    found = fit(image, 320)[29:291]
    assert np.abs(found.astype(int) - np.asarray(lanczos)).max() <= 2


@pytest.mark.parametrize("shape", [(60, 80), (80, 60), (20, 30), (40, 40), (33, 40)])
def test_the_square_is_written_to_out(shape):
    image = draw_image(3, *shape)
    block = np.full((3, 40, 40), 7, np.uint8)
    assert fit(image, 40, block[1]).base is block
    assert (block[1] == fit(image, 40)).all()
    assert (block[[0, 2]] == 7).all()
