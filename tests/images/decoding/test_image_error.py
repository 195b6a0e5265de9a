"""Tests of the limits of an image's size."""

from __future__ import annotations

import pytest

from cxrcompare.images.decoding.image_error import MAX_PIXELS, MAX_SIDE, ImageError, check_shape


@pytest.mark.parametrize("shape", [(1, 1), (1, MAX_SIDE), (MAX_SIDE, 1), (8192, 8192)])
def test_shapes_up_to_the_limits_are_accepted(shape):
    check_shape(*shape)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((0, 5), "has no pixels: 0x5"),
        ((5, -1), "has no pixels: 5x-1"),
        ((1, MAX_SIDE + 1), f"1x{MAX_SIDE + 1} pixels are more than the {MAX_PIXELS:,}"),
        ((8192, 8193), "8192x8193 pixels are more than"),
    ],
)
def test_other_shapes_are_refused_with_the_limits(shape, message):
    with pytest.raises(ImageError, match=message):
        check_shape(*shape)
