"""Where a map exceeds that of negative images: in lungs, heart or region, or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from cxrcompare.comparison.row_types.localisation_rows import MapMassRow
from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.influence import influence_tests, unit_means
from cxrcompare.localisation.maps.map_set import MapSet
from cxrcompare.localisation.measuring import kernels
from cxrcompare.localisation.regions.image_regions import ImageRegions, RegionSource
from cxrcompare.localisation.tables import OUTSIDE, Choices, groups_of, patients_with


class NetworkMaps(NamedTuple):
    """The maps of one network whose excess is measured.

    Attributes:
        sets: Its maps of N images, one set per seed.
        above: (N, F), the logit minus the threshold of the finding.
        patients: The patient of each image.
        method: The method of the maps.
    """

    sets: Sequence[MapSet]
    above: np.ndarray
    patients: Sequence[str]
    method: str


def rows(
    networks: Sequence[NetworkMaps], source: RegionSource, choices: Choices
) -> list[MapMassRow]:
    """Returns the share of the excess of the maps in the area, for each network and finding.

    The excess is the positive part of a map minus the mean map of the images that the network
    predicts negative. What all images have in common, such as high values in the dark corners,
    cancels: it cannot tell images apart.

    The area is that of lungs, heart and mediastinum, and of the finding's true region if the image
    has one. Without lungs and heart, only images with a true region count, and the area is that
    region. The images are those that the network predicts positive. A row is flagged if lungs and
    heart are known and the interval is below `OUTSIDE`: most of the excess is then outside.

    Args:
        networks: The maps.
        source: The regions.
        choices: The level and the number of patients needed for an interval.
    """
    return [row for one in networks for row in _of_network(one, source, choices)]


def _of_network(
    network: NetworkMaps, source: RegionSource, choices: Choices
) -> Iterator[MapMassRow]:
    sets, above, groups = network.sets, network.above, groups_of(network.patients)
    findings = sets[0].findings
    usual = [[_usual(one, f, above[:, f] < 0) for one in sets] for f in range(len(findings))]
    share, area, planted = (np.full(above.shape, np.nan) for _ in range(3))
    anatomy = False
    for n, image in enumerate(sets[0].ids):
        found = source.read(image)
        if found is None:
            continue
        anatomy = anatomy or found.anatomy is not None
        for f, finding in enumerate(findings):
            inside = _area(found, finding)
            if inside is None or above[n, f] < 0:
                continue
            maps = [one.read(n, f) - common for one, common in zip(sets, usual[f], strict=True)]
            share[n, f] = _mean_mass(maps, inside, found.valid)
            area[n, f] = inside.sum() / found.valid.sum()
            if found.shortcut is not None:
                planted[n, f] = _mean_mass(maps, found.shortcut, found.valid)
    for f, finding in enumerate(findings):
        used = ~np.isnan(share[:, f])
        if not used.any():
            continue
        low, high = _interval(share[:, f], used, groups, choices)
        seen = planted[:, f]
        yield MapMassRow(
            sets[0].model,
            finding,
            float(share[used, f].mean()),
            low,
            high,
            float(area[used, f].mean()),
            float(used.sum()),
            float(np.nanmean(seen)) if not np.isnan(seen).all() else np.nan,
            anatomy and high < OUTSIDE,
            network.method,
        )


def _usual(maps: MapSet, finding: int, negative: np.ndarray) -> np.ndarray:
    """Returns the mean map of the images predicted negative, (h, w) float32; 0 without any."""
    chosen = [maps.read(n, finding) for n in np.flatnonzero(negative).tolist()]
    if not chosen:
        return np.zeros(1, np.float32)
    return np.asarray(np.mean(chosen, axis=0), dtype=np.float32)


def _area(found: ImageRegions, finding: str) -> np.ndarray | None:
    region = found.regions.get(finding)
    if found.anatomy is None:
        return None if region is None else region.share
    return found.anatomy if region is None else np.maximum(found.anatomy, region.share)


def _mean_mass(maps: list[np.ndarray], area: np.ndarray, valid: np.ndarray) -> float:
    values = np.empty(len(maps))
    for number, one in enumerate(maps):
        kernels.mass(one[None], area, valid, values[number : number + 1])
    return float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")


def _interval(
    values: np.ndarray, used: np.ndarray, groups: np.ndarray, choices: Choices
) -> tuple[float, float]:
    enough = patients_with(used, groups) >= max(choices.least_patients, 2)
    if not enough:
        return float("nan"), float("nan")
    found = unit_means.estimate(lambda f: (values[None], used), groups, [[0]], np.array([True]))
    low, high = influence_tests.intervals(found, choices.level)
    if not np.isnan(high[0, 0]):
        return float(low[0, 0]), float(high[0, 0])
    number = patients_with(used, groups)  # all shares are equal, e.g. 0
    total = float(values[used].mean()) * number
    ends = intervals.wilson(np.array(total), np.array(number), choices.level)
    return float(ends[0]), float(ends[1])
