"""Tests of the detector: film, collimation, markers and noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.synthetic.imaging.projection import Projection
from cxrcompare.synthetic.imaging.radiograph import LETTERS, TALL, collimate, develop, film, mark
from cxrcompare.synthetic.shapes.geometry import Exposure

EXPOSURE = Exposure("PA", 96, 80, 0.4, 180.0, 15.0)


def slab(low: float = 1.0, high: float = 4.0) -> Projection:
    """Returns attenuation that rises from the left to the right, without lung."""
    attenuation = np.tile(np.linspace(low, high, 80), (96, 1))
    return Projection(attenuation, np.zeros((96, 80)), np.zeros((96, 80)), {})


def test_the_image_of_the_same_random_numbers_is_the_same():
    one, other = (develop(slab(), EXPOSURE, np.random.default_rng(1)) for _ in range(2))
    assert one.dtype == np.uint8
    assert one.shape == (96, 80)
    np.testing.assert_array_equal(one, other)


def test_dense_tissue_is_bright():
    for seed in range(8):
        image = develop(slab(), EXPOSURE, np.random.default_rng(seed))[8:-8]
        left, middle, right = image[:, 6:26].mean(), image[:, 30:50].mean(), image[:, 54:74].mean()
        assert left < middle < right


def noise(dose: float) -> float:
    """Returns the spread between neighbouring pixels of a slab whose texture is the same."""
    flat = Projection(np.full((96, 80), 3.0), np.zeros((96, 80)), np.zeros((96, 80)), {})
    images = [
        develop(flat, replace(EXPOSURE, dose=dose), np.random.default_rng(seed)).astype(float)
        for seed in range(3)
    ]
    return float(np.mean([np.diff(image[10:-10, 10:-10], axis=1).std() for image in images]))


def test_fewer_quanta_are_more_noise():
    assert noise(3.0) > 1.5 * noise(3000.0)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(-3, 3))
def test_the_film_does_not_depend_on_the_exposure_time(seed, shift):
    # a longer exposure adds a constant to the density; the window follows
    density = np.tile(np.linspace(4.0, 8.0, 60), (50, 1))
    plain = film(density, EXPOSURE, np.random.default_rng(seed))
    other = film(density + shift, EXPOSURE, np.random.default_rng(seed))
    assert np.abs(plain.astype(int) - other).max() <= 1
    assert plain.min() >= 2
    assert plain.max() <= 254


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_collimation_blackens_edges_and_leaves_the_rest(seed):
    image = np.full((60, 50), 200, np.uint8)
    found = collimate(image, np.random.default_rng(seed))
    assert set(np.unique(found)) <= {0, 200}
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    assert (found[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] == 200).all()
    # at most 6 % of each side
    assert rows[0] <= 3
    assert rows[-1] >= 56
    assert columns[0] <= 3
    assert columns[-1] >= 46


def test_one_image_of_four_may_be_collimated():
    image = np.full((200, 200), 200, np.uint8)
    cut = [(collimate(image, np.random.default_rng(seed)) == 0).any() for seed in range(800)]
    # 1/4 of the images, and of these 15 of 16 have an edge that is cut: 0.234
    # Four standard errors of 800 are 0.06; cuts of less than a pixel are none.
    assert np.mean(cut) == pytest.approx(0.234, abs=0.06)


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("position", [(0.5, 0.25), (0.06, 0.07), (0.9, 0.9)])
def test_a_marker_is_drawn_where_the_exposure_says(letter, position):
    image = np.zeros((200, 160), np.uint8)
    found = mark(image, replace(EXPOSURE, marker=letter, marker_position=position))
    rows, columns = np.nonzero(found)
    middle = (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2
    # 0.028 * 200 = 5.6 pixels tall
    assert middle == pytest.approx((position[0] * 160, position[1] * 200), abs=1.5)
    assert np.ptp(rows) == pytest.approx(200 * TALL[letter], abs=4 if letter == "A" else 2)
    assert 200 < found.max() <= 245


def test_without_a_marker_the_image_is_as_it_was():
    image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    np.testing.assert_array_equal(mark(image.copy(), EXPOSURE), image)


def test_an_unknown_marker_is_an_error():
    with pytest.raises(KeyError):
        mark(np.zeros((9, 9), np.uint8), replace(EXPOSURE, marker="Q"))
