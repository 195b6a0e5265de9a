"""Tests of the grid: exact areas, padding, and boxes."""

import numpy as np
import pytest

from cxrcompare.images.decoding.resize import fit
from cxrcompare.localisation.regions import grid


def test_a_cell_is_the_mean_of_its_pixels_where_edges_meet():
    mask = np.random.default_rng(0).random((32, 32)) < 0.4
    expected = mask.reshape(4, 8, 4, 8).mean(axis=(1, 3))
    np.testing.assert_allclose(grid.shares(mask, 4), expected, atol=1e-6)


def test_a_cell_that_ends_within_a_pixel_counts_its_part():
    # 3 pixels in 2 cells of 1.5 pixels each: the first cell has pixel 0 and half of pixel 1.
    mask = np.array([[1, 0, 0]] * 3, dtype=bool)
    np.testing.assert_allclose(grid.shares(mask, 2), [[1 / 1.5, 0]] * 2, atol=1e-6)


@pytest.mark.parametrize("shape", [(300, 320), (320, 257), (17, 100), (5, 5)])
def test_areas_are_kept_and_padding_is_outside(shape):
    mask = np.random.default_rng(1).random(shape) < 0.3
    cell = (max(shape) / grid.SIDE) ** 2
    assert grid.shares(mask).sum() * cell == pytest.approx(mask.sum(), rel=1e-5)
    assert grid.valid(*shape).sum() * cell == pytest.approx(mask.size, rel=1e-5)
    assert (grid.shares(mask) <= grid.valid(*shape) + 1e-5).all()


def test_the_grid_lies_on_the_image_as_networks_see_it():
    # A bright block, resized and padded as for a network, is where the grid says.
    image = np.zeros((200, 320), np.uint8)
    image[40:120, 100:260] = 255
    seen = fit(image, 64).astype(float) / 255
    assert np.abs(seen - grid.shares(image > 0)).mean() < 0.01


def test_boxes_contain_the_pixels_whose_centres_they_contain():
    mask = grid.boxes_mask([(1.0, 0.0, 3.0, 2.0), (2.4, 1.0, 4.4, 3.0)], 3, 5)
    assert mask.astype(int).tolist() == [[0, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 0]]
