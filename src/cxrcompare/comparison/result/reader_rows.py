"""The row types of networks against the mean reader and the panel, and of readers' net benefit."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from cxrcompare.comparison.result.rows import (
    Count,
    Finding,
    High,
    Low,
    Metric,
    Model,
    Number,
    PValue,
    Share,
    Text,
)


class ReaderPanelRow(NamedTuple):
    """A network against the mean reader or against the panel of readers."""

    model: Model
    finding: Finding
    metric: Metric
    threshold: Annotated[
        Share, Field(description="Threshold probability of a net benefit, else empty.")
    ]
    against: Annotated[
        Literal["mean reader", "panel"],
        Field(description="The mean reader (readers random), or the majority of these readers."),
    ]
    readers: Annotated[Count, Field(description="Number of readers.")]
    model_value: Annotated[Number, Field(description="The metric of the network.")]
    reader_value: Annotated[Number, Field(description="That of the mean reader or the panel.")]
    difference: Annotated[Number, Field(description="Network minus readers.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(
            description="p-value adjusted over networks and both comparisons, for single findings "
            "over these too; separately for each metric."
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
    degrees: Annotated[
        Number, Field(description="Degrees of freedom; Hillis's for the mean reader.")
    ]
    units: Annotated[Count, Field(description="Units that all readers rated.")]
    verdict: Annotated[
        Literal["", "model_better", "readers_better", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests; empty if there is no test."),
    ]


class ReaderNetBenefitRow(NamedTuple):
    """The net benefit of a reader at a threshold probability."""

    finding: Finding
    reader: Annotated[Text, Field(description='The reader, "mean reader" or "panel".')]
    threshold: Annotated[Share, Field(description="Threshold probability.")]
    net_benefit: Annotated[
        Number, Field(description="True positives minus weighted false positives, per unit.")
    ]
    low: Low
    high: High
