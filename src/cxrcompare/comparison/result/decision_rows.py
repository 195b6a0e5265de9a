"""The row types of the tables on decisions: use at a site, operating points, calibration."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from cxrcompare.comparison.result.rows import (
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
)

Verdict = Annotated[
    Literal["", "a_better", "b_better", "undecided"],
    Field(description="Result of the adjusted test; empty if there is no test."),
]


Opponent = Literal["treat all", "treat none"]
Winner = Literal["", "a_better", "b_better", "undecided"]
Source = Literal["given", "test set"]


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


class CalibrationRow(NamedTuple):
    """The smoothed calibration error of a model; its interval contains 0 if it is calibrated."""

    model: Model
    finding: Finding
    error: Annotated[
        Share, Field(description="Smoothed calibration error without bias, in probability.")
    ]
    low: Low
    high: High
    p_value: Annotated[Share, Field(description="p-value that the model is calibrated.")]
    p_adjusted: Annotated[Share, Field(description="p-value adjusted over models and findings.")]


class CalibrationDifferenceRow(NamedTuple):
    """A paired difference of two models' squared smoothed calibration errors."""

    model_a: First
    model_b: Second
    finding: Finding
    difference: Annotated[Number, Field(description="First minus second, of squared errors.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[Share, Field(description="p-value adjusted over pairs and findings.")]
    verdict: Verdict


Recalibrated = Literal["raw", "logistic", "isotonic"]
Noise = Annotated[
    Literal["", "test patients", "test patients and fit"],
    Field(
        description="What the interval contains: the sampling of test patients, recalibrated by "
        "this fit; or also the sampling of the validation patients of the fit."
    ),
]


class RecalibratedRow(NamedTuple):
    """A metric of a model as it is, or recalibrated on validation."""

    model: Model
    finding: Finding
    version: Annotated[
        Recalibrated, Field(description="As it is, or how it was recalibrated on validation.")
    ]
    metric: Annotated[
        Text,
        Field(
            description="brier, log_loss, calibration_slope, calibration_intercept, "
            "smooth_calibration_error or net_benefit."
        ),
    ]
    threshold: Annotated[
        Share, Field(description="Threshold probability of a net benefit, else empty.")
    ]
    value: Annotated[Number, Field(description="On the test set, mean over seeds.")]
    low: Low
    high: High
    noise: Noise


class RecalibratedDifferenceRow(NamedTuple):
    """A paired difference: recalibrated minus raw, or of two recalibrated models."""

    model_a: First
    version_a: Annotated[Recalibrated, Field(description="Version of the first.")]
    model_b: Second
    version_b: Annotated[Recalibrated, Field(description="Version of the second.")]
    finding: Finding
    metric: Annotated[Text, Field(description="brier, log_loss or net_benefit.")]
    threshold: Annotated[
        Share, Field(description="Threshold probability of a net benefit, else empty.")
    ]
    difference: Difference
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(
            description="p-value adjusted over models or pairs, versions, findings and thresholds "
            "of the metric."
        ),
    ]
    noise: Noise
    verdict: Verdict


class RecalibratedCurveRow(NamedTuple):
    """A point of the decision curve of recalibrated probabilities."""

    model: Model
    finding: Finding
    version: Annotated[Recalibrated, Field(description="How it was recalibrated on validation.")]
    threshold: Annotated[Share, Field(description="Threshold probability.")]
    net_benefit: Annotated[Number, Field(description="Net benefit on the test set.")]
    low: Low
    high: High
    standardised: Annotated[Number, Field(description="Net benefit over prevalence.")]
    noise: Noise


Point = Literal["same sensitivity", "same specificity", "same flags", "own threshold"]


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


class ViewsCalibrationRow(NamedTuple):
    """The calibration of a model with the maximum and with the mean over the views of a study."""

    model: Model
    finding: Finding
    max_error: Annotated[
        Share, Field(description="Smoothed calibration error with the maximum over views.")
    ]
    max_error_low: Low
    max_error_high: High
    max_intercept: Annotated[
        Number, Field(description="Calibration intercept with the maximum; 0 is calibrated.")
    ]
    max_intercept_low: Low
    max_intercept_high: High
    mean_error: Annotated[
        Share, Field(description="Smoothed calibration error with the mean over views.")
    ]
    mean_error_low: Low
    mean_error_high: High
    mean_intercept: Annotated[Number, Field(description="Calibration intercept with the mean.")]
    mean_intercept_low: Low
    mean_intercept_high: High
    difference: Annotated[Number, Field(description="Squared error, maximum minus mean.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[Share, Field(description="p-value adjusted over models and findings.")]
    verdict: Annotated[
        Literal["", "max_better", "mean_better", "undecided"],
        Field(description="Which rule is better calibrated; empty if there is no test."),
    ]


DECISIONS: dict[str, type[NamedTuple]] = {
    "at_prevalence": AtPrevalenceRow,
    "cost_differences": CostDifferenceRow,
    "net_benefit_opponents": TreatmentRow,
    "calibration_errors": CalibrationRow,
    "calibration_differences": CalibrationDifferenceRow,
    "recalibrated": RecalibratedRow,
    "recalibrated_differences": RecalibratedDifferenceRow,
    "recalibrated_curves": RecalibratedCurveRow,
    "operating_points": OperatingPointRow,
    "views_calibration": ViewsCalibrationRow,
}
"""The tables of this module; a comparison writes those that have rows."""
