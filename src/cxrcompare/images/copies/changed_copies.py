"""Finds cropped, mirrored and slightly rotated copies of images between two sets of images.

Each image of the smaller set is compared with each of the larger one by descriptions of windows
(see `windows`). The most similar images are aligned, and reported if the correlation of their
detail is high (see `alignment`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxrcompare.images.copies import windows
from cxrcompare.images.copies.window_alignment import correlation
from cxrcompare.images.copies.windows import WINDOWS, Basis
from cxrcompare.progress import track

CORRELATION = 0.88
"""Least correlation of the detail of two aligned images that are reported."""

_SIMILAR = 0.8
"""Least similarity of the descriptions of two images that are aligned."""
_NEAREST = 5
"""Largest number of images that one image is aligned with."""
_BLOCK = 32
_CHUNK = 8192


class Copy(NamedTuple):
    """Two images of which one is a changed copy of the other.

    Attributes:
        first: The position of the image of the one set.
        second: The position of the image of the other set.
        correlation: The correlation of the detail of the aligned images.
        mirrored: Whether one is mirrored.
    """

    first: int
    second: int
    correlation: float
    mirrored: bool


def find(
    images: np.ndarray,
    rows: np.ndarray,
    one: np.ndarray,
    other: np.ndarray,
    levels: np.ndarray,
    how: Basis,
) -> list[Copy]:
    """Returns the changed copies between two sets of images.

    Args:
        images: (N, size, size) uint8; may be memory-mapped.
        rows: (R,) rows of the images that are compared.
        one: Positions in `rows` of the first set.
        other: Positions in `rows` of the second set.
        levels: (R, 64), the grey levels of the central windows.
        how: The mean and the components of the descriptions.
    """
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    described = windows.describe(levels[large], how)
    found: list[Copy] = []
    with track("search cropped and mirrored copies", len(small), "images") as advance:
        for start in range(0, len(small), _BLOCK):
            block = small[start : start + _BLOCK]
            ways = [_ways(images[rows[position]]) for position in block]
            asked = windows.describe(
                np.stack([[windows.levels(way, WINDOWS) for way in both] for both in ways]), how
            ).reshape(len(block), 2 * len(WINDOWS), -1)
            for index, candidates in enumerate(_nearest(asked, described)):
                for candidate in candidates:
                    best = int(np.argmax(asked[index] @ described[candidate]))
                    mirrored, window = divmod(best, len(WINDOWS))
                    part = windows.reduce(images[rows[large[candidate]]])
                    value = correlation(ways[index][mirrored], part, WINDOWS[window])
                    if value >= CORRELATION:
                        pair = (int(block[index]), int(large[candidate]))
                        pair = pair if small is one else pair[::-1]
                        found.append(Copy(*pair, min(value, 1.0), bool(mirrored)))
            advance(len(block))
    return found


def _ways(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns a reduced image as it is and mirrored."""
    reduced = windows.reduce(image)
    return reduced, np.ascontiguousarray(reduced[:, ::-1])


def _nearest(asked: np.ndarray, described: np.ndarray) -> list[np.ndarray]:
    """Returns the positions of the most similar images of each of a block of images.

    Args:
        asked: (B, W, K), the descriptions of the windows of each image of the block.
        described: (N, K), the descriptions of the central windows of the other images.
    """
    count, ways, components = asked.shape
    flat = asked.reshape(-1, components)
    values = np.zeros((count, 0), np.float32)
    rows = np.zeros((count, 0), np.int64)
    for start in range(0, len(described), _CHUNK):
        part = described[start : start + _CHUNK]
        scores = (flat @ part.T).reshape(count, ways, len(part)).max(axis=1)
        best = _largest(scores)
        values = np.hstack([values, np.take_along_axis(scores, best, axis=1)])
        rows = np.hstack([rows, best + start])
    best = _largest(values)
    similar = np.take_along_axis(values, best, axis=1) >= _SIMILAR
    return [
        row[keep] for row, keep in zip(np.take_along_axis(rows, best, axis=1), similar, strict=True)
    ]


def _largest(values: np.ndarray) -> np.ndarray:
    """Returns the columns of the `_NEAREST` largest values of each row, in ascending order."""
    if values.shape[1] <= _NEAREST:
        return np.tile(np.arange(values.shape[1]), (len(values), 1))
    return np.sort(np.argpartition(values, -_NEAREST, axis=1)[:, -_NEAREST:], axis=1)
