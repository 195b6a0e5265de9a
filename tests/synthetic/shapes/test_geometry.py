"""Tests of the rays of an exposure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.synthetic.shapes.geometry import VIEWS, Exposure

STRAIGHT = Exposure("PA", 5, 7, 2.0, 180.0, 20.0, offset=(0.0, 0.0))
SHARES = st.floats(-1, 1)


@pytest.mark.parametrize(
    ("view", "source", "right"),
    [
        # PA: the source is behind (-y), the detector in front; the patient's left (+x) is right
        ("PA", (0, -160, 0), (1, 0, 0)),
        # AP: the source is in front; the image is shown as if seen from the front, too
        ("AP", (0, 160, 0), (1, 0, 0)),
        # lateral: the source is at the patient's right, the front is left in the image
        ("lateral", (-160, 0, 0), (0, -1, 0)),
    ],
)
def test_where_the_source_is_and_what_is_right_in_the_image(view, source, right):
    rays = replace(STRAIGHT, view=view).rays
    np.testing.assert_allclose(rays.source, source, atol=1e-12)
    np.testing.assert_allclose(rays.column, np.array(right) * 2.0, atol=1e-12)
    np.testing.assert_allclose(rays.row, [0, 0, -2.0], atol=1e-12)


def test_the_middle_pixel_is_at_the_distance_of_the_detector():
    # 180 cm to the middle; the corner is 3 columns and 2 rows of 2 cm away: sqrt(180^2 + 36 + 16)
    length = STRAIGHT.rays.length
    assert length.shape == (5, 7)
    assert length[2, 3] == pytest.approx(180.0)
    assert length[0, 0] == length[4, 6] == pytest.approx(np.sqrt(180**2 + 36 + 16))


def test_magnification_by_hand():
    # the origin is 160 cm from the source, the detector 180: 1 cm there is 1.125 cm, 0.5625 pixels
    column, row, scale = STRAIGHT.rays.project(np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 1]]))
    np.testing.assert_allclose(column, [3, 3.5625, 3], atol=1e-12)
    np.testing.assert_allclose(row, [2, 2, 1.4375], atol=1e-12)
    np.testing.assert_allclose(scale, 0.5625)


@given(
    st.sampled_from(VIEWS),
    st.tuples(SHARES, SHARES),
    st.tuples(SHARES, SHARES),
    st.floats(0, 6),
    st.floats(0, 4),
    st.floats(0.3, 1.5),
)
def test_every_point_of_a_ray_is_projected_to_its_pixel(view, angles, offset, column, row, part):
    yaw, tilt = angles
    rays = replace(STRAIGHT, view=view, yaw=yaw, tilt=tilt, offset=offset).rays
    point = rays.source + part * (rays.corner + column * rays.column + row * rays.row)
    found = rays.project(point[None])
    np.testing.assert_allclose(np.ravel(found), [column, row, 1 / (2.0 * part)], atol=1e-8)


@given(st.sampled_from(VIEWS), SHARES, SHARES)
def test_turns_keep_all_lengths_and_right_angles(view, yaw, tilt):
    rays = replace(STRAIGHT, view=view, yaw=yaw, tilt=tilt).rays
    np.testing.assert_allclose(rays.length, STRAIGHT.rays.length)
    assert np.linalg.norm(rays.column) == pytest.approx(2.0)
    assert np.linalg.norm(rays.row) == pytest.approx(2.0)
    assert rays.column @ rays.row == pytest.approx(0.0, abs=1e-12)


def test_a_turn_about_the_long_axis_moves_source_and_detector():
    # a quarter turn: the source of a PA image, behind, comes to the patient's left, x = 160
    rays = replace(STRAIGHT, yaw=np.pi / 2).rays
    np.testing.assert_allclose(rays.source, [160, 0, 0], atol=1e-9)
    np.testing.assert_allclose(rays.column, [0, 2, 0], atol=1e-12)


def test_an_offset_moves_the_middle_of_the_image():
    moved = replace(STRAIGHT, offset=(3.0, -4.0)).rays
    np.testing.assert_allclose(moved.source - STRAIGHT.rays.source, [3, 0, -4], atol=1e-12)
