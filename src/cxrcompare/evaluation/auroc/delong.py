"""Analytic variance of AUROCs and of their differences: DeLong and Obuchowski."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from cxrcompare.evaluation.ranking import ascending


@dataclass(frozen=True)
class Areas:
    """AUROCs of several models on the same units with their covariance.

    Attributes:
        auroc: (M,); NaN if one class is absent.
        covariance: (M, M); NaN if a class has fewer than two units (or clusters).
    """

    auroc: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True)
class PairedTest:
    """A difference of two correlated AUROCs with its interval and test.

    Attributes:
        difference: First minus second.
        standard_error: The standard error of the difference.
        low: Lower limit of its interval.
        high: Upper limit.
        p_value: Two-sided, normal; 1 if the two models rank identically, NaN if undefined.
    """

    difference: float
    standard_error: float
    low: float
    high: float
    p_value: float


def delong(labels: np.ndarray, scores: np.ndarray) -> Areas:
    """Returns AUROCs with DeLong's covariance, in O(N log N).

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded. Units must be independent: one
            per patient (else use `clustered`).
        scores: (M, N).

    Source: DeLong, DeLong & Clarke-Pearson 1988, doi 10.2307/2531595; fast: Sun & Xu 2014, doi
    10.1109/LSP.2014.2337313.
    """
    positive, negative, auroc = placements(labels, scores)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = positive - auroc[:, None], negative - auroc[:, None]
        covariance = sum(
            part @ part.T / (part.shape[1] - 1) / part.shape[1]
            if part.shape[1] > 1
            else np.full((len(scores),) * 2, np.nan)
            for part in centred
        )
    return Areas(auroc, np.asarray(covariance))


def clustered(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> Areas:
    """Returns AUROCs with Obuchowski's covariance, for several units per patient.

    It equals `delong` if every patient has one unit.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (M, N).
        patients: (N,) the patient id of each unit.

    Source: Obuchowski 1997, doi 10.2307/2533958.
    """
    labelled = ~np.isnan(labels)
    _, cluster = np.unique(np.asarray(patients)[labelled], return_inverse=True)
    label = labels[labelled]
    positive, negative, auroc = placements(labels, scores)
    groups = int(cluster.max()) + 1 if cluster.size else 0
    sides = []
    for side, values in ((1, positive), (0, negative)):
        members = cluster[label == side]
        units = np.bincount(members, minlength=groups)
        deviation = np.zeros((len(scores), groups))
        for model, placement in enumerate(values):
            deviation[model] = np.bincount(members, placement, minlength=groups)
        deviation -= units * auroc[:, None]
        sides.append((deviation, int((units > 0).sum()), int(units.sum())))
    (x, x_groups, x_units), (y, y_groups, y_units) = sides
    if min(x_groups, y_groups) < 2:
        return Areas(auroc, np.full((len(scores),) * 2, np.nan))
    own = x_groups / (x_groups - 1) / x_units**2 * (x @ x.T) + y_groups / (
        y_groups - 1
    ) / y_units**2 * (y @ y.T)
    cross = groups / (groups - 1) / (x_units * y_units) * (x @ y.T)
    return Areas(auroc, own + cross + cross.T)


def paired(areas: Areas, first: int, second: int, level: float = 0.95) -> PairedTest:
    """Returns the test of AUROC `first` minus AUROC `second`, with a normal interval.

    Args:
        areas: The result of `delong` or `clustered`.
        first: The index of a model.
        second: The index of another model.
        level: The level of the interval.
    """
    weights = np.zeros(len(areas.auroc))
    weights[first] += 1
    weights[second] -= 1
    return contrast(areas, weights, level)


def contrast(areas: Areas, weights: np.ndarray, level: float = 0.95) -> PairedTest:
    """Returns the test that a weighted sum of AUROCs is zero, e.g. of means over seeds.

    The interval is clipped to the possible range of the sum, which does not change its coverage.

    Args:
        areas: The result of `delong` or `clustered`.
        weights: (M,), e.g. 1 and -1.
        level: The level of the interval.
    """
    difference = float(weights @ areas.auroc)
    variance = float(weights @ areas.covariance @ weights)
    error = float(np.sqrt(max(variance, 0.0))) if variance == variance else float("nan")
    half = float(special.ndtri((1 + level) / 2)) * error
    scale = float(np.abs(weights) @ np.sqrt(np.maximum(np.diag(areas.covariance), 0.0)))
    if error <= 1e-9 * scale:  # zero up to rounding error
        p_value = 1.0 if abs(difference) <= 1e-9 else float("nan")
    else:
        p_value = float(2 * special.ndtr(-abs(difference) / error))
    least, most = float(np.minimum(weights, 0).sum()), float(np.maximum(weights, 0).sum())
    low, high = np.clip([difference - half, difference + half], least, most)
    return PairedTest(difference, error, float(low), float(high), p_value)


def standard_errors(areas: Areas) -> np.ndarray:
    """Returns the standard error of each AUROC, (M,)."""
    return np.sqrt(np.maximum(np.diag(areas.covariance), 0.0))


def placements(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns placement values of positives and of negatives, and the AUROC.

    For a positive: the share of negatives with a lower score. For a negative: the share of
    positives with a higher score. Ties count half. One sort replaces the loop over pairs, as
    midranks do in Sun & Xu 2014.
    """
    known = ~np.isnan(labels)
    positive = labels[known] == 1
    own = np.full((len(scores), len(positive)), np.nan)
    if positive.any() and not positive.all():
        for model, score in enumerate(scores):
            own[model] = unit_placements(positive, score[known])
    above, below = own[:, positive], own[:, ~positive]
    nan = np.full(len(scores), np.nan)
    return above, below, above.mean(axis=1) if positive.any() else nan


def unit_placements(positive: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Returns the placement value of every unit of one model, (N,); see `placements`.

    Args:
        positive: (N,) bool, with units of both classes.
        score: (N,).
    """
    order = ascending(score)
    hits = positive[order.unit]
    positives = np.append(0, np.cumsum(hits))  # among the units before each position
    both = positives[order.start] + positives[order.end]
    lower = (order.start + order.end - both) / (2 * (len(score) - positives[-1]))
    higher = 1 - both / (2 * positives[-1])
    if len(order.start) < len(score):
        lower, higher = lower[order.group], higher[order.group]
    found = np.empty(len(score))
    found[order.unit] = np.where(hits, lower, higher)
    return found
