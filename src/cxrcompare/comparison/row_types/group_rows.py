"""The row types of differences between groups of patients."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
    Count,
    Difference,
    Finding,
    First,
    High,
    Low,
    Metric,
    Model,
    Number,
    PValue,
    Second,
    Share,
    Text,
)
from cxrcompare.comparison.row_types.field import Field


class SubgroupGapRow(NamedTuple):
    """A model's metric in a group minus that in the rest, or in the reference group."""

    model: Model
    column: Annotated[Text, Field(description="Column of the subgroup.")]
    value: Annotated[Text, Field(description="Value of the subgroup.")]
    finding: Finding
    metric: Metric
    difference: Difference
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(
            description="p-value adjusted over groups and models, for single findings over these "
            "too; separately for each metric."
        ),
    ]
    against: Annotated[Text, Field(description='The other group; "rest" for all other units.')]
    threshold: Annotated[
        Share, Field(description="Threshold probability of a net benefit, else empty.")
    ]
    units: Annotated[Count, Field(description="Units of the group in the metric.")]
    units_against: Annotated[Count, Field(description="Units of the other group in the metric.")]
    margin: Annotated[Share, Field(description="The largest gap that does not matter.")]
    p_equivalence: Annotated[
        Share,
        Field(
            description="p-value of a gap within the margin (two one-sided tests), adjusted as "
            "p_adjusted."
        ),
    ]
    detectable: Annotated[
        Count, Field(description="The gap that one unadjusted test detects with the power.")
    ]
    verdict: Annotated[
        Literal["", "higher", "lower", "no_relevant_gap", "undecided"],
        Field(description="Result of the adjusted tests; empty if there is no test."),
    ]


class GapDifferenceRow(NamedTuple):
    """The gap of one network between two groups minus that of another network."""

    model_a: First
    model_b: Second
    column: Annotated[Text, Field(description="Column of the group.")]
    value: Annotated[Text, Field(description="Value of the group.")]
    against: Annotated[Text, Field(description='The other group; "rest" for all other units.')]
    finding: Finding
    metric: Metric
    threshold: Annotated[
        Share, Field(description="Threshold probability of a net benefit, else empty.")
    ]
    difference: Annotated[Number, Field(description="Gap of the first minus gap of the second.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(
            description="p-value adjusted over groups and pairs, for single findings over these "
            "too; separately for each metric."
        ),
    ]
    margin: Annotated[Share, Field(description="The largest difference that does not matter.")]
    p_equivalence: Annotated[
        Share,
        Field(
            description="p-value of a difference within the margin (two one-sided tests), adjusted "
            "as p_adjusted."
        ),
    ]
    verdict: Annotated[
        Literal["", "different", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests; empty if there is no test."),
    ]
