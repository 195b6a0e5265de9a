"""Regions: where the findings of an image lie, from masks or boxes, on the grid of the measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from cxrcompare.localisation.regions import grid


@dataclass(frozen=True)
class Region:
    """The true region of one finding in one image.

    Attributes:
        share: (G, G) float32, the share of each cell of the grid that is in the region.
        parts: Number of boxes, or of connected parts of the mask.
        area: Share of the image that is in the region.
    """

    share: np.ndarray
    parts: int
    area: float


@dataclass(frozen=True)
class ImageRegions:
    """The regions of one image.

    Attributes:
        valid: (G, G) float32, the share of each cell that is in the image and not padding.
        regions: {finding: its region}; findings without a region are absent.
        anatomy: (G, G) float32, the share of each cell in lungs, heart or mediastinum; None if it
            is not known.
        lungs: (G, G) float32, the share of each cell in the lungs; None if it is not known.
        shortcut: (G, G) float32, the share of each cell in a planted marker or drain, or None.
    """

    valid: np.ndarray
    regions: Mapping[str, Region] = field(default_factory=dict)
    anatomy: np.ndarray | None = None
    lungs: np.ndarray | None = None
    shortcut: np.ndarray | None = None


@dataclass(frozen=True)
class RegionSource:
    """The regions of a data set, read image by image.

    Attributes:
        name: What the regions are and where they come from, for the protocol.
        findings: The findings that can have regions.
        read: Returns the regions of an image by its id; None if it has none.
        boxes: Whether the regions are boxes.
    """

    name: str
    findings: tuple[str, ...]
    read: Callable[[str], ImageRegions | None]
    boxes: bool = False


def from_mask(mask: np.ndarray) -> Region | None:
    """Returns the region of a mask, (H, W) bool on the pixels of the image; None if it is empty."""
    if not mask.any():
        return None
    parts = ndimage.label(mask, np.ones((3, 3)))[1]
    return Region(grid.shares(mask), int(parts), float(mask.mean()))


def from_boxes(
    boxes: list[tuple[float, float, float, float]], height: int, width: int
) -> Region | None:
    """Returns the region of boxes; None if they contain no pixel.

    Args:
        boxes: Left, top, right and bottom in pixels.
        height: Height of the image in pixels.
        width: Width of the image in pixels.
    """
    mask = grid.boxes_mask(boxes, height, width)
    if not mask.any():
        return None
    return Region(grid.shares(mask), len(boxes), float(mask.mean()))
