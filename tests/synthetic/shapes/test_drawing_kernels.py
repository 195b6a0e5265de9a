"""Tests of the compiled loops: curves, discs and clouds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BPoly

from cxrcompare.synthetic.shapes import drawing_kernels
from cxrcompare.synthetic.shapes.solids import resample

SEEDS = st.integers(0, 10_000)


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.integers(2, 20))
def test_beziers_agree_with_scipys(seed, count):
    knots = np.random.default_rng(seed).normal(0, 5, (4, 3, 3))
    points = np.empty((3, count, 3))
    weight = drawing_kernels.beziers(knots, points)
    for curve in range(3):
        expected = BPoly(knots[:, curve][:, None], [0, 1])(np.linspace(0, 1, count))
        np.testing.assert_allclose(points[curve], expected, atol=1e-9)
        steps = np.linalg.norm(np.diff(points[curve], axis=0), axis=1)
        half = 0.5 * (np.append(steps, 0) + np.append(0, steps))
        np.testing.assert_allclose(weight[curve], half, atol=1e-9)


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.integers(3, 7))
def test_a_smooth_curve_goes_through_its_knots(seed, count):
    knots = np.random.default_rng(seed).normal(0, 5, (count, 3))
    points = drawing_kernels.smooth(knots)
    assert points.shape == (12 * (count - 1) + 1, 3)
    np.testing.assert_allclose(points[::12], knots, atol=1e-9)


def test_a_smooth_curve_through_points_of_a_line_is_the_line():
    knots = np.linspace([0.0, 1, 2], [6, 4, -1], 4)
    expected = np.linspace(knots[0], knots[-1], 37)
    np.testing.assert_allclose(drawing_kernels.smooth(knots), expected, atol=1e-12)


def test_points_of_a_bent_line_are_evenly_spaced_by_hand():
    # 3 + 4 = 7 cm in steps of at most 2 cm: int(7 / 2) + 1 = 4 points, 7 / 3 cm apart
    knots = np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]])
    found = drawing_kernels.evenly(knots, 2.0)
    expected = [[0, 0, 0], [7 / 3, 0, 0], [3, 14 / 3 - 3, 0], [3, 4, 0]]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(2, 6), st.floats(0.05, 3))
def test_resampled_points_keep_the_ends_and_the_length(seed, count, spacing):
    knots = np.random.default_rng(seed).normal(0, 5, (count, 3))
    found = resample(knots, spacing)
    np.testing.assert_allclose(found[[0, -1]], knots[[0, -1]], atol=1e-9)
    curve = drawing_kernels.smooth(knots) if count > 2 else knots
    total = np.linalg.norm(np.diff(curve, axis=0), axis=1).sum()
    assert len(found) == max(2, int(total / spacing) + 1)
    steps = np.linalg.norm(np.diff(found, axis=0), axis=1)
    assert steps.max() <= total / (len(found) - 1) + 1e-9


def test_equal_points_are_no_error():
    found = resample(np.ones((3, 3)), 0.5)
    np.testing.assert_array_equal(found, np.ones((2, 3)))


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_lengths_of_several_curves_are_those_of_each_alone(seed, counts):
    points = np.random.default_rng(seed).normal(0, 3, (sum(counts), 3))
    found = drawing_kernels.lengths(points, np.cumsum(counts))
    cuts = np.cumsum(counts)[:-1]
    for part, curve in zip(np.split(found, cuts), np.split(points, cuts), strict=True):
        total = np.linalg.norm(np.diff(curve, axis=0), axis=1).sum()
        assert part.sum() == pytest.approx(total)


@settings(deadline=None, max_examples=40)
@given(st.floats(8, 22), st.floats(8, 32), st.floats(0.3, 6), st.floats(-5, 5))
def test_a_disc_has_its_area_around_its_centre(row, column, radius, area):
    out = np.zeros((31, 41))
    one = np.array([column]), np.array([row]), np.array([radius]), np.array([area])
    drawing_kernels.discs(*one, out)
    assert out.sum() == pytest.approx(area, abs=1e-9)
    away = np.hypot(np.arange(31)[:, None] - row, np.arange(41)[None] - column)
    assert not out[away > radius + 0.5].any()
    if abs(area) > 1e-3:
        inner = out[away < radius - 0.5]
        np.testing.assert_allclose(inner, inner[0] if len(inner) else 0, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.floats(-8, 18), st.floats(-8, 18), st.floats(0.3, 6))
def test_a_disc_over_the_edge_is_the_part_of_the_whole_disc_inside(row, column, radius):
    small, large = np.zeros((10, 12)), np.zeros((60, 62))
    radii, area = np.array([radius]), np.array([3.0])
    drawing_kernels.discs(np.array([column]), np.array([row]), radii, area, small)
    drawing_kernels.discs(np.array([column + 25]), np.array([row + 25]), radii, area, large)
    np.testing.assert_allclose(small, large[25:35, 25:37], atol=1e-9)


def test_a_cloud_by_hand():
    # standard deviations 2 across and 1 down, height 3 at column 5, row 4:
    # one pixel right exp(-1/8), one down exp(-1/2)
    out = np.zeros((9, 11))
    drawing_kernels.clouds(
        np.array([[5.0, 4.0]]), np.array([[[4.0, 0], [0, 1]]]), np.array([3.0]), out
    )
    assert out[4, 5] == pytest.approx(3.0)
    assert out[4, 6] == out[4, 4] == pytest.approx(3 * np.exp(-1 / 8))
    assert out[5, 5] == out[3, 5] == pytest.approx(3 * np.exp(-1 / 2))


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_clouds_have_the_integral_of_gaussians_and_add_up(seed):
    rng = np.random.default_rng(seed)
    side = rng.uniform(-1, 1, (2, 2, 2))
    covariances = side @ side.transpose(0, 2, 1) + np.eye(2) * rng.uniform(1, 4)
    centres, heights = rng.uniform(25, 35, (2, 2)), rng.uniform(-2, 2, 2)
    both, each = np.zeros((60, 60)), np.zeros((2, 60, 60))
    drawing_kernels.clouds(centres, covariances, heights, both)
    for one in range(2):
        part = slice(one, one + 1)
        drawing_kernels.clouds(centres[part], covariances[part], heights[part], each[one])
        volume = 2 * np.pi * np.sqrt(np.linalg.det(covariances[one])) * heights[one]
        assert each[one].sum() == pytest.approx(volume, rel=0.005)
    np.testing.assert_allclose(both, each.sum(axis=0), atol=1e-12)
