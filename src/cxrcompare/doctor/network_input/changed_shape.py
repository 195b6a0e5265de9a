"""Alterations of the size and shape of what an image shows; images stay squares of one size."""

from __future__ import annotations

import cv2
import numpy as np

_MARGIN = 1 / 16
"""Share of the side that a crop removes, or a padding adds, at each of the four edges."""


def stretched(images: np.ndarray) -> np.ndarray:
    """Returns images without black bars, stretched to the square.

    Args:
        images: (B, S, S) uint8.
    """
    size = images.shape[1]
    return np.stack([_resized(image[_content(image)], size) for image in images])


def short_side(images: np.ndarray) -> np.ndarray:
    """Returns the central square without black bars, enlarged, as if the short side were fitted.

    Args:
        images: (B, S, S) uint8.
    """
    size = images.shape[1]
    listed = []
    for image in images:
        inside = image[_content(image)]
        height, width = inside.shape
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        listed.append(_resized(inside[top : top + side, left : left + side], size))
    return np.stack(listed)


def cropped(images: np.ndarray) -> np.ndarray:
    """Returns the central 7/8 of images, enlarged.

    Args:
        images: (B, S, S) uint8.
    """
    inner = _inner(images.shape[1])
    return np.stack([_resized(image[inner, inner], images.shape[1]) for image in images])


def padded(images: np.ndarray) -> np.ndarray:
    """Returns images shrunk to 7/8, with black around them.

    Args:
        images: (B, S, S) uint8.
    """
    inner = _inner(images.shape[1])
    new = np.zeros_like(images)
    for index, image in enumerate(images):
        new[index, inner, inner] = _resized(image, inner.stop - inner.start)
    return new


def _inner(size: int) -> slice:
    edge = max(round(size * _MARGIN), 1)
    return slice(edge, size - edge)


def _content(image: np.ndarray) -> tuple[slice, slice]:
    """Returns rows and columns without the black bars; bars are on two opposite sides only."""
    rows, columns = (_span(np.asarray(image.any(axis=axis))) for axis in (1, 0))
    size = len(image)
    if size in (rows.stop - rows.start, columns.stop - columns.start):
        return rows, columns
    return slice(0, size), slice(0, size)


def _span(used: np.ndarray) -> slice:
    """Returns the range from the first to the last True; everything if there is none."""
    rows = np.flatnonzero(used)
    return slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(0, len(used))


def _resized(image: np.ndarray, size: int) -> np.ndarray:
    """Returns an image resized to a square: mean of areas if it shrinks, linear if it grows."""
    shrinks = max(image.shape) > size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(image), (size, size), interpolation=method))
