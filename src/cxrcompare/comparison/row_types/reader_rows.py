"""The row types of readers: against networks, their agreement, and their net benefit."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
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
from cxrcompare.comparison.row_types.field import Field


class ReaderRow(NamedTuple):
    """A reader against a network."""

    model: Model
    finding: Finding
    reader: Annotated[Text, Field(description="Name of the reader.")]
    reader_sensitivity: Annotated[Share, Field(description="Sensitivity of the reader.")]
    reader_specificity: Annotated[Share, Field(description="Specificity of the reader.")]
    below_curve: Annotated[
        Share, Field(description="1 if the reader is below the ROC curve, else 0.")
    ]
    sensitivity_low: Annotated[Share, Field(description="Lower end of the reader's sensitivity.")]
    sensitivity_high: Annotated[Share, Field(description="Upper end of the reader's sensitivity.")]
    specificity_low: Annotated[Share, Field(description="Lower end of the reader's specificity.")]
    specificity_high: Annotated[Share, Field(description="Upper end of the reader's specificity.")]
    model_sensitivity_at_reader: Annotated[
        Share, Field(description="Sensitivity of the model at the reader's specificity.")
    ]
    model_specificity_at_reader: Annotated[
        Share, Field(description="Specificity of the model at the reader's sensitivity.")
    ]
    sensitivity_difference: Annotated[
        Number, Field(description="Model minus reader in sensitivity, at the reader's specificity.")
    ]
    sensitivity_difference_low: Low
    sensitivity_difference_high: High
    specificity_difference: Annotated[
        Number, Field(description="Model minus reader in specificity, at the reader's sensitivity.")
    ]
    specificity_difference_low: Low
    specificity_difference_high: High
    p_value: Annotated[
        Share, Field(description="Two-sided p-value that the reader is on the ROC curve.")
    ]
    p_adjusted: Annotated[
        Share, Field(description="p-value adjusted over networks, findings and readers.")
    ]


class AgreementRow(NamedTuple):
    """The agreement of two readers, or of all."""

    finding: Finding
    reader_a: Annotated[
        Text, Field(description='First reader; "all" for Fleiss\' kappa of all readers.')
    ]
    reader_b: Annotated[
        Text, Field(description='Second reader; "all" for Fleiss\' kappa of all readers.')
    ]
    kappa: Annotated[Number, Field(description="Cohen's or Fleiss' kappa, at most 1.")]
    low: Low
    high: High


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
