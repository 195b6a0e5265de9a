"""Where a map exceeds that of negative images: in lungs, heart or region, or elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.row_types.localisation_rows import MapMassRow
from cxrcompare.evaluation.influence import influence_tests, unit_means
from cxrcompare.localisation import kernels
from cxrcompare.localisation.correctness import margins
from cxrcompare.localisation.map_set import MapSet
from cxrcompare.localisation.measures import Measured
from cxrcompare.localisation.regions import ImageRegions, RegionSource
from cxrcompare.localisation.tables import (
    OUTSIDE,
    Choices,
    groups_of,
    models_of,
    patients_with,
)


def rows(
    measured: Measured,
    source: RegionSource,
    patients: Sequence[str],
    thresholds: np.ndarray,
    choices: Choices,
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
        measured: The measures.
        source: The regions.
        patients: The patient of each image.
        thresholds: (S, F), the logits from which a set's network predicts a finding.
        choices: The level and the number of patients needed for an interval.
    """
    groups, sets = groups_of(patients), measured.sets
    above = margins(measured, thresholds)
    usual = {
        (s, f): _usual(sets[s], f, margin[:, f] < 0)
        for model, margin in above.items()
        for s in models_of(sets)[model]
        for f in range(len(sets[0].findings))
    }
    shape = len(above), len(sets[0].ids), len(sets[0].findings)
    share, area, planted = (np.full(shape, np.nan) for _ in range(3))
    anatomy = False
    for n, image in enumerate(sets[0].ids):
        found = source.read(image)
        if found is None:
            continue
        anatomy = anatomy or found.anatomy is not None
        for f, finding in enumerate(sets[0].findings):
            inside = _area(found, finding)
            if inside is None:
                continue
            for m, (model, margin) in enumerate(above.items()):
                if margin[n, f] < 0:
                    continue
                maps = [sets[s].read(n, f) - usual[s, f] for s in models_of(sets)[model]]
                share[m, n, f] = _mean_mass(maps, inside, found.valid)
                area[m, n, f] = inside.sum() / found.valid.sum()
                if found.shortcut is not None:
                    planted[m, n, f] = _mean_mass(maps, found.shortcut, found.valid)
    made = []
    for m, model in enumerate(above):
        for f, finding in enumerate(sets[0].findings):
            used = ~np.isnan(share[m, :, f])
            if not used.any():
                continue
            low, high = _interval(share[m, :, f], used, groups, choices)
            seen = planted[m, :, f]
            made.append(
                MapMassRow(
                    model,
                    finding,
                    float(share[m, used, f].mean()),
                    low,
                    high,
                    float(area[m, used, f].mean()),
                    float(used.sum()),
                    float(np.nanmean(seen)) if not np.isnan(seen).all() else np.nan,
                    anatomy and high < OUTSIDE,
                )
            )
    return made


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
    return float(low[0, 0]), float(high[0, 0])
