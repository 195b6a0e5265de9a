"""localise: all results of localisation from maps, regions and predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cxrcompare.comparison.row_types.localisation_rows import OCCLUSION_ENDING
from cxrcompare.comparison.row_types.main_rows import WarningRow
from cxrcompare.localisation.maps.baselines import baselines, mean_regions, reader_maps
from cxrcompare.localisation.maps.map_set import MapSet
from cxrcompare.localisation.measuring import agreement, correctness, map_mass, paired_tests
from cxrcompare.localisation.measuring.map_mass import NetworkMaps
from cxrcompare.localisation.measuring.measures import Measured, choose_thresholds, measure
from cxrcompare.localisation.regions.image_regions import RegionSource
from cxrcompare.localisation.tables import Choices, Localisation, models_of


@dataclass(frozen=True)
class Inputs:
    """The inputs of `localise`.

    Attributes:
        maps: The maps of networks, and of networks with random weights, for the test images.
        patients: The patient of each test image.
        regions: The regions of the images.
        validation: The maps of the same sets for the validation images; may be empty.
        training: Images of the training set, for the mean training region.
        thresholds: (S, F), the logits from which each of `maps` predicts a finding; 0 by default.
        readers: {reader: its masks}.
        randomised: Maps after all layers got random weights, with the network's index in `maps`.
        layers: Maps after some layers got random weights, with the network's index in `maps`.
        method: The method of the maps.
        occluded: The occlusion maps of some images with their patients, and the network's index in
            `maps`. They are measured beside the baselines of the same images, and the excess of
            this network is measured in them.
    """

    maps: Sequence[MapSet]
    patients: Sequence[str]
    regions: RegionSource
    validation: Sequence[MapSet] = ()
    training: Sequence[str] = ()
    thresholds: np.ndarray | None = None
    readers: dict[str, RegionSource] | None = None
    randomised: Sequence[tuple[int, MapSet]] = ()
    layers: Sequence[tuple[int, MapSet]] = ()
    method: str = "class-map"
    occluded: Sequence[tuple[int, MapSet, Sequence[str]]] = ()


def localise(
    inputs: Inputs,
    choices: Choices | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> Localisation:
    """Returns the measures, differences, agreement, association and map mass.

    Args:
        inputs: Maps, regions and predictions.
        choices: Of the analysis.
        advance: Is called with 1 after each test image that is measured.
    """
    choices = choices or Choices()
    ids, findings = inputs.maps[0].ids, inputs.maps[0].findings
    means = mean_regions(inputs.training, findings, inputs.regions)
    sets = [*inputs.maps, *baselines(ids, findings, inputs.regions, means)]
    readers = [
        reader_maps(name, ids, findings, masks) for name, masks in (inputs.readers or {}).items()
    ]
    chosen = None
    if inputs.validation:
        valid_ids = inputs.validation[0].ids
        others = baselines(valid_ids, findings, inputs.regions, means)
        names = {one.model for one in others}
        sets = [one for one in sets if one.kind != "baseline" or one.model in names]
        chosen = choose_thresholds([*inputs.validation, *others], inputs.regions)
        half = np.full((len(readers), len(findings)), 0.5)  # a reader's mask is the mask itself
        chosen = np.concatenate([chosen, half])
    measured = measure([*sets, *readers], inputs.regions, chosen, advance)
    logits = np.zeros((len(measured.sets), len(findings)))
    if inputs.thresholds is not None:
        logits[: len(inputs.maps)] = inputs.thresholds
    found = Localisation()
    if (measured.parts > 0).any():
        found.measures, found.differences = paired_tests.rows(measured, inputs.patients, choices)
        _add_occlusion(found, inputs, means, choices)
        found.correctness = correctness.rows(measured, inputs.patients, logits, choices)
    networks = [index for index, one in enumerate(inputs.maps) if one.kind == "network"]
    found.agreement = agreement.rows(
        [inputs.maps[index] for index in networks],
        inputs.patients,
        choices,
        [(networks.index(index), one) for index, one in inputs.randomised],
        [(networks.index(index), one) for index, one in inputs.layers],
    )
    found.mass = map_mass.rows(_excess_maps(inputs, measured, logits), inputs.regions, choices)
    found.warnings = warnings(found)
    return found


def _add_occlusion(
    found: Localisation, inputs: Inputs, means: np.ndarray | None, choices: Choices
) -> None:
    """Adds the measures of occlusion maps, and their differences from baselines.

    The images of each network are its own, so networks are not compared with each other.
    """
    for _, maps, patients in inputs.occluded:
        named = replace(maps, model=f"{maps.model}{OCCLUSION_ENDING}", kind="occlusion")
        others = baselines(maps.ids, maps.findings, inputs.regions, means)
        measured = measure([named, *others], inputs.regions)
        if (measured.parts > 0).any():
            rows, differences = paired_tests.rows(measured, patients, choices)
            found.measures += [row for row in rows if row.model == named.model]
            found.differences += differences


def _excess_maps(inputs: Inputs, measured: Measured, thresholds: np.ndarray) -> list[NetworkMaps]:
    """Returns the maps of each network whose excess is measured: occlusion, if there is any."""
    made = {
        model: NetworkMaps(
            [measured.sets[s] for s in models_of(measured.sets)[model]],
            above,
            inputs.patients,
            inputs.method,
        )
        for model, above in correctness.margins(measured, thresholds).items()
    }
    for index, maps, patients in inputs.occluded:
        above = np.asarray(maps.logits) - thresholds[index]
        made[maps.model] = NetworkMaps([maps], above, patients, "occlusion")
    return [*made.values()]


def warnings(found: Localisation) -> list[WarningRow]:
    """Returns a warning for each map that is mostly outside its area, and for each that stays."""
    made = [
        WarningRow(
            "map_outside",
            f"only {row.share:.0%} ({row.low:.0%} to {row.high:.0%}) of what the maps "
            f"({row.maps}) have beyond those of negative images is in lungs, heart or the true "
            f"region, in {row.images:.0f} images predicted positive: the network may use a "
            "spurious correlation",
            row.model,
            row.finding,
        )
        for row in found.mass
        if row.flagged
    ]
    return made + [
        WarningRow(
            "map_stays",
            f"the maps of {row.model_b} have a rank correlation of {row.correlation:.2f} "
            f"({row.low:.2f} to {row.high:.2f}) with those of the trained network: the map does "
            "not depend on what the network has learnt",
            row.model_a,
            "",
        )
        for row in found.agreement
        if row.flagged
    ]
