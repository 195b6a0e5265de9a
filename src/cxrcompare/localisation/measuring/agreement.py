"""Agreement of maps: between seeds, between networks, and with random weights."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cxrcompare.comparison.row_types.localisation_rows import STAYS, MapAgreementRow
from cxrcompare.evaluation.influence import influence_tests, unit_means
from cxrcompare.localisation.maps.map_set import MapSet, check_same_images
from cxrcompare.localisation.measuring.rank_correlation import correlations
from cxrcompare.localisation.tables import Choices, groups_of

_SAME = 1 - 1e-9
"""The correlation of equal maps, which has no interval."""

MOST_IMAGES = 500
"""The first images whose maps are compared."""


def rows(
    sets: Sequence[MapSet],
    patients: Sequence[str],
    choices: Choices,
    randomised: Sequence[tuple[int, MapSet]] = (),
    layers: Sequence[tuple[int, MapSet]] = (),
) -> list[MapAgreementRow]:
    """Returns the rank correlation of the maps of seeds, of networks, and with random weights.

    The correlation over the cells is averaged over the findings of an image, then over images; its
    interval is clustered by patient. Of networks with several seeds, the first seeds are compared.
    A row with random weights is flagged if the whole interval is at `STAYS` or above, or the maps
    are the same.

    Args:
        sets: The maps of networks.
        patients: The patient of each image.
        choices: The level.
        randomised: Maps of the same images, or of the first of them, after all layers got random
            weights, each with the index of its trained network in `sets`.
        layers: The same after some layers got random weights.

    Sources: Adebayo et al. 2018, arXiv 1810.03292 (randomised layers); Arun et al. 2021, doi
    10.1148/ryai.2021200267 (repeatability and reproducibility).
    """
    check_same_images(sets)
    for index, one in (*randomised, *layers):
        check_same_images([_first(sets[index], len(one.ids)), one])
    made = []
    firsts: dict[str, MapSet] = {}
    for one in sets:
        firsts.setdefault(one.model, one)
    pairs = [(a, b, "seeds") for a, b in itertools.combinations(sets, 2) if a.model == b.model]
    pairs += [(a, b, "networks") for a, b in itertools.combinations(firsts.values(), 2)]
    pairs += [(sets[index], one, "random layers") for index, one in layers]
    pairs += [(sets[index], one, "random weights") for index, one in randomised]
    every = groups_of(patients)[:MOST_IMAGES]
    for first, second, kind in pairs:
        groups = every[: len(second.ids)]
        value, low, high = _mean(first, second, groups, choices.level)
        made.append(
            MapAgreementRow(
                first.name,
                second.name,
                kind,  # type: ignore[arg-type]
                value,
                low,
                high,
                float(len(groups)),
                kind == "random weights" and bool(low >= STAYS or value >= _SAME),
            )
        )
    return made


def _first(one: MapSet, images: int) -> MapSet:
    return replace(one, ids=one.ids[:images])


def _mean(
    first: MapSet, second: MapSet, groups: np.ndarray, level: float
) -> tuple[float, float, float]:
    """Returns the mean correlation of the maps of the images, and its interval."""
    values = np.array([correlations(first, second, image) for image in range(len(groups))])
    defined = ~np.isnan(values)
    # The tests expect values in [0, 1]; correlations are in [-1, 1].
    found = unit_means.estimate(
        lambda f: ((values[None] + 1) / 2, defined),
        np.unique(groups, return_inverse=True)[1],
        [[0]],
        np.array([len(np.unique(groups[defined])) > 1]),
    )
    low, high = influence_tests.intervals(found, level)
    ends = 2 * np.array([found.value[0, 0], low[0, 0], high[0, 0]]) - 1
    return float(ends[0]), float(ends[1]), float(ends[2])
