"""Recalibration of probabilities: logistic and isotonic, fitted on one set, applied to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from cxrcompare.evaluation.probabilities import logistic

METHODS = ("logistic", "isotonic")
_LARGEST_LOGIT = 27.6  # of 1 - 1e-12
_EDGE = 1e-6
"""Isotonic probabilities stay this far from 0 and 1, so that the log loss is finite."""


@dataclass(frozen=True)
class LogisticFit:
    """The logistic recalibration P(y = 1) = expit(intercept + slope * logit(p)).

    Attributes:
        intercept: The intercept.
        slope: The slope.
        influence: (G, 2), of each patient on intercept and slope; the sum of squares over patients
            is their variance.
    """

    intercept: float
    slope: float
    influence: np.ndarray

    def apply(self, probabilities: np.ndarray) -> np.ndarray:
        """Returns recalibrated probabilities, of the same shape."""
        return np.asarray(special.expit(self.intercept + self.slope * logit(probabilities)))


def fit_logistic(
    labels: np.ndarray, probabilities: np.ndarray, patients: np.ndarray
) -> LogisticFit | None:
    """Returns the fit, with the influence of patients (sandwich estimate, clustered by patient).

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        probabilities: (N,).
        patients: (N,), indices of patients, 0 to G - 1.

    Returns:
        The fit; None if there is one class only, if a threshold separates the classes, or if all
        probabilities are equal.
    """
    known = ~np.isnan(labels)
    label, x = labels[known], logit(probabilities[known])
    if label.size == 0 or label.min() == label.max() or np.ptp(x) == 0:
        return None
    low, high = x[label == 1], x[label == 0]
    if low.min() >= high.max() or low.max() <= high.min():
        return None
    design = np.stack([np.ones(len(x)), x])
    fitted = logistic.fit(design, label)
    own = design * fitted.residual
    groups = int(patients.max()) + 1
    by_patient = np.stack([np.bincount(patients[known], one, groups) for one in own])
    present = len(np.unique(patients[known]))
    scale = np.sqrt(present / max(present - 1, 1))
    influence = scale * (fitted.inverse @ by_patient).T
    intercept, slope = fitted.coefficients
    return LogisticFit(float(intercept), float(slope), influence)


def recalibrated(
    labels: np.ndarray, probabilities: np.ndarray, others: np.ndarray, method: str
) -> np.ndarray:
    """Returns the probabilities `others`, recalibrated by a fit of labels on probabilities.

    Args:
        labels: (N,) in {0, 1, NaN}, of validation; unknown labels are excluded.
        probabilities: (N,), of validation.
        others: (K,), the probabilities to recalibrate, of other patients.
        method: "logistic" (intercept and slope of the logit) or "isotonic" (the monotone step
            function that fits best, interpolated between its values).

    Returns:
        (K,); NaN if validation has one class only, or if a threshold separates its classes.

    Sources: Platt 1999; Zadrozny & Elkan 2002, doi 10.1145/775047.775151.
    """
    if method == "logistic":
        fit = fit_logistic(labels, probabilities, np.arange(len(labels)))
        return np.full(len(others), np.nan) if fit is None else fit.apply(others)
    known = ~np.isnan(labels)
    label, probability = labels[known], probabilities[known]
    if label.size == 0 or label.min() == label.max():
        return np.full(len(others), np.nan)
    if method == "isotonic":
        from scipy import optimize  # here: few comparisons need it, and its import takes 0.1 s

        order = np.argsort(probability, kind="stable")
        distinct, code = np.unique(probability[order], return_inverse=True)
        size = np.bincount(code).astype(np.float64)
        share = np.bincount(code, label[order]) / size
        fitted = optimize.isotonic_regression(share, weights=size).x
        return np.asarray(np.clip(np.interp(others, distinct, fitted), _EDGE, 1 - _EDGE))
    raise ValueError(f"`method` must be one of {METHODS}. Received: {method!r}")


def logit(probabilities: np.ndarray) -> np.ndarray:
    """Returns logits, clipped to 27.6 from 0: those of 1e-12 and 1 - 1e-12."""
    return np.clip(special.logit(probabilities), -_LARGEST_LOGIT, _LARGEST_LOGIT)
