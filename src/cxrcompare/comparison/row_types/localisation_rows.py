"""The row types of the tables of localisation."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
    Adjusted,
    Count,
    Difference,
    Finding,
    First,
    High,
    Low,
    Method,
    Model,
    Number,
    PValue,
    Second,
    Share,
    Text,
)
from cxrcompare.comparison.row_types.field import Field

Measure = Annotated[Text, Field(description="hit_rate, iou, map_auroc or map_ap.")]
Images = Annotated[Count, Field(description="Number of images included.")]
Patients = Annotated[Count, Field(description="Number of patients of these images.")]
Kind = Literal["network", "occlusion", "random weights", "baseline", "reader"]
OCCLUSION_ENDING = ", occlusion"
"""The end of the name of a network's occlusion maps."""
STAYS = 0.5
"""Rank correlation of a map with that of random weights from which the map does not depend on the
trained weights."""


class LocalisationRow(NamedTuple):
    """How well the maps of a network, or a baseline, agree with the true regions of a finding."""

    model: Model
    finding: Finding
    metric: Measure
    value: Annotated[Share, Field(description="Mean over the images with a region.")]
    low: Low
    high: High
    regions: Annotated[Count, Field(description="Number of boxes, or of parts of the masks.")]
    images: Images
    patients: Patients
    area: Annotated[Share, Field(description="Mean share of the image that is in the region.")]
    kind: Annotated[Kind, Field(description="Kind of the map.")]
    method: Method


class LocalisationDifferenceRow(NamedTuple):
    """A paired difference of the localisation of two networks, or of a network and a baseline."""

    model_a: First
    model_b: Second
    finding: Finding
    metric: Measure
    difference: Difference
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Adjusted
    method: Method
    margin: Annotated[Share, Field(description="Margin of equivalence.")]
    verdict: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests; empty if there is no test."),
    ]
    p_equivalence: Annotated[
        Share, Field(description="p-value of equivalence within the margin, adjusted.")
    ]
    images: Images


class MapAgreementRow(NamedTuple):
    """The rank correlation of two maps of the same images."""

    model_a: Annotated[Text, Field(description="First network and seed.")]
    model_b: Annotated[
        Text, Field(description="Second network and seed, or the layers with random weights.")
    ]
    kind: Annotated[
        Literal["seeds", "networks", "random layers", "random weights"],
        Field(description="What is compared; random weights: all layers are random."),
    ]
    correlation: Annotated[
        Number, Field(description="Spearman's correlation over the cells, mean over the maps.")
    ]
    low: Low
    high: High
    images: Images
    flagged: Annotated[
        bool,
        Field(description="Whether the map stays although all layers have random weights."),
    ]


class LocalisationCorrectnessRow(NamedTuple):
    """Whether a network localises a finding better in the images in which it detects it."""

    model: Model
    finding: Finding
    metric: Measure
    detected: Annotated[Count, Field(description="Images with the finding, predicted positive.")]
    missed: Annotated[Count, Field(description="Images with the finding, predicted negative.")]
    auroc: Annotated[
        Share,
        Field(description="Chance that a detected image has a higher measure than a missed one."),
    ]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share, Field(description="p-value adjusted over the networks and findings.")
    ]


class MapMassRow(NamedTuple):
    """The share of a map's excess over negative images in lungs, heart or the true region."""

    model: Model
    finding: Finding
    share: Annotated[Share, Field(description="Mean share of the excess in the area.")]
    low: Low
    high: High
    area: Annotated[Share, Field(description="Mean share of the image that is in the area.")]
    images: Annotated[Count, Field(description="Images predicted positive.")]
    shortcut: Annotated[
        Share, Field(description="Mean share on a planted marker or drain, where there is one.")
    ]
    flagged: Annotated[bool, Field(description="Whether most of the excess is outside the area.")]
    maps: Annotated[
        Text,
        Field(description="Method of the maps, e.g. class-map or occlusion."),
    ]


LOCALISATION: dict[str, type[NamedTuple]] = {
    "localisation": LocalisationRow,
    "localisation_differences": LocalisationDifferenceRow,
    "map_agreement": MapAgreementRow,
    "localisation_correctness": LocalisationCorrectnessRow,
    "map_mass": MapMassRow,
}
"""The tables of localisation."""
