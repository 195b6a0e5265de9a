"""Tests of the reduction to 8 bits: percentiles, windows and full ranges."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.pixels import apply_windowing

from cxrcompare.images.decoding.levels import (
    eight_bits,
    full_levels,
    percentile_levels,
    window_levels,
)

COUNTS = st.lists(st.integers(0, 5000), min_size=1, max_size=40)


def test_percentile_levels_by_hand():
    # 2000 pixels: 2 of them at 10, so 10 is the smallest value that 0.1 % do not exceed; 1997 up to
    # 30, and 1999 up to 40, so 40 is the smallest that 99.9 % do not exceed: (v - 10) / 30 * 255.
    levels = percentile_levels(np.array([10.0, 30, 40, 90]), np.array([2, 1995, 2, 1]))
    assert levels.tolist() == [0, 170, 255, 255]


def test_equal_percentiles_give_the_full_range():
    # 1 of 5000 pixels differs, which is less than 0.1 %: 0 is black and 8 is white
    assert percentile_levels(np.array([0.0, 8]), np.array([4999, 1])).tolist() == [0, 255]


def test_a_constant_image_and_an_image_of_padding_alone_are_black():
    assert not percentile_levels(np.array([3.0, 5, 9]), np.array([0, 7, 0])).any()
    assert not percentile_levels(np.array([3.0, 5, 9]), np.zeros(3, int)).any()


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_values_does_not_matter(counts, chance):
    order = list(range(len(counts)))
    chance.shuffle(order)
    values, pixels = np.arange(len(counts)) ** 1.5, np.array(counts)
    plain = percentile_levels(values, pixels)
    assert (percentile_levels(values[order], pixels[order]) == plain[order]).all()


@given(COUNTS, st.integers(1, 64), st.integers(-10_000, 10_000), st.integers(2, 50))
def test_units_and_image_size_do_not_matter(counts, slope, intercept, times):
    values, pixels = np.arange(float(len(counts))), np.array(counts)
    plain = percentile_levels(values, pixels)
    other = percentile_levels(slope * values + intercept, pixels)
    assert np.abs(other.astype(int) - plain).max() <= 1  # a half may be rounded either way
    assert np.all(np.diff(plain.astype(int)) >= 0)
    assert (percentile_levels(values, times * pixels) == plain).all()


@given(COUNTS)
def test_percentiles_are_the_smallest_values_that_the_shares_do_not_exceed(counts):
    pixels = np.repeat(np.arange(len(counts)), counts)
    if not len(pixels):
        return
    low, high = np.percentile(pixels, (0.1, 99.9), method="inverted_cdf")
    levels = percentile_levels(np.arange(float(len(counts))), np.array(counts))
    if low < high:
        assert not levels[: int(low) + 1].any()
        assert (levels[int(high) :] == 255).all()


def test_percentiles_agree_with_numpys():
    values = np.random.default_rng(3).gamma(3, 400, (70, 90)).astype(np.uint16)
    low, high = np.percentile(values, (0.1, 99.9), method="inverted_cdf").astype(float)
    counts = np.bincount(values.ravel(), minlength=2**16)
    levels = percentile_levels(np.arange(2.0**16), counts)
    assert (levels[values] == np.rint(np.clip((values - low) / (high - low), 0, 1) * 255)).all()


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), [(2048, 4096), (700.5, 333.25), (-50, 900), (1, 2)])
def test_windows_agree_with_pydicoms_own(function, center, width):
    values = np.arange(4096)
    header = pydicom.Dataset()
    header.BitsStored, header.PixelRepresentation = 12, 0
    header.PhotometricInterpretation = "MONOCHROME2"
    header.WindowCenter, header.WindowWidth, header.VOILUTFunction = center, width, function
    theirs = apply_windowing(values, header) / 4095 * 255
    ours = window_levels(values.astype(float), center, width, function)
    assert np.abs(ours - theirs).max() <= 0.51


@given(
    st.floats(-1e5, 1e5), st.floats(1, 1e5), st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"])
)
def test_a_window_rises_from_black_to_white(center, width, function):
    values = np.concatenate([[-1e9], np.linspace(center - width, center + width, 99), [1e9]])
    levels = window_levels(values, center, width, function).astype(int)
    assert (levels[0], levels[-1]) == (0, 255)
    assert np.all(np.diff(levels) >= 0)


def test_full_levels_by_hand():
    # 12 bits: 4095 is white, 2048 / 4095 * 255 = 127.53; 1 bit: 1 is white
    assert full_levels(np.array([0.0, 2048, 4095]), 12).tolist() == [0, 128, 255]
    assert full_levels(np.array([0.0, 1]), 1).tolist() == [0, 255]


def test_eight_bits_of_a_ramp_by_hand():
    # 1000 pixels 0..999: 0 is the 0.1th percentile, 998 the 99.9th: v / 998 * 255
    ramp = np.arange(1000, dtype=np.uint16).reshape(20, 50)
    assert (eight_bits(ramp) == np.rint(np.minimum(ramp / 998, 1) * 255)).all()
