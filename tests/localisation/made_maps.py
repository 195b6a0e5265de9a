"""Maps and regions made by hand, for the tests of localisation."""

from __future__ import annotations

import numpy as np

from cxrcompare.localisation.maps.map_set import MapSet, from_arrays
from cxrcompare.localisation.regions import grid
from cxrcompare.localisation.regions.image_regions import (
    ImageRegions,
    Region,
    RegionSource,
    from_mask,
)

FINDINGS = ("Edema", "Fracture")


def square(row: int, column: int, side: int = 16) -> np.ndarray:
    """Returns a mask of 64 x 64 pixels with a square."""
    mask = np.zeros((64, 64), dtype=bool)
    mask[row : row + side, column : column + side] = True
    return mask


def source_of(masks: dict[str, dict[str, np.ndarray]], **areas: np.ndarray) -> RegionSource:
    """Returns the regions of images by masks, (64, 64) bool, with areas of all images."""

    def read(image: str) -> ImageRegions | None:
        if image not in masks:
            return None
        regions: dict[str, Region] = {}
        for finding, mask in masks[image].items():
            region = from_mask(mask)
            if region is not None:
                regions[finding] = region
        shares = {name: grid.shares(area) for name, area in areas.items()}
        return ImageRegions(grid.valid(64, 64), regions, **shares)

    return RegionSource("made", FINDINGS, read)


def looking(
    model: str,
    masks: dict[str, dict[str, np.ndarray]],
    skill: float,
    seed: int,
    run: str = "",
    logits: np.ndarray | None = None,
) -> MapSet:
    """Returns maps of 8 x 8 cells: noise plus `skill` times the region."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((len(masks), len(FINDINGS), 8, 8)).astype(np.float32)
    for n, found in enumerate(masks.values()):
        for f, finding in enumerate(FINDINGS):
            if finding in found:
                cells = found[finding].reshape(8, 8, 8, 8).mean(axis=(1, 3))
                values[n, f] += skill * cells
    return from_arrays(model, run, [*masks], FINDINGS, values, logits)


def made_masks(images: int, seed: int = 0) -> dict[str, dict[str, np.ndarray]]:
    """Returns a square of each finding in a part of the images."""
    rng = np.random.default_rng(seed)
    masks: dict[str, dict[str, np.ndarray]] = {}
    for number in range(images):
        found = {}
        for finding, share in zip(FINDINGS, (0.9, 0.5), strict=True):
            row, column = rng.integers(0, 48, 2)
            if rng.random() < share:
                found[finding] = square(int(row), int(column))
        masks[f"image{number}"] = found
    return masks
