"""Overlays: colours by sign, opacity by size, the image never hidden, one scale."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from cxrcompare.explaining import overlays

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
    np.testing.assert_array_equal(found[20, 20], expected)


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
    read = cv2.imdecode(np.frombuffer(overlays.png(image), np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(read[:, :, ::-1], image)
    grey = cv2.imdecode(np.frombuffer(overlays.jpeg(IMAGE), np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.abs(grey.astype(int) - IMAGE).max() <= 2
