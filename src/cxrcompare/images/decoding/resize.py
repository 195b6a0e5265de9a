"""Resizes an image of any shape to a square: aspect ratio kept, centred, zero-padded."""

from __future__ import annotations

import cv2
import numpy as np

from cxrcompare.errors import InputError

RULE = (
    "aspect ratio kept, the longer side becomes the size, centred, padded with 0; "
    "OpenCV INTER_AREA where it shrinks, INTER_LINEAR where it grows"
)


def fit(image: np.ndarray, size: int, out: np.ndarray | None = None) -> np.ndarray:
    """Returns the image scaled to fit a square, centred and padded with 0.

    Downsampling averages over the area of each new pixel (OpenCV's INTER_AREA), which avoids
    aliasing; upsampling is bilinear. Of an odd padding, the extra row or column is at the bottom
    or right.

    Args:
        image: (H, W) uint8.
        size: The square's side in pixels.
        out: Output array, (size, size) uint8; a new array by default.

    Returns:
        (size, size) uint8: `out`, if it is given.

    Raises:
        InputError: `image` is not a non-empty grey uint8 image, or `size` is below 1.
    """
    if image.ndim != 2 or image.dtype != np.uint8 or image.size == 0:
        raise InputError(
            f"`image` must be (H, W) uint8 with pixels. Received: {image.shape} {image.dtype}"
        )
    if size < 1:
        raise InputError(f"`size` must be 1 or more. Received: size={size}")
    height, width = fitted(image.shape[0], image.shape[1], size)
    square = np.empty((size, size), np.uint8) if out is None else out
    if height < size or width < size:
        square.fill(0)
    top, left = (size - height) // 2, (size - width) // 2
    inside = square[top : top + height, left : left + width]
    if (height, width) == image.shape:
        inside[:] = image
    else:
        shrinks = height < image.shape[0] or width < image.shape[1]
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        cv2.resize(image, (width, height), dst=inside, interpolation=interpolation)
    return square


def fitted(height: int, width: int, size: int) -> tuple[int, int]:
    """Returns height and width after scaling so that the longer side is `size`, at least 1 each."""
    longer = max(height, width)
    return (
        max(1, (2 * height * size + longer) // (2 * longer)),
        max(1, (2 * width * size + longer) // (2 * longer)),
    )
