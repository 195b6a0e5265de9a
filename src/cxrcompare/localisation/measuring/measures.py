"""Measures of maps against regions, for every image and finding that has a region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.localisation.maps.map_set import MapSet, check_same_images
from cxrcompare.localisation.measuring import kernels
from cxrcompare.localisation.regions.image_regions import RegionSource

METRICS: tuple[str, ...] = ("hit_rate", "iou", "map_auroc", "map_ap")
"""Hit rate, intersection over union, AUROC and average precision of the values in the region."""

CANDIDATES = 64
"""Thresholds of the map that are tried on validation images."""
LEAST_VALIDATION = 5
"""Validation images with a region that a finding needs for a threshold."""


@dataclass(frozen=True)
class Measured:
    """The measures of S sets of maps, N images, F findings.

    Attributes:
        sets: The sets of maps.
        values: (S, N, F, 4), the measures in the order of `METRICS`; NaN without a region.
        parts: (N, F), the number of boxes or parts of the mask; 0 without a region.
        area: (N, F), the share of the image in the region; NaN without a region.
        thresholds: (S, F), the map values from which the IoU counts a cell; NaN for Otsu's.
    """

    sets: tuple[MapSet, ...]
    values: np.ndarray
    parts: np.ndarray
    area: np.ndarray
    thresholds: np.ndarray


def measure(
    sets: Sequence[MapSet],
    source: RegionSource,
    thresholds: np.ndarray | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> Measured:
    """Returns the measures of maps against the regions of their images.

    All maps are interpolated bilinearly to one grid; padding does not count. An image counts for a
    finding if it has a region of it. The hit is whether the highest value is in the region; of
    several equal values, and in a cell that is partly in the region, it is the share. AUROC and
    average precision compare the values in the region with those in the rest of the image and need
    no threshold; ties count half in the AUROC.

    Args:
        sets: The sets of maps, of the same images.
        source: The regions.
        thresholds: (S, F), from `choose_thresholds`; by default Otsu's threshold of each map.
        advance: Is called with 1 after each image.

    Sources: Saporta et al. 2022, doi 10.1038/s42256-022-00536-x (hit rate, IoU); Otsu 1979, doi
    10.1109/TSMC.1979.4310076.
    """
    check_same_images(sets)
    ids, findings = sets[0].ids, sets[0].findings
    shape = len(ids), len(findings)
    if thresholds is None:
        thresholds = np.full((len(sets), shape[1]), np.nan)
    values = np.full((len(sets), *shape, len(METRICS)), np.nan)
    parts, area = np.zeros(shape), np.full(shape, np.nan)
    out = np.empty((1, len(METRICS)))
    for n, image in enumerate(ids):
        found = source.read(image)
        for f, finding in enumerate(findings):
            region = found.regions.get(finding) if found is not None else None
            if found is None or region is None:
                continue
            parts[n, f], area[n, f] = region.parts, region.area
            for s, one in enumerate(sets):
                cells = one.read(n, f)[None]
                kernels.measure(cells, region.share, found.valid, thresholds[s, f : f + 1], out)
                values[s, n, f] = out[0]
        advance(1)
    return Measured(tuple(sets), values, parts, area, thresholds)


def choose_thresholds(sets: Sequence[MapSet], source: RegionSource) -> np.ndarray:
    """Returns the map values with the highest mean IoU on validation images, (S, F).

    The candidates are `CANDIDATES` quantiles of a set's values for a finding, in the images with a
    region. With fewer than `LEAST_VALIDATION` such images the threshold is NaN for all sets: Otsu's
    threshold of each map is then used.

    Args:
        sets: The sets of maps of the validation images.
        source: Their regions.
    """
    check_same_images(sets)
    found = [source.read(image) for image in sets[0].ids]
    best = np.full((len(sets), len(sets[0].findings)), np.nan)
    for f, finding in enumerate(sets[0].findings):
        having = [
            (n, one.regions[finding], one.valid)
            for n, one in enumerate(found)
            if one is not None and finding in one.regions
        ]
        if len(having) < LEAST_VALIDATION:
            continue
        for s, maps in enumerate(sets):
            cells = [maps.read(n, f) for n, _, _ in having]
            pooled = np.concatenate([one.ravel() for one in cells])
            tried = np.quantile(pooled, (np.arange(CANDIDATES) + 0.5) / CANDIDATES)[None]
            total, out = np.zeros(CANDIDATES), np.empty((1, CANDIDATES))
            for one, (_, region, valid) in zip(cells, having, strict=True):
                kernels.overlaps(one[None], region.share, valid, tried, out)
                total += out[0]
            best[s, f] = tried[0, int(np.argmax(total))]
    return best
