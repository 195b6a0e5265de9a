"""The grid of the measures: shares of its cells that a mask or the image covers.

All measures use one square grid over the square that networks see: the image with its aspect ratio,
centred and padded. Masks and boxes are averaged over the cells exactly; maps are interpolated.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

SIDE = 64
"""Cells along each side of the grid."""


def shares(mask: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Returns the share of each grid cell that a mask covers, (side, side) float32 in [0, 1].

    The average over the area of a cell is exact, also where a cell ends within a pixel.

    Args:
        mask: (H, W) bool, on the pixels of the image.
        side: Cells along each side of the grid.
    """
    height, width = mask.shape
    total = np.zeros((height + 1, width + 1))
    np.cumsum(np.cumsum(mask, axis=0, dtype=np.float64), axis=1, out=total[1:, 1:])
    rows, columns = _edges(height, width, side)
    sums = _between(_between(total, rows).T, columns).T
    return _per_cell(np.diff(np.diff(sums, axis=0), axis=1), height, width, side)


def valid(height: int, width: int, side: int = SIDE) -> np.ndarray:
    """Returns the share of each grid cell that the image covers; the rest is padding.

    Args:
        height: Height of the image in pixels.
        width: Width of the image in pixels.
        side: Cells along each side of the grid.
    """
    rows, columns = _edges(height, width, side)
    return _per_cell(np.outer(np.diff(rows), np.diff(columns)), height, width, side)


def boxes_mask(
    boxes: Iterable[tuple[float, float, float, float]], height: int, width: int
) -> np.ndarray:
    """Returns the union of boxes, (H, W) bool: the pixels whose centre is in a box.

    Args:
        boxes: Left, top, right and bottom in pixels.
        height: Height of the image in pixels.
        width: Width of the image in pixels.
    """
    mask = np.zeros((height, width), dtype=bool)
    y, x = np.arange(height) + 0.5, np.arange(width) + 0.5
    for left, top, right, bottom in boxes:
        mask |= ((y >= top) & (y <= bottom))[:, None] & ((x >= left) & (x <= right))
    return mask


def _edges(height: int, width: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the edges of the grid in pixels of the image, clipped to it."""
    longer = max(height, width)
    steps = np.arange(side + 1) * (longer / side)
    rows = np.clip(steps - (longer - height) / 2, 0, height)
    columns = np.clip(steps - (longer - width) / 2, 0, width)
    return rows, columns


def _between(total: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Returns the rows of a cumulative sum at edges between its rows."""
    below = np.minimum(edges.astype(np.int64), len(total) - 2)
    part = (edges - below)[:, None]
    return total[below] + part * (total[below + 1] - total[below])


def _per_cell(areas: np.ndarray, height: int, width: int, side: int) -> np.ndarray:
    cell = (max(height, width) / side) ** 2
    return np.clip(areas / cell, 0, 1).astype(np.float32)
