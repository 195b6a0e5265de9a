"""Baselines of localisation: maps that see no network, or no image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.localisation.maps.map_set import MapSet
from cxrcompare.localisation.regions import grid
from cxrcompare.localisation.regions.image_regions import RegionSource

CENTRE = "image centre"
MEAN_REGION = "mean training region"
LUNGS = "lung mask"
RANDOM = "random map"
_RANDOM_CELLS = 8


def baselines(
    ids: Sequence[str],
    findings: Sequence[str],
    source: RegionSource,
    means: np.ndarray | None = None,
) -> list[MapSet]:
    """Returns the baselines that are available for these images.

    - image centre: falls with the distance from the centre of the image.
    - random map: independent normal values on 8 x 8 cells, from the index of image and finding.
    - mean training region: the mean of a finding's regions in the training images.
    - lung mask: the lungs of the image, if the source has them for every image.

    Args:
        ids: The images.
        findings: The findings.
        source: The regions.
        means: (F, G, G), the mean training regions of `mean_regions`, if they are known.
    """
    away = np.abs(np.arange(grid.SIDE) + 0.5 - grid.SIDE / 2)
    centre = -np.hypot(away[:, None], away).astype(np.float32)
    made = [_set(CENTRE, ids, findings, lambda n, f: centre), _set(RANDOM, ids, findings, _random)]
    if means is not None:
        made.append(_set(MEAN_REGION, ids, findings, lambda n, f: means[f]))
    first = source.read(ids[0])
    if first is not None and first.lungs is not None:
        made.append(_set(LUNGS, ids, findings, _Lungs(ids, source)))
    return made


def mean_regions(
    ids: Sequence[str], findings: Sequence[str], source: RegionSource
) -> np.ndarray | None:
    """Returns the mean region of each finding, (F, G, G) float32; None if there is no region.

    A finding without a region in these images has zeros.

    Args:
        ids: The images.
        findings: The findings.
        source: The regions.
    """
    total = np.zeros((len(findings), grid.SIDE, grid.SIDE))
    count = np.zeros(len(findings))
    for image in ids:
        found = source.read(image)
        for f, finding in enumerate(findings):
            if found is not None and finding in found.regions:
                total[f] += found.regions[finding].share
                count[f] += 1
    if not count.any():
        return None
    return (total / np.maximum(count, 1)[:, None, None]).astype(np.float32)


def _set(model, ids, findings, read) -> MapSet:  # type: ignore[no-untyped-def]
    return MapSet(model, "", "baseline", tuple(ids), tuple(findings), read)


def _random(image: int, finding: int) -> np.ndarray:
    rng = np.random.default_rng([image, finding])
    return rng.standard_normal((_RANDOM_CELLS, _RANDOM_CELLS), np.float32)


class _Lungs:
    """The lung masks of images; keeps that of the last image."""

    def __init__(self, ids: Sequence[str], source: RegionSource) -> None:
        self._ids, self._source = ids, source
        self._last: tuple[int, np.ndarray] | None = None

    def __call__(self, image: int, finding: int) -> np.ndarray:
        if self._last is None or self._last[0] != image:
            found = self._source.read(self._ids[image])
            lungs = None if found is None else found.lungs
            empty = np.zeros((grid.SIDE, grid.SIDE), np.float32)
            self._last = image, empty if lungs is None else lungs
        return self._last[1]


def reader_maps(
    name: str, ids: Sequence[str], findings: Sequence[str], source: RegionSource
) -> MapSet:
    """Returns the masks that a reader drew as maps; an image without a mask has an empty map.

    Args:
        name: The reader.
        ids: The images.
        findings: The findings.
        source: The reader's masks.
    """
    empty = np.zeros((grid.SIDE, grid.SIDE), np.float32)

    def read(image: int, finding: int) -> np.ndarray:
        found = source.read(ids[image])
        region = None if found is None else found.regions.get(findings[finding])
        return empty if region is None else region.share

    return MapSet(name, "", "reader", tuple(ids), tuple(findings), read)
