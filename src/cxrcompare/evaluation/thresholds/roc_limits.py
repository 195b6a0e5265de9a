"""Limits of points and parts of the ROC curve that also hold for few patients."""

from __future__ import annotations

import functools

import numpy as np
from scipy import special

from cxrcompare.evaluation import intervals, student_t
from cxrcompare.evaluation.influence.clusters import Side
from cxrcompare.evaluation.thresholds.roc_curve import Point
from cxrcompare.evaluation.thresholds.roc_points import standardised

_ROUNDING = 1e-6
_PART = 0.5
"""The part of a patient that the limits of a sensitivity add at each end of the scale."""


def of_rate(point: Point, own: Side, matched: Side, level: float) -> np.ndarray:
    """Returns the limits of a rate at a fixed rate of the other class, (2,).

    Two errors are combined by their squared distances to the estimate (MOVER). If the threshold
    were exact, the rate would be a proportion with Wilson's limits. If the proportion were exact,
    the threshold would be a quantile, whose exact limits are two units of the matched class, and
    the curve itself says what the wanted rate is there.

    Args:
        point: The rates, and the curve.
        own: The class of the wanted rate.
        matched: The class of the fixed rate.
        level: The level.

    Sources: Zou & Donner 2008, doi 10.1002/sim.3095 (MOVER); Wilson 1927, doi
    10.1080/01621459.1927.10502953; Conover 1999, Practical Nonparametric Statistics, section 3.2
    (limits of a quantile).
    """
    curve, rate, value, calls = point
    size = own.number(calls[own.member])
    alone = intervals.wilson(np.array(value * size), np.array(size), level)
    number = int(matched.number(calls[matched.member]) + _ROUNDING)
    first, last = quantile_ranks(rate, number, level)
    bottom = curve.rate(*curve.at((first - _ROUNDING) / number)) if first else 0.0
    top = curve.rate(*curve.at((last - _ROUNDING) / number)) if last <= number else 1.0
    low = value - np.hypot(value - min(bottom, value), value - alone[0])
    high = value + np.hypot(max(top, value) - value, alone[1] - value)
    return np.clip([low, high], 0.0, 1.0)


def of_area(
    value: float, sides: np.ndarray, numbers: np.ndarray, rate: float, level: float
) -> np.ndarray:
    """Returns the limits of a standardised partial AUROC, (2,), those of its mean sensitivity.

    Args:
        value: The standardised partial AUROC.
        sides: (2, G), the influence of the patients through positives and negatives.
        numbers: (2,), the effective numbers of patients.
        rate: The false positive rate up to which the area goes.
        level: The level.
    """
    largest = rate - rate**2 / 2
    factor = rate / (2 * largest)  # of the standardised area by the mean sensitivity
    mean = ((2 * value - 1) * largest + rate**2 / 2) / rate
    ends = standardised(rate * of_sensitivity(mean, sides / factor, numbers, level), rate)
    return np.array([min(ends[0], value), max(ends[1], value)])


def of_sensitivity(
    value: float, sides: np.ndarray, numbers: np.ndarray, level: float
) -> np.ndarray:
    """Returns the limits of a sensitivity, or of a mean of sensitivities, (2,).

    They are on the logit scale, with half a positive patient more above all scores and half a
    patient below them: few positives may all lie at one end.

    Args:
        value: The sensitivity.
        sides: (2, G), the influence of the patients through positives and negatives.
        numbers: (2,), the effective numbers of patients.
        level: The level.
    """
    spread = np.sum(np.square(sides), axis=1)
    count, more = numbers[0], numbers[0] + 2 * _PART
    moved = (count * value + _PART) / more
    squares = spread[0] * count * (count - 1) + count * (value - moved) ** 2
    squares += _PART * (moved**2 + (1 - moved) ** 2)
    parts = np.array([squares / (more * (more - 1)), spread[1]])
    freedom = np.array([more - 1, numbers[1] - 1])
    variance = parts.sum()
    degrees = variance**2 / np.sum(parts**2 / freedom)
    half = student_t.quantile((1 + level) / 2, degrees) * np.sqrt(variance)
    half = half / (moved * (1 - moved)) * np.array([-1.0, 1.0])
    ends = special.expit(special.logit(moved) + half)
    return np.array([min(ends[0], value), max(ends[1], value)])


@functools.lru_cache(maxsize=256)
def quantile_ranks(share: float, number: int, level: float) -> tuple[int, int]:
    """Returns the ranks, from 1, of the two units between which a quantile lies.

    A rank of 0, or of `number` + 1, says that there is no limit at this side.

    Args:
        share: The share of the population below the quantile.
        number: The number of units in the sample.
        level: The least probability that the quantile lies between the two.
    """
    tail = (1 - level) / 2
    below = special.bdtr(np.arange(number + 1), number, share)  # P(at most so many units below)
    first = int(np.searchsorted(below, tail, side="left"))
    last = int(np.searchsorted(below, 1 - tail, side="left")) + 1
    return first, last
