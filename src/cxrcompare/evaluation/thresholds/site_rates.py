"""What a test does at a site of a given prevalence, from its sensitivity and specificity.

Per 1,000 patients: flags, missed cases, false alarms, cost; and predictive values, and the number
of flags per true one. The intervals follow from those of sensitivity and specificity by the method
of variance estimates recovery (MOVER), with the correlation of the two.

Source: Zou & Donner 2008, doi 10.1002/sim.3095 (two estimates); Newcombe 2011, doi
10.1177/0962280210391076 (predictive values need no more than these).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

QUANTITIES = (
    "ppv",
    "npv",
    "flags",
    "missed",
    "false_alarms",
    "number_needed_to_evaluate",
    "cost",
)
"""Flags, missed cases, false alarms and cost are per 1,000 patients."""
PER = 1000


class Estimated(NamedTuple):
    """A number with its interval."""

    value: float
    low: float
    high: float


class Costs(NamedTuple):
    """The costs of a false positive and of a missed case, in one unit."""

    false_positive: float
    miss: float


def at_site(
    sensitivity: Estimated,
    specificity: Estimated,
    correlation: float,
    prevalence: float,
    costs: Costs | None = None,
) -> dict[str, Estimated]:
    """Returns the quantities of `QUANTITIES`; without costs there is no cost.

    Args:
        sensitivity: With its interval; NaN limits give NaN limits.
        specificity: With its interval.
        correlation: Of the two estimates, in [-1, 1]: from patients with units of both classes, and
            from the noise of a threshold that was chosen.
        prevalence: In (0, 1).
        costs: The costs, or None.
    """
    fall_out = _complement(specificity)
    missing = _complement(sensitivity)
    flags = _sum(
        _times(sensitivity, PER * prevalence),
        _times(fall_out, PER * (1 - prevalence)),
        -correlation,
    )
    missed = _times(missing, PER * prevalence)
    false_alarms = _times(fall_out, PER * (1 - prevalence))
    odds = np.log(prevalence / (1 - prevalence))
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = _sum(_log(sensitivity), _negative(_log(fall_out)), correlation, odds)
        negative = _sum(_log(specificity), _negative(_log(missing)), correlation, -odds)
    ppv, npv = _expit(positive), _expit(negative)
    with np.errstate(divide="ignore", invalid="ignore"):
        evaluate = Estimated(*(float(np.divide(1.0, one)) for one in (ppv[0], ppv[2], ppv[1])))
    found = {
        "ppv": ppv,
        "npv": npv,
        "flags": flags,
        "missed": missed,
        "false_alarms": false_alarms,
        "number_needed_to_evaluate": evaluate,
    }
    if costs is not None:
        found["cost"] = _sum(
            _times(false_alarms, costs.false_positive), _times(missed, costs.miss), correlation
        )
    return found


def _complement(one: Estimated) -> Estimated:
    return Estimated(1 - one.value, 1 - one.high, 1 - one.low)


def _negative(one: Estimated) -> Estimated:
    return Estimated(-one.value, -one.high, -one.low)


def _times(one: Estimated, factor: float) -> Estimated:
    return Estimated(*(factor * value for value in one))


def _log(one: Estimated) -> Estimated:
    return Estimated(*(float(np.log(value)) for value in one))


def _expit(one: Estimated) -> Estimated:
    return Estimated(*(float(1 / (1 + np.exp(-value))) for value in one))


def _sum(
    first: Estimated, second: Estimated, correlation: float, constant: float = 0.0
) -> Estimated:
    """Returns the sum of two estimates by MOVER; of an infinite sum the limits are added."""
    value = first.value + second.value + constant
    if np.isinf(value):
        ends = first.low + second.low + constant, first.high + second.high + constant
        return Estimated(value, *ends)
    below = _combined(first.value - first.low, second.value - second.low, correlation)
    above = _combined(first.high - first.value, second.high - second.value, correlation)
    return Estimated(value, value - below, value + above)


def _combined(first: float, second: float, correlation: float) -> float:
    if np.isinf(first) or np.isinf(second):
        return float("inf")
    squared = first**2 + second**2 + 2 * correlation * first * second
    return float(np.sqrt(np.maximum(squared, 0.0)))
