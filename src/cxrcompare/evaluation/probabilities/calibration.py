"""Calibration: ECE, logistic recalibration (slope and intercept), reliability diagrams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.probabilities import logistic
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
    labelled = ~np.isnan(labels)
    y = labels[labelled]
    x = _logit(probabilities[labelled])
    ids, cluster = np.unique(
        np.arange(len(labels)) if patients is None else patients, return_inverse=True
    )
    undefined = _Fit(float("nan"), np.full(len(ids), np.nan))
    intercept = slope = undefined
    if 0 < y.sum() < len(y):
        clusters = cluster[labelled], len(ids)
        ones = np.ones(len(y))
        intercept = _logistic(y, ones[None], x, *clusters)
        low, high = x[y == 1], x[y == 0]
        separated = low.min() >= high.max() or low.max() <= high.min()
        if not separated and x.std() >= LEAST_LOGIT_SD:
            slope = _logistic(y, np.stack([x, ones]), np.zeros(len(y)), *clusters)
            if not np.sqrt(np.sum(slope.influence**2)) <= LARGEST_SLOPE_ERROR:
                slope = undefined
    z = float(special.ndtri((1 + level) / 2))
    return Recalibration(*slope.ends(z), *intercept.ends(z), slope.influence, intercept.influence)


@dataclass(frozen=True)
class _Fit:
    """A coefficient and the influence of each patient on it, (P,)."""

    value: float
    influence: np.ndarray

    def ends(self, z: float) -> tuple[float, float, float]:
        half = z * float(np.sqrt(np.sum(self.influence**2)))
        return self.value, self.value - half, self.value + half


def _logistic(
    y: np.ndarray, design: np.ndarray, offset: np.ndarray, cluster: np.ndarray, clusters: int
) -> _Fit:
    """Returns the first coefficient and the influence of patients on it.

    Args:
        y: (N,), 0 or 1.
        design: (D, N), the variables.
        offset: (N,), added to the logits.
        cluster: (N,), indices of the patients.
        clusters: The number of patients.
    """
    found = logistic.fit(design, y, offset)
    scores = [np.bincount(cluster, column * found.residual, clusters) for column in design]
    groups = len(np.unique(cluster))
    correction = np.sqrt(groups / max(groups - 1, 1))
    influence = correction * (found.inverse[0] @ np.stack(scores))
    return _Fit(float(found.coefficients[0]), influence)


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
