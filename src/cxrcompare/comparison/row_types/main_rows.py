"""The row types of metrics, paired differences, ranks, sample sizes, counts and warnings."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
    Adjusted,
    Count,
    Deviation,
    Difference,
    Finding,
    First,
    High,
    Low,
    Method,
    Metric,
    Model,
    Negatives,
    Number,
    Positives,
    PValue,
    Second,
    Seed,
    Share,
    SimultaneousHigh,
    SimultaneousLow,
    Subgroup,
    Text,
)
from cxrcompare.comparison.row_types.field import Field

WITHOUT_VERDICT = ("accuracy", "precision", "npv", "f1", "hamming_loss", "subset_accuracy")
"""Metrics with intervals, but without tests between networks, verdicts and ranks.

They are improper at thresholds other than 0.5 or the prevalence: a worse model can have a better
value. Source: Van Calster et al. 2025, doi 10.1016/j.landig.2025.100916.
"""


class MetricRow(NamedTuple):
    """An estimate of a metric for one model or run."""

    model: Model
    seed: Seed
    finding: Finding
    metric: Metric
    value: Annotated[Number, Field(description="Estimate, in units of the metric.")]
    low: Low
    high: High
    positives: Positives
    negatives: Negatives
    subgroup: Subgroup
    defined: Annotated[Count, Field(description="Number of findings included in the estimate.")]
    method: Method
    patient_sd: Annotated[Deviation, Field(description="Standard deviation over patients.")]
    seed_sd: Annotated[Deviation, Field(description="Standard deviation over seeds.")]


class DifferenceRow(NamedTuple):
    """A paired difference of two networks."""

    model_a: First
    model_b: Second
    finding: Finding
    metric: Metric
    difference: Difference
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Adjusted
    method: Method
    margin: Annotated[Share, Field(description="Margin of equivalence; only for AUROC.")]
    verdict: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests; empty if there is no test."),
    ]
    subgroup: Subgroup
    p_equivalence: Annotated[
        Share,
        Field(
            description="p-value of equivalence within the margin (two one-sided tests), adjusted "
            "over the same family."
        ),
    ]
    simultaneous_low: SimultaneousLow
    simultaneous_high: SimultaneousHigh


class NonInferiorityRow(NamedTuple):
    """A one-sided non-inferiority test of the AUROC."""

    model_a: First
    model_b: Second
    finding: Finding
    metric: Metric
    margin: Annotated[Share, Field(description="Non-inferiority margin of the AUROC.")]
    difference: Difference
    low: Low
    high: High
    p_value: Annotated[Share, Field(description="One-sided p-value, not adjusted.")]
    p_adjusted: Adjusted
    non_inferior: Annotated[bool, Field(description="Whether the first model is non-inferior.")]


class AnalyticRow(NamedTuple):
    """An analytic paired test of the AUROC, in addition to the bootstrap."""

    model_a: First
    model_b: Second
    finding: Finding
    method: Method
    difference: Difference
    low: Low
    high: High
    p_value: PValue
    standard_error: Annotated[Deviation, Field(description="Standard error of the analytic test.")]
    bootstrap_standard_error: Annotated[
        Deviation, Field(description="Standard error of the bootstrap.")
    ]


class AgainstBaselineRow(NamedTuple):
    """A paired difference of a network and a baseline."""

    model_a: First
    model_b: Second
    finding: Finding
    metric: Metric
    difference: Difference
    low: Low
    high: High
    p_value: PValue
    method: Method
    subgroup: Subgroup
    p_adjusted: Adjusted
    simultaneous_low: SimultaneousLow
    simultaneous_high: SimultaneousHigh


class AddedToMetadataRow(NamedTuple):
    """The AUROC of network and metadata combined minus that of metadata alone."""

    model: Model
    finding: Finding
    auroc_metadata: Annotated[Share, Field(description="AUROC of the metadata baseline.")]
    auroc_combined: Annotated[
        Share, Field(description="AUROC of network and metadata, combined on validation.")
    ]
    difference: Annotated[Number, Field(description="Combined minus metadata alone.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(description="p-value adjusted over networks, for single findings over these too."),
    ]


class PartialPoolingRow(NamedTuple):
    """The AUROC difference of two networks in a model that pools findings; no test."""

    model_a: First
    model_b: Second
    finding: Annotated[
        Text, Field(description='Finding, or "mean" of the distribution of findings.')
    ]
    difference: Annotated[
        Number, Field(description="Estimate without pooling, first minus second.")
    ]
    pooled: Annotated[Number, Field(description="Posterior mean of the true difference.")]
    low: Annotated[Number, Field(description="Lower end of the credible interval.")]
    high: Annotated[Number, Field(description="Upper end of the credible interval.")]
    probability_a_better: Annotated[
        Share, Field(description="Posterior probability that the first is better.")
    ]
    probability_a_better_by_margin: Annotated[
        Share, Field(description="That the first is better by more than the margin.")
    ]
    probability_b_better_by_margin: Annotated[
        Share, Field(description="That the second is better by more than the margin.")
    ]
    probability_within_margin: Annotated[
        Share, Field(description="That they differ by no more than the margin.")
    ]
    margin: Annotated[Share, Field(description="The largest difference that does not matter.")]
    tau: Annotated[
        Count, Field(description="Posterior median of the standard deviation between findings.")
    ]
    tau_low: Annotated[Count, Field(description="Lower end of its credible interval.")]
    tau_high: Annotated[Count, Field(description="Upper end of its credible interval.")]


class RankRow(NamedTuple):
    """The rank of a network."""

    model: Model
    metric: Metric
    rank: Annotated[Count, Field(description="Rank of the point estimate; 1 is best.")]
    low: Annotated[Count, Field(description="Best rank of the simultaneous interval.")]
    high: Annotated[Count, Field(description="Worst rank of the simultaneous interval.")]
    probability_best: Annotated[
        Share, Field(description="Share of replicates in which it is best.")
    ]
    tie_group: Annotated[
        Text, Field(description="Letters; models with a shared letter do not differ.")
    ]


class SampleSizeRow(NamedTuple):
    """The sample size that two models of this comparison need, by AUROC."""

    finding: Finding
    margin: Annotated[Share, Field(description="Difference to detect, and margin of equivalence.")]
    level: Annotated[
        Share, Field(description="1 - alpha of each test: alpha is shared by the family.")
    ]
    power: Annotated[Share, Field(description="Power of the test.")]
    studies_difference: Annotated[
        Count,
        Field(
            description="Units to detect a difference equal to the margin; empty if no number is."
        ),
    ]
    studies_equivalence: Annotated[
        Count,
        Field(description="Units to show that equal models are equivalent; empty if never."),
    ]
    studies_present: Annotated[Count, Field(description="Units of the test set.")]
    unit_variance: Annotated[
        Deviation, Field(description="Variance of a difference times the units, median over pairs.")
    ]
    seed_variance: Annotated[
        Deviation,
        Field(description="Variance of a difference by training seeds, median over pairs."),
    ]


class ResolutionRow(NamedTuple):
    """The minimum detectable difference."""

    finding: Finding
    metric: Metric
    minimum_detectable_difference: Annotated[Count, Field(description="In units of the metric.")]
    power: Annotated[Share, Field(description="Power of the test.")]
    level: Annotated[
        Share, Field(description="1 - alpha of each test: alpha is shared by the family.")
    ]
    basis: Annotated[Text, Field(description="Source of the standard error.")]


class CountRow(NamedTuple):
    """The reference labels of a finding."""

    finding: Finding
    positives: Positives
    negatives: Negatives
    unknown: Annotated[Count, Field(description="Number of units without a label.")]


class ThresholdRow(NamedTuple):
    """The threshold of a run."""

    model: Model
    seed: Seed
    finding: Finding
    threshold: Annotated[
        Number, Field(description="Positive where the score is at least the threshold.")
    ]
    rule: Annotated[Text, Field(description="Rule that chose the threshold.")]
    source: Annotated[Text, Field(description="Data on which the threshold was chosen.")]


class ConfusionRow(NamedTuple):
    """The 2x2 counts of a run at its threshold."""

    model: Model
    seed: Seed
    finding: Finding
    threshold: Annotated[
        Number, Field(description="Positive where the score is at least the threshold.")
    ]
    tp: Annotated[Count, Field(description="True positives, units.")]
    fp: Annotated[Count, Field(description="False positives, units.")]
    fn: Annotated[Count, Field(description="False negatives, units.")]
    tn: Annotated[Count, Field(description="True negatives, units.")]


class WarningRow(NamedTuple):
    """A warning."""

    code: Annotated[Text, Field(description="Kind of warning.")]
    message: Annotated[Text, Field(description="Text of the warning.")]
    model: Annotated[Text, Field(description="Model or run; empty if the warning has none.")]
    finding: Annotated[Text, Field(description="Finding; empty if the warning has none.")]
