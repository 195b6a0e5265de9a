"""The row types of all tables of a comparison: columns, units, ranges and descriptions.

An undefined number is NaN in a row and a data frame, and null in JSON.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

ALL_SEEDS = "all"
"""The seed of a row that is the mean over seeds."""
ALL_READERS = "all"
"""Both readers of the agreement of all readers."""
MEAN = "mean"
"""The finding of a row that is the mean over findings (macro)."""
MICRO = "micro"
"""The finding of a row for all findings pooled."""
METADATA = "metadata alone"
"""The name of the metadata baseline."""

WITHOUT_VERDICT = ("accuracy", "precision", "npv", "f1", "hamming_loss", "subset_accuracy")
"""Metrics with intervals, but without tests between networks, verdicts and ranks.

They are improper at thresholds other than 0.5 or the prevalence: a worse model can have a better
value. Source: Van Calster et al. 2025, doi 10.1016/j.landig.2025.100916.
"""

Text = Annotated[str, Field(max_length=10_000)]
Number = Annotated[float, Field(ge=-1e15, le=1e15)] | None
Share = Annotated[float, Field(ge=0, le=1)] | None
Count = Annotated[float, Field(ge=0, le=1e15)] | None
Seed = Annotated[
    Annotated[int, Field(ge=0)] | Text,
    Field(description='Seed of the run; "all" for the mean over seeds.'),
]
Model = Annotated[Text, Field(description="Name of the model.")]
First = Annotated[Text, Field(description="First model of the pair.")]
Second = Annotated[Text, Field(description="Second model of the pair, which is subtracted.")]
Finding = Annotated[
    Text, Field(description='Finding, "mean" (macro over findings) or "micro" (all pooled).')
]
Metric = Annotated[Text, Field(description="Name of the metric, e.g. auroc.")]
Subgroup = Annotated[Text, Field(description="column=value; empty for the whole test set.")]
Low = Annotated[Number, Field(description="Lower end of the interval, not adjusted.")]
High = Annotated[Number, Field(description="Upper end of the interval, not adjusted.")]
Difference = Annotated[Number, Field(description="First minus second, in units of the metric.")]
PValue = Annotated[Share, Field(description="Two-sided p-value, not adjusted.")]
Adjusted = Annotated[
    Share, Field(description="p-value adjusted over all pairs and findings of the family.")
]
SimultaneousLow = Annotated[
    Number, Field(description="Lower end of the simultaneous interval of the family.")
]
SimultaneousHigh = Annotated[
    Number, Field(description="Upper end of the simultaneous interval of the family.")
]
Method = Annotated[Text, Field(description="Method of the interval or test.")]
Positives = Annotated[Count, Field(description="Number of positive units.")]
Negatives = Annotated[Count, Field(description="Number of negative units.")]
Deviation = Annotated[float, Field(ge=0, le=1e15)] | None


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


class CountRow(NamedTuple):
    """The reference labels of a finding."""

    finding: Finding
    positives: Positives
    negatives: Negatives
    unknown: Annotated[Count, Field(description="Number of units without a label.")]


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


class NetBenefitRow(NamedTuple):
    """A point of a decision curve."""

    model: Model
    finding: Finding
    threshold: Annotated[Share, Field(description="Threshold probability.")]
    net_benefit: Annotated[
        Number, Field(description="True positives minus weighted false positives, per unit.")
    ]
    low: Low
    high: High
    treat_all: Annotated[Number, Field(description="Net benefit if all units are called positive.")]
    standardised: Annotated[Number, Field(description="Net benefit over prevalence, at most 1.")]


class NetBenefitDifferenceRow(NamedTuple):
    """A paired difference of the net benefits of two networks."""

    model_a: First
    model_b: Second
    finding: Finding
    threshold: Annotated[Share, Field(description="Threshold probability.")]
    difference: Annotated[Number, Field(description="First minus second, per unit.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share, Field(description="p-value adjusted over pairs, findings and thresholds.")
    ]


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


ALWAYS: dict[str, type[NamedTuple]] = {
    "metrics": MetricRow,
    "differences": DifferenceRow,
    "ranks": RankRow,
    "readers": ReaderRow,
    "agreement": AgreementRow,
    "counts": CountRow,
    "resolution": ResolutionRow,
    "sample_size": SampleSizeRow,
    "thresholds": ThresholdRow,
    "confusion": ConfusionRow,
    "warnings": WarningRow,
}
"""The tables that every comparison writes."""

OPTIONAL: dict[str, type[NamedTuple]] = {
    "non_inferiority": NonInferiorityRow,
    "against_trivial": AgainstBaselineRow,
    "added_to_metadata": AddedToMetadataRow,
    "net_benefit": NetBenefitRow,
    "net_benefit_differences": NetBenefitDifferenceRow,
    "analytic": AnalyticRow,
    "subgroup_gaps": SubgroupGapRow,
}
"""The tables that a comparison writes if they have rows."""
