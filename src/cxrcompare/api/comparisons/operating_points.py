"""Thresholds chosen on validation, with what they give on the test set."""

from __future__ import annotations

from typing import NamedTuple

from cxrcompare.api.arrays import rates
from cxrcompare.api.arrays.units import Estimate
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.errors import InputError
from cxrcompare.evaluation.thresholds import operating
from cxrcompare.predictions import Aligned


class OperatingPoint(NamedTuple):
    """A threshold that was chosen on validation.

    Attributes:
        threshold: A unit is positive if its score is at least this; NaN if validation has only one
            class.
        validation_sensitivity: The sensitivity on validation.
        validation_specificity: The specificity on validation.
        sensitivity: The sensitivity (recall) on the test set, with its interval.
        specificity: The specificity on the test set, with its interval.
        precision: The precision (PPV) on the test set, with its interval.
    """

    threshold: float
    validation_sensitivity: float
    validation_specificity: float
    sensitivity: Estimate
    specificity: Estimate
    precision: Estimate


def operating_point(
    inputs: Inputs | None,
    model: str,
    finding: str,
    sensitivity: float | None,
    specificity: float | None,
    seed: int | str | None,
) -> OperatingPoint:
    """Returns the threshold for a target; see `ComparisonResult.threshold`."""
    rule, target = _target(sensitivity, specificity)
    if inputs is None:
        raise InputError(
            "thresholds need the predictions, which a loaded comparison does not have: call "
            "`compare`. Received: a loaded comparison"
        )
    if inputs.validation is None:
        raise InputError(
            "thresholds are chosen on other patients: give `validation` and "
            "`validation_reference` to `compare`. Received: no validation set"
        )
    run, column = _run(inputs.test, model, seed), _finding(inputs.test, finding)
    held_out = inputs.validation
    chosen = operating.choose(
        held_out.labels[:, column], held_out.scores[run, :, column], rule, target
    )
    if chosen.threshold != chosen.threshold:
        raise InputError(
            f"validation must have positives and negatives of {finding}. Received: one class"
        )
    labels, scores = inputs.test.labels[:, column], inputs.test.scores[run, :, column]
    patients, threshold = inputs.test.patients, chosen.threshold
    return OperatingPoint(
        chosen.threshold,
        chosen.sensitivity,
        chosen.specificity,
        rates.sensitivity(labels, scores, patients, threshold=threshold),
        rates.specificity(labels, scores, patients, threshold=threshold),
        rates.precision(labels, scores, patients, threshold=threshold),
    )


def _target(sensitivity: float | None, specificity: float | None) -> tuple[str, float]:
    given = {"sensitivity": sensitivity, "specificity": specificity}
    chosen = {name: value for name, value in given.items() if value is not None}
    if len(chosen) != 1:
        received = "both" if chosen else "neither"
        raise InputError(f"`sensitivity` or `specificity` must be given. Received: {received}")
    rule, target = next(iter(chosen.items()))
    if not 0 < target <= 1:
        raise InputError(f"`{rule}` must be above 0 and at most 1. Received: {target}")
    return rule, target


def _run(test: Aligned, model: str, seed: int | str | None) -> int:
    own = {one_seed: index for index, (name, one_seed) in enumerate(test.runs) if name == model}
    if not own:
        names = ", ".join(dict.fromkeys(name for name, _ in test.runs))
        raise InputError(f"`model` must be one of {names}. Received: {model}")
    if seed is None and len(own) == 1:
        return next(iter(own.values()))
    if str(seed) not in own:
        raise InputError(
            f"`seed` must be one of {', '.join(own)}: each run of {model} has its own threshold. "
            f"Received: {'none' if seed is None else seed}"
        )
    return own[str(seed)]


def _finding(test: Aligned, finding: str) -> int:
    if finding not in test.findings:
        raise InputError(
            f"`finding` must be one of {', '.join(test.findings)}. Received: {finding}"
        )
    return test.findings.index(finding)
