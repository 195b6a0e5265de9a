"""Short descriptions of the windows of an image, to find images that may be cropped copies.

An image is reduced to 64 x 64 pixels. The central window of an image, 80 % of its sides, is
compared with 25 windows of another image, as it is and mirrored: 64 to 100 % of the sides, at the
centre and 5 % away from it. One of them is near the right one for crops in either direction that
keep 80 % of the sides or more. A window is described by 8 x 8 grey levels of mean 0 and deviation
1, less their mean over all images, in 48 principal components whose variances are partly
equalised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

SIDE = 64
"""Side in pixels of the reduced images."""

CENTRE = 0.8
"""Side of the central window in units of the side of the image."""

LEVELS = 64
"""Number of grey levels of a window."""

_ROWS = 8
_SIZES = (1.0, 0.9, 0.8, 0.72, 0.64)
_SHIFTS = ((0.0, 0.0), (0.05, 0.0), (-0.05, 0.0), (0.0, 0.05), (0.0, -0.05))
_COMPONENTS = 48
_ENOUGH = 200
"""Least number of images from which means and components are computed."""


class Window(NamedTuple):
    """A window of a reduced image, in pixels; the second corner is outside."""

    left: int
    top: int
    right: int
    bottom: int


class Basis(NamedTuple):
    """The mean description of the central windows, and the components; see `basis`.

    Attributes:
        mean: (64,) float32.
        components: (64, K) float32.
    """

    mean: np.ndarray
    components: np.ndarray


def window(size: float, right: float = 0.0, down: float = 0.0) -> Window:
    """Returns a window, cut at the edges of the image.

    Args:
        size: Its side in units of the side of the image.
        right: Distance of its centre from the centre of the image, in the same unit.
        down: The same, downwards.
    """
    count = round(size * SIDE)
    left = round((0.5 + right - size / 2) * SIDE)
    top = round((0.5 + down - size / 2) * SIDE)
    return Window(max(left, 0), max(top, 0), min(left + count, SIDE), min(top + count, SIDE))


CENTRAL = window(CENTRE)
WINDOWS = tuple(window(size, *shift) for size in _SIZES for shift in _SHIFTS)


def reduce(image: np.ndarray) -> np.ndarray:
    """Returns an image with a side of 64 pixels, (64, 64) uint8."""
    way = cv2.INTER_AREA if image.shape[0] > SIDE else cv2.INTER_LINEAR
    return cv2.resize(np.asarray(image), (SIDE, SIDE), interpolation=way)


def levels(image: np.ndarray, windows: Sequence[Window]) -> np.ndarray:
    """Returns the grey levels of windows, (W, 64) float32; 0 for a window of one grey level."""
    found = np.empty((len(windows), LEVELS), np.float32)
    for row, (left, top, right, bottom) in zip(found, windows, strict=True):
        part = image[top:bottom, left:right]
        row[:] = cv2.resize(part, (_ROWS, _ROWS), interpolation=cv2.INTER_AREA).ravel()
    found -= found.mean(axis=1, keepdims=True)
    return np.asarray(found / np.maximum(found.std(axis=1, keepdims=True), 1.0))


def basis(central: np.ndarray) -> Basis:
    """Returns the mean and the components of the central windows of all images.

    A component is divided by the fourth root of its variance, so that fine differences count more
    without noise deciding. With fewer than 200 images, the grey levels are compared as they are.

    Args:
        central: (N, 64) of `levels`.
    """
    if len(central) < _ENOUGH:
        return Basis(np.zeros(LEVELS, np.float32), np.eye(LEVELS, dtype=np.float32))
    mean = central.mean(axis=0)
    covariance = np.cov(central - mean, rowvar=False)
    variances, vectors = np.linalg.eigh(covariance)
    kept = np.argsort(variances)[::-1][:_COMPONENTS]
    scales = np.maximum(variances[kept], 1e-6) ** -0.25
    return Basis(mean, (vectors[:, kept] * scales).astype(np.float32))


def describe(found: np.ndarray, how: Basis) -> np.ndarray:
    """Returns descriptions of norm 1, (..., K) float32, of the grey levels of windows."""
    inside = (found - how.mean) @ how.components
    norms = np.linalg.norm(inside, axis=-1, keepdims=True)
    return np.asarray(inside / np.maximum(norms, 1e-6), np.float32)
