"""Points and parts of the ROC curve of architectures, with the influence of patients on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cxrcompare.evaluation.influence import clusters
from cxrcompare.evaluation.influence.clusters import Side
from cxrcompare.evaluation.influence.influence_estimates import (
    Combination,
    Estimates,
    Influences,
)
from cxrcompare.evaluation.thresholds import roc_limits
from cxrcompare.evaluation.thresholds.matched_points import roc_slope
from cxrcompare.evaluation.thresholds.roc_curve import Curve, Point, curve_of
from cxrcompare.evaluation.thresholds.roc_points import METRICS, RocPoints, standardised


def estimate(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
    averaged: Mapping[str, np.ndarray],
    points: RocPoints,
    level: float,
) -> dict[str, Estimates]:
    """Returns metrics of architectures, also pooled over findings, with what their tests need.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (M, N, F), of M runs.
        patients: (N,), indices of the patients, 0 to G - 1.
        architectures: The indices of the runs (seeds) of each of the A architectures.
        averaged: {metric of `roc_points.METRICS`: (F,) bool, the findings in its mean}.
        points: Where the curve is read.
        level: The level of the limits.
    """
    found = {name: Combination(architectures, some) for name, some in averaged.items()}
    for f in range(labels.shape[1]):
        part = influences(labels[:, f], scores[:, :, f], patients, [*found], points, level)
        for name, one in part.items():
            found[name].add(one)
    units = np.repeat(patients, labels.shape[1])
    flat = scores.reshape(len(scores), -1)
    pooled = influences(labels.ravel(), flat, units, [*found], points, level)
    return {name: one.estimates(pooled[name]) for name, one in found.items()}


def influences(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    wanted: Sequence[str] = METRICS,
    points: RocPoints = RocPoints(),  # noqa: B008
    level: float = 0.95,
) -> dict[str, Influences]:
    """Returns metrics of runs, the influence of each patient on them, and their limits.

    With c the calls at the fixed rate, a unit of the class whose rate is wanted has the influence
    (c - wanted rate) / size. A unit of the other class moves the threshold: it has
    -r (c - fixed rate) / size, r the slope of the ROC curve there. The area up to a false positive
    rate needs no slope: a negative has c (S - S0) + rate S0 - area, S the sensitivity at its score
    and S0 that at the end; a positive has the area above it minus the mean of these.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (M, N).
        patients: (N,), indices of the patients, 0 to G - 1.
        wanted: Names of `roc_points.METRICS`.
        points: Where the curve is read.
        level: The level of the limits.

    Returns:
        {metric: the values, influences and limits}; NaN if a class has fewer than two units.

    Sources: Pepe 2003, The Statistical Evaluation of Medical Tests, section 5.2; Dodd & Pepe 2003,
    doi 10.1111/1541-0420.00071 (partial area).
    """
    known = ~np.isnan(labels)
    positive, group = labels[known] == 1, patients[known]
    count = int(patients.max()) + 1
    classes = [clusters.side_of(positive == side, group, count) for side in (True, False)]
    numbers = np.array([clusters.effective_number(side.units) for side in classes])
    shape = len(wanted), len(scores)
    value, limits = np.full(shape, np.nan), np.full((*shape, 2), np.nan)
    sides = np.full((len(wanted), 2, len(scores), count), np.nan)
    for m, score in enumerate(scores[:, known] if positive.any() and not positive.all() else ()):
        curve = curve_of(score, positive)
        for k, name in enumerate(wanted):
            value[k, m], sides[k, :, m], limits[k, m] = _of_run(
                name, curve, classes, numbers, points, level
            )
    return {
        name: Influences(value[k], sides[k], _informative(name, numbers, points), limits[k])
        for k, name in enumerate(wanted)
    }


def _informative(name: str, patients: np.ndarray, points: RocPoints) -> np.ndarray:
    """Returns the patients of each class that say how large the variance is, (2,).

    The threshold at a fixed rate varies with the few patients beyond it. Two models differ in about
    as many calls of this class, and a variance of sparse values has twice as many degrees of
    freedom as there are values (2 n / (kurtosis - 1)), which tests need.

    Args:
        name: One of `roc_points.METRICS`.
        patients: (2,), the effective numbers of patients.
        points: Where the curve is read.
    """
    rates = {
        "sensitivity_at_specificity": [0.5, 1 - points.specificity],
        "specificity_at_sensitivity": [1 - points.sensitivity, 0.5],
    }
    beyond = np.array([min(rate, 1 - rate) for rate in rates.get(name, [0.5, 0.5])])
    return np.minimum(2 * beyond * patients + 1, patients)


def values(
    labels: np.ndarray,
    scores: np.ndarray,
    points: RocPoints = RocPoints(),  # noqa: B008
) -> dict[str, np.ndarray]:
    """Returns `roc_points.METRICS` without their uncertainty, {metric: (M,)}.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (M, N).
        points: Where the curve is read.
    """
    known = ~np.isnan(labels)
    positive = labels[known] == 1
    found = {name: np.full(len(scores), np.nan) for name in METRICS}
    for m, score in enumerate(scores[:, known] if positive.any() and not positive.all() else ()):
        curve = curve_of(score, positive)
        for name in METRICS:
            if name == "partial_auroc":
                area = _Area.of(curve, points.false_positive_rate)
                found[name][m] = area.standardised
            else:
                read, rate = _read(name, curve, points)
                found[name][m] = read.rate(*read.at(rate))
    return found


def _read(name: str, curve: Curve, points: RocPoints) -> tuple[Curve, float]:
    """Returns the curve from the end at which the fixed rate is small, and this rate."""
    if name == "sensitivity_at_specificity":
        return curve, 1 - points.specificity
    return curve.reversed(), 1 - points.sensitivity


def _of_run(
    name: str,
    curve: Curve,
    classes: Sequence[Side],
    numbers: np.ndarray,
    points: RocPoints,
    level: float,
) -> tuple[float, np.ndarray, np.ndarray]:
    """Returns a metric of one run, the influence of each patient by side, (2, G), and the limits.

    Args:
        name: One of `roc_points.METRICS`.
        curve: The ROC curve.
        classes: The positives and the negatives.
        numbers: (2,), their effective numbers of patients; with one patient there are no limits.
        points: Where the curve is read.
        level: The level of the limits.
    """
    several, limits = numbers.min() > 1, np.full(2, np.nan)
    if name == "partial_auroc":
        rate = points.false_positive_rate
        area = _Area.of(curve, rate)
        sides = _by_patient(area.influence(curve, classes[0].member), classes)
        if several:
            limits = roc_limits.of_area(area.standardised, sides, numbers, rate, level)
        return area.standardised, sides, limits
    read, rate = _read(name, curve, points)
    own, matched = classes if read is curve else classes[::-1]
    point = Point.on(read, rate)
    slope = roc_slope(read.matched, read.own, rate * read.matched[-1])
    moved = -slope * (point.calls - rate)
    influence = np.where(own.member, point.calls - point.value, moved)
    if several:
        limits = roc_limits.of_rate(point, own, matched, level)
    return point.value, _by_patient(influence, classes), limits


def _by_patient(influence: np.ndarray, classes: Sequence[Side]) -> np.ndarray:
    """Returns the influence of each patient by side, (2, G), from those of the units."""
    return np.stack([side.by_patient(influence[side.member]) for side in classes])


class _Area(NamedTuple):
    """The area under the ROC curve up to a false positive rate.

    Attributes:
        rate: The false positive rate.
        area: The area.
        share: (J,), the part of the step of each distinct score that lies below the rate, of the
            first J scores; it is 0 for all others.
        above: (J,), the area of a positive with each score; 0 for all others.
        sensitivity: (J,), the mean sensitivity over that part of the step.
    """

    rate: float
    area: float
    share: np.ndarray
    above: np.ndarray
    sensitivity: np.ndarray

    @classmethod
    def of(cls, curve: Curve, rate: float) -> _Area:
        last = min(curve.at(rate)[0] + 1, len(curve.own))
        fpr = np.append(0.0, curve.matched[:last] / curve.matched[-1])
        tpr = np.append(0.0, curve.own[:last] / curve.own[-1])
        width, gained = np.diff(fpr), np.diff(tpr)
        inside = np.clip(rate - fpr[:-1], 0.0, width)
        share = np.divide(inside, width, out=np.zeros_like(width), where=width > 0)
        above = np.maximum(rate - fpr[1:], 0.0) + share * inside / 2
        return cls(rate, float(gained @ above), share, above, tpr[:-1] + share * gained / 2)

    @property
    def standardised(self) -> float:
        return float(standardised(np.array(self.area), self.rate))

    def influence(self, curve: Curve, positive: np.ndarray) -> np.ndarray:
        """Returns the influence of each unit on the standardised area, times its class's size."""
        at_end = curve.rate(*curve.at(self.rate))
        own = np.where(positive, -self.area, self.rate * at_end - self.area)
        inside = np.flatnonzero(curve.group < len(self.share))
        group = curve.group[inside]
        of_negative = self.share * (self.sensitivity - at_end)
        own[inside] += np.where(positive[inside], self.above[group], of_negative[group])
        return own / (2 * (self.rate - self.rate**2 / 2))
