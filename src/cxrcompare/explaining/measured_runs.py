"""measure_runs: the maps of finished runs measured against regions, with random weights beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare import progress
from cxrcompare.errors import InputError
from cxrcompare.explaining.loaded_networks import LoadedNetworks, in_parallel
from cxrcompare.explaining.map_making import fineness
from cxrcompare.explaining.maps import Maps
from cxrcompare.explaining.run_maps import (
    MeasuredImages,
    Run,
    RunMaps,
    Work,
    images_of,
    name_of,
    run_maps,
)
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore
from cxrcompare.localisation.localise import Inputs, localise
from cxrcompare.localisation.measuring.measures import LEAST_VALIDATION
from cxrcompare.localisation.regions.image_regions import RegionSource
from cxrcompare.localisation.tables import Choices, Localisation
from cxrcompare.options.image_commands import Explain, MapMethod
from cxrcompare.training.predict import finished_config

_STRIDE = 32
"""Pixels of an image per cell of a map; a part of a cell is a cell."""
MOST_TRAINING = 1000
"""The first training images, for the mean training region."""
_LEAST_SHUFFLED = 8
"""The fewest images whose maps are made with random weights."""
_CANDIDATES = 500
"""The first images of the split of which some are occluded."""
_OCCLUDED = 64
"""The most images of which parts are occluded; each takes 65 evaluations."""


def measure_runs(
    runs: Sequence[Path],
    store: ImageStore,
    regions: RegionSource,
    split: str = "test",
    *,
    readers: dict[str, RegionSource] | None = None,
    known: Sequence[Maps] = (),
    choices: Choices | None = None,
    effort: int | None = None,
    method: MapMethod = Explain.method,
    makers: LoadedNetworks | None = None,
) -> Localisation:
    """Returns the localisation of finished runs on a split of a store.

    Map thresholds of the IoU and logit thresholds (Youden's) are chosen on the validation images of
    the store, if it has any and another split is measured. The first seed of each network is
    measured again with random weights, and its maps are compared with those after the head, then
    more and more layers of the backbone, got random weights. If class maps have fewer cells than
    `map_making.CELLS`, the excess of its maps is measured by occlusion, of the first images that
    give enough positives and negatives of each finding.

    With a limit of the effort, a third of it is for the first test images with a region, an eighth
    for validation images, and a twelfth for maps of random weights, which are then compared with
    those of the trained network but not measured. Occlusion adds two thirds at most.

    Args:
        runs: The folders of the runs, `<network>__seed<N>`.
        store: The store.
        regions: The regions of its images.
        split: The split to measure.
        readers: {reader: the reader's masks}.
        known: The maps of the split, if they have been computed, in the order of the runs.
        choices: Of the analysis.
        effort: About the images that a network sees, each shifted one counted; None: no limit. The
            first steps of the randomisation are not counted.
        method: The method of the maps.
        makers: The networks that are loaded already; those of `runs` are added.

    Raises:
        InputError: A run is not finished or has another head, or the runs share no finding that can
            have a region.
    """
    configs = [finished_config(run) for run in runs]
    own = [one.findings for one in known] or [one["findings"] for one in configs]
    findings = tuple(
        name for name in own[0] if name in regions.findings and all(name in one for one in own)
    )
    if not findings:
        raise InputError(
            f"runs must share a finding that has regions: {', '.join(regions.findings)}. "
            f"Received: {', '.join(own[0])}"
        )
    table, chosen = store.table, choices or Choices()
    each = max(_evaluations(int(one["image_size"])) for one in configs)
    most = None if effort is None else max(effort // each, 1)
    splits = [_images(table, split, regions, None if most is None else max(most // 3, 1))]
    if split != "valid" and (table.rows["split"] == "valid").any():
        fewer = None if most is None else max(most // 8, LEAST_VALIDATION)
        splits.append(_images(table, "valid", regions, fewer))
    work = Work(
        store,
        splits,
        splits if most is None else [splits[0].first(max(most // 12, _LEAST_SHUFFLED))],
        findings,
        method,
        makers or LoadedNetworks(),
        _images(table, split, regions, None).first(_CANDIDATES),
        max(2 * chosen.least_patients, 20),
        _OCCLUDED if effort is None else min(effort // 100, _OCCLUDED),
    )
    made = _made(_runs(runs, configs, known), work)
    trained = [one.trained for one in made]
    measured = [*trained, *(one.random for one in made if one.random and most is None)]
    thresholds = np.zeros((len(measured), len(findings)))
    thresholds[: len(made)] = [one.thresholds for one in made]
    patients = table.rows["patient_id"]
    training = table.rows["image_id"][table.rows["split"] == "train"]
    return localise(
        Inputs(
            [one[0] for one in measured],
            patients.iloc[splits[0].rows].tolist(),
            regions,
            [one[1] for one in measured] if len(splits) > 1 else (),
            training.iloc[:MOST_TRAINING].tolist(),
            thresholds,
            readers,
            [(index, one.random[0]) for index, one in enumerate(made) if one.random],
            [(index, step) for index, one in enumerate(made) for step in one.layers],
            method,
            [
                (index, one.occlusion, patients.iloc[one.occluded.rows].tolist())
                for index, one in enumerate(made)
                if one.occlusion is not None and one.occluded is not None
            ],
        ),
        chosen,
    )


def _runs(
    folders: Sequence[Path], configs: Sequence[dict[str, Any]], known: Sequence[Maps]
) -> list[Run]:
    networks = [name_of(folder)[0] for folder in folders]
    return [
        Run(folder, config, networks.index(network) == index, known[index] if known else None)
        for index, (folder, config, network) in enumerate(
            zip(folders, configs, networks, strict=True)
        )
    ]


def _made(runs: Sequence[Run], work: Work) -> list[RunMaps]:
    total = sum(images_of(run, work) for run in runs)
    with progress.track("maps that are measured", total, "images") as advance:
        return in_parallel(lambda run: run_maps(run, work, advance), runs)


def _images(
    table: ImageTable, split: str, regions: RegionSource, most: int | None
) -> MeasuredImages:
    """Returns the images of a split; the first `most` with a region, if there are more."""
    rows = np.flatnonzero(table.rows["split"] == split)
    if most is not None and len(rows) > most:
        kept: list[int] = []
        for row in rows.tolist():
            found = regions.read(table.rows["image_id"].iloc[row])
            if found is not None and found.regions:
                kept.append(row)
            if len(kept) == most:
                break
        rows = np.array(kept or rows[:most])
    return MeasuredImages(tuple(table.rows["image_id"].iloc[rows]), rows)


def _evaluations(image_size: int) -> int:
    """Returns the number of images, the shifted ones included, that the maps of one image need."""
    shifts = fineness(-(-image_size // _STRIDE))
    return 1 if shifts == 1 else 1 + shifts**2
