"""Outlines of a region, to draw it over its image."""

from __future__ import annotations

import numpy as np

_TOLERANCE = 0.004
"""Greatest distance of an outline from the edge of the region, in sides of the image."""


def of(share: np.ndarray, side: int) -> list[list[int]]:
    """Returns the closed outlines of a region and of its holes.

    The share is interpolated, and the outline is where it is one half. A region that fills no cell
    by half is outlined at half of its greatest share.

    Args:
        share: (G, G), the share of each cell that is in the region; see `image_regions.Region`.
        side: The side of the image in the unit of the outlines.

    Returns:
        For each outline x, y, x, y, ... from 0 to `side`.
    """
    import cv2

    scale = side / share.shape[0]
    level = min(0.5, float(share.max()) / 2)
    fine = cv2.resize(share.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    lines, _ = cv2.findContours(
        (fine > level).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    least = max(3.0, scale)
    return [
        cv2.approxPolyDP(line, _TOLERANCE * side, True).ravel().tolist()
        for line in lines
        if cv2.arcLength(line, True) >= least
    ]
