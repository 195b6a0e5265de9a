"""The row types of net benefit, use at a site, and operating points."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
    Count,
    Difference,
    Finding,
    First,
    High,
    Low,
    Model,
    Number,
    PValue,
    Second,
    Share,
    Text,
    Verdict,
)
from cxrcompare.comparison.row_types.field import Field

Opponent = Literal["treat all", "treat none"]
Source = Literal["given", "test set"]
Point = Literal["same sensitivity", "same specificity", "same flags", "own threshold"]


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


class AtPrevalenceRow(NamedTuple):
    """What a model does at its thresholds at a site of a given prevalence."""

    model: Model
    finding: Finding
    prevalence: Annotated[Share, Field(description="Prevalence at the site.")]
    source: Annotated[Source, Field(description="Where the prevalence comes from.")]
    quantity: Annotated[
        Text,
        Field(
            description="sensitivity, specificity, ppv, npv, number_needed_to_evaluate (flags per "
            "true one); or flags, missed, false_alarms and cost per 1,000 patients."
        ),
    ]
    value: Annotated[Number, Field(description="The quantity.")]
    low: Low
    high: High
    correlation: Annotated[
        Number, Field(description="Correlation of the estimates of sensitivity and specificity.")
    ]


class CostDifferenceRow(NamedTuple):
    """A paired difference of the costs of two models at a site, per 1,000 patients."""

    model_a: First
    model_b: Second
    finding: Finding
    difference: Annotated[Number, Field(description="First minus second, per 1,000 patients.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[Share, Field(description="p-value adjusted over pairs and findings.")]
    verdict: Verdict


class TreatmentRow(NamedTuple):
    """The net benefit of a model minus that of treating all or none."""

    model: Model
    opponent: Annotated[Opponent, Field(description="What it is compared with.")]
    finding: Finding
    threshold: Annotated[Share, Field(description="Threshold probability.")]
    difference: Difference
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share, Field(description="p-value adjusted over models, opponents, findings, thresholds.")
    ]
    verdict: Annotated[
        Literal["", "better", "worse", "undecided"],
        Field(description="Result of the adjusted test; empty if there is no test."),
    ]


class OperatingPointRow(NamedTuple):
    """What a model does at one operating point, at the prevalence of the site."""

    model: Model
    finding: Finding
    point: Annotated[
        Point,
        Field(
            description="Where all models have the same sensitivity, specificity or flags per "
            "1,000; or the threshold of each, chosen on validation or given."
        ),
    ]
    target: Annotated[
        Number, Field(description="The same rate, or flags per 1,000; empty at own thresholds.")
    ]
    prevalence: Annotated[Share, Field(description="Prevalence at the site.")]
    sensitivity: Annotated[Share, Field(description="Sensitivity.")]
    sensitivity_low: Low
    sensitivity_high: High
    specificity: Annotated[Share, Field(description="Specificity.")]
    specificity_low: Low
    specificity_high: High
    flags: Annotated[Number, Field(description="Flags per 1,000 patients.")]
    flags_low: Low
    flags_high: High
    missed: Annotated[Number, Field(description="Missed cases per 1,000 patients.")]
    missed_low: Low
    missed_high: High
    ppv: Annotated[Share, Field(description="Positive predictive value.")]
    ppv_low: Low
    ppv_high: High
    tested: Annotated[
        Text, Field(description="Metrics of the tests in differences.csv; empty if untested.")
    ]
    better_than: Annotated[
        Count, Field(description="Tests in which it is significantly better than a network.")
    ]
    worse_than: Annotated[
        Count, Field(description="Tests in which it is significantly worse than a network.")
    ]
