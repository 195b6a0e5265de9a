"""Calibration: ECE, logistic recalibration (slope and intercept), reliability diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.probabilities import logistic_lines
from cxrcompare.options.evaluation import Evaluation

BINS = Evaluation.bins
"""The default number of ECE bins, of equal width over [0, 1]."""
LEAST_LOGIT_SD = 0.1
"""The smallest standard deviation of the logits for which the calibration slope is defined.

At 0.1 the standard error of the slope is about 10 / sqrt(N p (1 - p)): 1.5 with 500 units and a
prevalence p of 10 %. It grows without bound as the scores approach a constant.
"""
LARGEST_SLOPE_ERROR = 5.0
"""The standard error above which a calibration slope is not given: its interval says nothing."""
_CLIP = 1e-12
_AT_ONCE = 2**15
"""Units times runs that are fitted together."""


def logit_sd(probabilities: np.ndarray) -> float:
    """Returns the standard deviation of the logits, clipped as in `recalibration`; 0 if empty.

    Args:
        probabilities: (N,) in [0, 1].
    """
    return float(_logit(probabilities).std()) if len(probabilities) else 0.0


def _logit(probabilities: np.ndarray) -> np.ndarray:
    return np.asarray(special.logit(np.clip(probabilities, _CLIP, 1 - _CLIP)))


def edges(bins: int = BINS) -> np.ndarray:
    """Returns the edges of `bins` bins of equal width over [0, 1], (bins + 1,)."""
    return np.linspace(0.0, 1.0, bins + 1)


def bin_index(probabilities: np.ndarray, bin_edges: np.ndarray) -> np.ndarray:
    """Returns each probability's bin: bin k is [edge k, edge k + 1), the last bin is closed."""
    index = np.searchsorted(bin_edges, probabilities, side="right") - 1
    return np.clip(index, 0, len(bin_edges) - 2)


def ece(
    labels: np.ndarray,
    probabilities: np.ndarray,
    weights: np.ndarray | None = None,
    bin_edges: np.ndarray | None = None,
) -> float:
    """Returns the expected calibration error of the positive class.

    It is the mean of |mean probability - share of positives| over bins, weighted by their number of
    units. Noise biases it upwards: perfectly calibrated probabilities have about 0.07 with 300
    units and about 0.02 with 5,000. It is suited to compare models on the same units, but is not a
    test of calibration. Percentile intervals are too high; basic intervals (2 * value - limit)
    cover about 90 % at 300 units if the ECE is not near 0.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        probabilities: (N,) in [0, 1].
        weights: (N,) non-negative; all 1 by default.
        bin_edges: (K + 1,) ascending; `edges()` by default.

    Returns:
        The ECE in [0, 1]; NaN without units.

    Source: Naeini et al. 2015, AAAI, doi 10.1609/aaai.v29i1.9602.
    """
    labelled = ~np.isnan(labels)
    weight = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=np.float64)
    weight, label, probability = weight[labelled], labels[labelled], probabilities[labelled]
    if weight.sum() <= 0:
        return float("nan")
    index = bin_index(probability, edges() if bin_edges is None else bin_edges)
    return float(np.abs(np.bincount(index, weight * (probability - label))).sum() / weight.sum())


@dataclass(frozen=True)
class Recalibration:
    """Logistic recalibration of probabilities.

    Attributes:
        slope: Calibration slope; 1 is ideal, below 1 the probabilities are too extreme.
        slope_low: Lower limit of its interval.
        slope_high: Upper limit.
        intercept: Calibration in the large: the shift of the logit at slope 1; 0 is ideal, below 0
            the probabilities are too high on average.
        intercept_low: Lower limit of its interval.
        intercept_high: Upper limit.
        slope_influence: (P,), the influence of each patient on the slope, in the order of sorted
            ids. The root of the sum of squares is the standard error; for a mean of several fits,
            the influences are averaged first.
        intercept_influence: (P,), the same for the intercept.
    """

    slope: float
    slope_low: float
    slope_high: float
    intercept: float
    intercept_low: float
    intercept_high: float
    slope_influence: np.ndarray
    intercept_influence: np.ndarray


def recalibration(
    labels: np.ndarray,
    probabilities: np.ndarray,
    patients: np.ndarray | None = None,
    level: float = 0.95,
) -> Recalibration:
    """Returns calibration slope and calibration in the large with Wald intervals.

    The slope is estimated in logit P(y = 1) = a + slope * logit(p), the intercept in
    logit P(y = 1) = intercept + logit(p), both by maximum likelihood. Standard errors are sandwich
    estimates clustered by patient.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        probabilities: (N,) in [0, 1]; clipped to [1e-12, 1 - 1e-12].
        patients: (N,) ids; by default every unit is a patient.
        level: The level of the intervals.

    Returns:
        The estimates. All are NaN if only one class is present. The slope is NaN if the
        probabilities hardly vary (`LEAST_LOGIT_SD`), if its standard error is too large
        (`LARGEST_SLOPE_ERROR`), or if a threshold separates the classes
        perfectly (the estimate would be infinite).

    Source: Cox 1958, doi 10.1093/biomet/45.3-4.562; Van Calster et al. 2019, doi
    10.1186/s12916-019-1466-7.
    """
    return recalibrations(labels, probabilities[None], patients, level)[0]


def recalibrations(
    labels: np.ndarray,
    probabilities: Sequence[np.ndarray] | np.ndarray,
    patients: np.ndarray | None = None,
    level: float = 0.95,
) -> list[Recalibration]:
    """Returns `recalibration` of M runs, fitted together.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        probabilities: (M, N) in [0, 1], or M of (N,).
        patients: (N,) ids; by default every unit is a patient.
        level: The level of the intervals.
    """
    labelled = ~np.isnan(labels)
    label = labels[labelled]
    ids, cluster = np.unique(
        np.arange(len(labels)) if patients is None else patients, return_inverse=True
    )
    if not 0 < label.sum() < len(label):
        nan = (float("nan"),) * 6
        return [
            Recalibration(*nan, *np.full((2, len(ids)), np.nan)) for _ in range(len(probabilities))
        ]
    clusters = _Clusters(cluster[labelled], len(ids), len(np.unique(cluster[labelled])))
    found: list[Recalibration] = []
    at_once = max(1, _AT_ONCE // len(label))
    for first in range(0, len(probabilities), at_once):
        some = np.stack([*probabilities[first : first + at_once]])
        found += _fitted(label, _logit(some[:, labelled]), clusters, level)
    return found


class _Clusters(NamedTuple):
    """The patients of the units with a label.

    Attributes:
        of_unit: (N,), indices of the patients.
        total: The number of all patients.
        labelled: The number of those with a label.
    """

    of_unit: np.ndarray
    total: int
    labelled: int


def _fitted(
    label: np.ndarray, x: np.ndarray, clusters: _Clusters, level: float
) -> list[Recalibration]:
    """Returns the recalibrations of logits, (M, N)."""
    z = float(special.ndtri((1 + level) / 2))
    shifts = logistic_lines.shifts(label, x)
    positive, negative = x[:, label == 1], x[:, label == 0]
    separated = (positive.min(axis=1) >= negative.max(axis=1)) | (
        positive.max(axis=1) <= negative.min(axis=1)
    )
    sloped = np.flatnonzero(~separated & (x.std(axis=1) >= LEAST_LOGIT_SD))
    undefined = _Fit(float("nan"), np.full(clusters.total, np.nan))
    slopes = [undefined] * len(x)
    if len(sloped):
        lines = logistic_lines.lines(label, x[sloped], shifts.intercept[sloped])
        for number, m in enumerate(sloped.tolist()):
            influence = _influence(lines, number, x[m], clusters)
            if np.sqrt(np.sum(influence**2)) <= LARGEST_SLOPE_ERROR:
                slopes[m] = _Fit(float(lines.slope[number]), influence)
    found = []
    for m, slope in enumerate(slopes):
        intercept = _Fit(float(shifts.intercept[m]), _influence(shifts, m, x[m], clusters))
        found.append(
            Recalibration(*slope.ends(z), *intercept.ends(z), slope.influence, intercept.influence)
        )
    return found


def _influence(
    lines: logistic_lines.Lines, number: int, x: np.ndarray, clusters: _Clusters
) -> np.ndarray:
    """Returns the influence of patients on a fitted coefficient, (P,)."""
    constant, per_logit = lines.weights[number]
    weight = constant + per_logit * x if per_logit else constant
    correction = np.sqrt(clusters.labelled / max(clusters.labelled - 1, 1))
    own = correction * weight * lines.residual[number]
    return np.bincount(clusters.of_unit, own, clusters.total)


@dataclass(frozen=True)
class _Fit:
    """A coefficient and the influence of each patient on it, (P,)."""

    value: float
    influence: np.ndarray

    def ends(self, z: float) -> tuple[float, float, float]:
        half = z * float(np.sqrt(np.sum(self.influence**2)))
        return self.value, self.value - half, self.value + half


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram; one entry per non-empty bin.

    Attributes:
        left: Left edges.
        right: Right edges.
        predicted: Mean probability.
        observed: Share of positives.
        low: Lower limit of its Wilson interval (assumes independent units).
        high: Upper limit.
        count: The number of units in the bin.
    """

    left: np.ndarray
    right: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    count: np.ndarray


def reliability(
    labels: np.ndarray,
    probabilities: np.ndarray,
    bin_edges: np.ndarray | None = None,
    level: float = 0.95,
) -> Reliability:
    """Returns observed proportion and mean prediction per bin. Arguments as for `ece`."""
    labelled = ~np.isnan(labels)
    bounds = edges() if bin_edges is None else bin_edges
    index = bin_index(probabilities[labelled], bounds)
    count = np.bincount(index, minlength=len(bounds) - 1)
    predicted = np.bincount(index, probabilities[labelled], minlength=len(bounds) - 1)
    positives = np.bincount(index, labels[labelled], minlength=len(bounds) - 1)
    nonempty = count > 0
    count, predicted, positives = count[nonempty], predicted[nonempty], positives[nonempty]
    low, high = intervals.wilson(positives, count, level)
    return Reliability(
        bounds[:-1][nonempty],
        bounds[1:][nonempty],
        predicted / count,
        positives / count,
        low,
        high,
        count,
    )
