"""The row types of calibration errors and of models recalibrated on validation."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
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

Recalibrated = Literal["raw", "logistic", "isotonic"]
Noise = Annotated[
    Literal["", "test patients", "test patients and fit"],
    Field(
        description="What the interval contains: the sampling of test patients, recalibrated by "
        "this fit; or also the sampling of the validation patients of the fit."
    ),
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
