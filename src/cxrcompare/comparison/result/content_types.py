"""The types of what is no table in `comparison.json`: protocol, models, curves, training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, TypeVar

from typing_extensions import TypedDict

from cxrcompare.comparison.row_types.column_types import Count, Share, Text
from cxrcompare.comparison.row_types.field import Field

if TYPE_CHECKING:
    from pydantic import ConfigDict

_T = TypeVar("_T")

STRICT: ConfigDict = {
    "extra": "forbid",
    "strict": True,
    "allow_inf_nan": False,
    "defer_build": True,
}
"""The configuration of all types of the file: no further keys, no conversion, no NaN."""


def _strict(kind: type[_T]) -> type[_T]:
    """Gives a type the configuration, without loading Pydantic, which writing does not need."""
    kind.__pydantic_config__ = STRICT  # type: ignore[attr-defined]
    return kind


Whole = Annotated[int, Field(ge=0, le=10**12)]
Positive = Annotated[float, Field(ge=0, le=1e12)]
Finite = Annotated[float, Field(ge=-1e15, le=1e15)]
Seeds = list[Whole | Text]


@_strict
class Hardware(TypedDict):
    """The machine of the comparison."""

    processor: Text
    cores: NotRequired[Whole | None]
    memory_gib: NotRequired[Positive | None]
    system: NotRequired[Text | None]


Rate = Annotated[float, Field(ge=0, le=1)]


@_strict
class RocPoints(TypedDict):
    """Where the ROC curve is read."""

    specificity: Rate
    sensitivity: Rate
    false_positive_rate: Rate


@_strict
class Protocol(TypedDict):
    """Data, options and environment of a comparison; None if not stated."""

    title: Text | None
    data: Text | None
    split: Text | None
    patients_source: NotRequired[Text | None]
    finding_columns: NotRequired[Text | None]
    rejected_files: NotRequired[Text | None]
    near_duplicates: NotRequired[Text | None]
    starting_weights: NotRequired[Text | None]
    device: NotRequired[Text | None]
    synthetic: bool | None
    uncertainty_policy: Text | None
    blank_rule: Text | None
    command: Text | None
    unit: Literal["study", "image"]
    views_rule: Text | None
    reference: Text | None
    images: Whole | None
    studies: Whole | None
    patients: Whole | None
    thresholds_rule: Text | None
    thresholds_source: Text | None
    thresholds_noise: NotRequired[bool | None]
    metadata_source: NotRequired[Text | None]
    seeds: dict[str, Seeds] | None
    replicates: Whole | None
    degenerate_replicates: Whole | None
    level: Annotated[float, Field(gt=0, lt=1, description="Level of all intervals.")] | None
    interval: Text | None
    resampled: Text | None
    correction: Text | None
    random_seed: Annotated[int, Field(ge=0)] | None
    non_inferiority_margin: Share
    margin: NotRequired[Share]
    min_patients: NotRequired[Whole | None]
    margin_given: NotRequired[bool | None]
    roc_points: NotRequired[RocPoints | None]
    ece_bins: Whole | Text | None
    scores: Text | None
    versions: dict[str, Text] | None
    hardware: Hardware | Text | None
    commit: Text | None


@_strict
class Cost(TypedDict):
    """The cost of a network's training, as means over its seeds; None if not known."""

    parameters: NotRequired[Positive | None]
    train_seconds: NotRequired[Positive | None]
    images_per_second: NotRequired[Positive | None]
    prediction_images_per_second: NotRequired[Positive | None]
    epochs: NotRequired[Positive | None]
    weights: NotRequired[Text | None]
    recipe: NotRequired[Text | None]
    image_size: NotRequired[Positive | Text | None]
    policy: NotRequired[Text | None]
    blank: NotRequired[Text | None]


@_strict
class ModelRow(TypedDict):
    """A model of the main table; "ensemble" combines networks, "trivial" is a baseline."""

    name: Annotated[str, Field(min_length=1, max_length=1000)]
    kind: Literal["network", "ensemble", "trivial"]
    seeds: Seeds
    description: Text
    cost: Cost | None


@_strict
class Roc(TypedDict):
    """A ROC curve with its band on a grid of false positive rates."""

    fpr: list[Share]
    tpr: list[Share]
    low: list[Share]
    high: list[Share]


@_strict
class PrecisionRecall(TypedDict):
    """A precision-recall curve with its band on a grid of recalls."""

    recall: list[Share]
    precision: list[Share]
    low: list[Share]
    high: list[Share]


@_strict
class ReliabilityBin(TypedDict):
    """A bin of the reliability diagram."""

    left: Share
    right: Share
    predicted: Share
    observed: Share
    low: Share
    high: Share
    count: Count


@_strict
class Histogram(TypedDict):
    """Counts of scores per bin by reference label, means over seeds."""

    edges: list[Finite]
    positive: list[Positive]
    negative: list[Positive]


@_strict
class Operating(TypedDict):
    """Counts of true and false positives at ascending thresholds, means over seeds."""

    threshold: Annotated[list[Finite], Field(max_length=201)]
    tp: list[Positive]
    fp: list[Positive]


@_strict
class Curves(TypedDict):
    """The curves of a network for a finding; `operating` is absent without a threshold."""

    roc: Roc
    pr: PrecisionRecall
    reliability: list[ReliabilityBin]
    histogram: Histogram
    operating: NotRequired[Operating]


@_strict
class MultilabelConfusion(TypedDict):
    """A multi-label confusion table: rows are true labels, columns predicted ones."""

    rows: list[Text]
    columns: list[Text]
    counts: list[list[Positive]]


History = dict[str, list[Finite | Text | None]]
"""{column of history.csv: [value of each epoch]}."""
