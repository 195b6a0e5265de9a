"""Alterations of size and shape, on images with known content."""

import numpy as np

from cxrcompare.doctor.network_input import changed_shape


def image_with_bars(size=32, bar=4, value=200):
    image = np.full((size, size), value, np.uint8)
    image[:, :bar] = image[:, size - bar :] = 0
    return image


def test_bars_are_removed_by_stretching_and_by_fitting_the_short_side():
    image = image_with_bars()
    image[:16] //= 2
    for change in (changed_shape.stretched, changed_shape.short_side):
        new = change(image[None])[0]
        assert new.shape == (32, 32)
        assert (new[:14] == 100).all()
        assert (new[18:] == 200).all()


def test_the_short_side_keeps_the_aspect_ratio_and_stretching_does_not():
    """Inside the bars, a square of 8 x 8 is at the centre of 32 rows and 16 columns."""
    image = image_with_bars(bar=8, value=50)
    image[12:20, 12:20] = 250
    stretched = changed_shape.stretched(image[None])[0] > 150
    short = changed_shape.short_side(image[None])[0] > 150
    assert (stretched.any(axis=1).sum(), stretched.any(axis=0).sum()) == (8, 16)
    assert (short.any(axis=1).sum(), short.any(axis=0).sum()) == (16, 16)


def test_dark_borders_on_all_sides_are_no_bars():
    image = np.zeros((1, 32, 32), np.uint8)
    image[0, 5:20, 5:20] = 9
    black = np.zeros((1, 32, 32), np.uint8)
    for one in (image, black):
        assert np.array_equal(changed_shape.stretched(one), one)
        assert np.array_equal(changed_shape.short_side(one), one)


def test_a_crop_removes_a_sixteenth_of_each_edge_and_padding_adds_it():
    images = np.full((2, 32, 32), 7, np.uint8)
    images[:, 2:30, 2:30] = 90
    assert (changed_shape.cropped(images) == 90).all()
    padded = changed_shape.padded(np.full((2, 32, 32), 90, np.uint8))
    assert (padded[:, 2:30, 2:30] == 90).all()
    assert (padded > 0).sum() == 2 * 28 * 28
