"""The row types of two references, and of corrections for a labeller's error rates."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
    Count,
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
)
from cxrcompare.comparison.row_types.field import Field


class ReferenceAgreementRow(NamedTuple):
    """The reference as a labeller, against the second reference, on the units that both label."""

    finding: Finding
    units: Annotated[Count, Field(description="Units with a label in both references.")]
    positives: Annotated[Count, Field(description="Positives of the reference.")]
    positives_second: Annotated[Count, Field(description="Positives of the second reference.")]
    kappa: Annotated[Number, Field(description="Cohen's kappa, at most 1.")]
    kappa_low: Low
    kappa_high: High
    sensitivity: Annotated[
        Share, Field(description="Share of the second reference's positives that it has.")
    ]
    sensitivity_low: Low
    sensitivity_high: High
    specificity: Annotated[
        Share, Field(description="Share of the second reference's negatives that it has.")
    ]
    specificity_low: Low
    specificity_high: High


class ReferenceModelRow(NamedTuple):
    """The AUROC and rank of a network under both references, on the units that both label."""

    model: Model
    finding: Finding
    units: Annotated[Count, Field(description="Units with a label in both references.")]
    auroc: Annotated[Share, Field(description="AUROC under the reference.")]
    auroc_second: Annotated[Share, Field(description="AUROC under the second reference.")]
    rank: Annotated[Count, Field(description="Rank under the reference; 1 is best.")]
    rank_second: Annotated[Count, Field(description="Rank under the second reference.")]
    change: Annotated[Number, Field(description="AUROC under the second minus under the first.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share, Field(description="p-value adjusted over networks, for single findings over these.")
    ]


class ReferencePairRow(NamedTuple):
    """The verdict on two networks under both references, and the change of their difference."""

    model_a: First
    model_b: Second
    finding: Finding
    units: Annotated[Count, Field(description="Units with a label in both references.")]
    difference: Annotated[Number, Field(description="AUROC difference under the reference.")]
    verdict: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Verdict under the reference, on these units."),
    ]
    difference_second: Annotated[Number, Field(description="Under the second reference.")]
    verdict_second: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Verdict under the second reference, on these units."),
    ]
    change: Annotated[Number, Field(description="Second difference minus first.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(description="p-value of the change, adjusted over pairs, for findings over these."),
    ]
    margin: Annotated[Share, Field(description="The largest change that does not matter.")]
    p_equivalence: Annotated[
        Share, Field(description="p-value of a change within the margin, adjusted alike.")
    ]
    change_verdict: Annotated[
        Literal["", "changed", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests of the change."),
    ]


class ReferenceOrderRow(NamedTuple):
    """The joint test that the second reference changes the AUROCs of all networks alike."""

    finding: Finding
    models: Annotated[Count, Field(description="Number of networks.")]
    kendall: Annotated[Number, Field(description="Kendall's tau-b of both orders of networks.")]
    statistic: Annotated[Number, Field(description="F statistic.")]
    degrees: Annotated[Count, Field(description="Numerator degrees of freedom.")]
    degrees_second: Annotated[Count, Field(description="Denominator degrees of freedom.")]
    p_value: PValue
    p_adjusted: Annotated[Share, Field(description="p-value adjusted over single findings.")]


class LabelCorrectionRow(NamedTuple):
    """A metric of a network, corrected for the error rates of the labeller."""

    model: Model
    finding: Finding
    metric: Metric
    observed: Annotated[Number, Field(description="Against the labels.")]
    corrected: Annotated[
        Number, Field(description="Corrected; outside [0, 1] if the assumptions do not hold.")
    ]
    low: Low
    high: High
    labeller_sensitivity: Annotated[Share, Field(description="Of the labeller; empty for a mean.")]
    labeller_specificity: Annotated[Share, Field(description="Of the labeller; empty for a mean.")]
    prevalence: Annotated[Share, Field(description="True prevalence that the rates imply.")]


class LabelCorrectionPairRow(NamedTuple):
    """The AUROC difference of two networks, corrected for the error rates of the labeller."""

    model_a: First
    model_b: Second
    finding: Finding
    observed: Annotated[Number, Field(description="Difference against the labels.")]
    difference: Annotated[Number, Field(description="Corrected difference.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[Share, Field(description="p-value adjusted over pairs and findings.")]
    margin: Annotated[Share, Field(description="Margin of equivalence.")]
    p_equivalence: Annotated[
        Share, Field(description="p-value of equivalence within the margin, adjusted alike.")
    ]
    verdict: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests."),
    ]
