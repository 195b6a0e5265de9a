"""Overlays: colours by sign, opacity by size, the image never hidden, one scale."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from cxrcompare.explaining import overlays
from cxrcompare.explaining.maps import Maps

IMAGE = np.full((40, 40), 100, np.uint8)


def test_no_evidence_leaves_the_image():
    np.testing.assert_array_equal(
        overlays.overlay(IMAGE, np.zeros((4, 4)), 1.0), np.repeat(IMAGE[..., None], 3, 2)
    )


@pytest.mark.parametrize(("sign", "colour"), [(1, overlays.FOR), (-1, overlays.AGAINST)])
def test_full_colour_by_hand(sign, colour):
    found = overlays.overlay(IMAGE, np.full((2, 2), sign * 7.0), 3.0)
    expected = np.rint(0.4 * 100 + 0.6 * np.array(colour))
    np.testing.assert_array_equal(found, np.broadcast_to(expected, found.shape))


def test_half_the_value_has_half_the_opacity():
    found = overlays.overlay(IMAGE, np.full((2, 2), 1.5), 3.0)
    expected = np.rint(0.7 * 100 + 0.3 * np.array(overlays.FOR))
    step = 0.6 * 255 / 127  # of the opacity times the largest contrast
    assert np.abs(found[20, 20] - expected).max() <= step


def test_a_cell_is_coloured_in_its_place():
    values = np.zeros((4, 4))
    values[3, 0] = 1
    changed = (overlays.overlay(IMAGE, values, 1.0) != IMAGE[..., None]).any(2)
    assert changed[35, 5]
    assert not changed[:20].any()
    assert not changed[:, 20:].any()


def test_the_scale_is_common_and_ignores_the_sign():
    assert overlays.common_scale([np.array([-8.0] * 10), np.array([2.0] * 10)]) == 8
    assert overlays.common_scale([np.zeros(3)]) == 1
    assert overlays.common_scale([np.empty(0)]) == 1


def test_files_hold_the_colours():
    image = overlays.overlay(IMAGE, np.ones((2, 2)), 1.0)
    read = cv2.imdecode(np.frombuffer(overlays.colour_jpeg(image), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(read[:, :, ::-1].astype(int) - image).max() <= 2
    grey = cv2.imdecode(np.frombuffer(overlays.jpeg(IMAGE), np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.abs(grey.astype(int) - IMAGE).max() <= 2


def test_colours_are_those_of_the_formula():
    """Slowly, without a palette: mixed = image (1 - a) + colour a, with a = 0.6 |map| / scale."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (64, 64), dtype=np.uint8)
    values = rng.normal(size=(8, 8)).astype(np.float32)
    fine = cv2.resize(values, (64, 64), interpolation=cv2.INTER_LINEAR)[..., None] / 1.5
    opacity = np.minimum(np.abs(fine), 1) * overlays.OPACITY
    colour = np.where(fine > 0, overlays.FOR, overlays.AGAINST)
    expected = image[..., None] * (1 - opacity) + colour * opacity
    found = overlays.overlay(image, values, 1.5)
    assert np.abs(found - expected).max() <= 0.5 + 0.5 * 0.6 * 255 / 127


def test_scales_are_of_all_runs_and_shown_images():
    def made(run, findings, value):
        values = np.full((3, len(findings), 2, 2), value, np.float32)
        values[2] = 100  # not shown
        return Maps(run, ("a", "b", "c"), findings, values, values[..., 0, 0], 64)

    found = overlays.scales([made("x", ("E", "F"), 1), made("y", ("F",), -5)], 2)
    assert found == {"E": 1, "F": 5}
