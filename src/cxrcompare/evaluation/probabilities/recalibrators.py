"""Recalibration of probabilities: logistic and isotonic, fitted on one set, applied to another."""

from __future__ import annotations

import numpy as np
from scipy import special

METHODS = ("logistic", "isotonic")
_LARGEST_LOGIT = 27.6  # of 1 - 1e-12
_EDGE = 1e-6
"""Isotonic probabilities stay this far from 0 and 1, so that the log loss is finite."""


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
    known = ~np.isnan(labels)
    label, probability = labels[known], probabilities[known]
    if label.size == 0 or label.min() == label.max():
        return np.full(len(others), np.nan)
    if method == "logistic":
        return _logistic(label, _logit(probability), _logit(others))
    if method == "isotonic":
        from scipy import optimize  # here: few comparisons need it, and its import takes 0.1 s

        order = np.argsort(probability, kind="stable")
        distinct, code = np.unique(probability[order], return_inverse=True)
        size = np.bincount(code).astype(np.float64)
        share = np.bincount(code, label[order]) / size
        fitted = optimize.isotonic_regression(share, weights=size).x
        return np.asarray(np.clip(np.interp(others, distinct, fitted), _EDGE, 1 - _EDGE))
    raise ValueError(f"`method` must be one of {METHODS}. Received: {method!r}")


def _logit(probabilities: np.ndarray) -> np.ndarray:
    return np.clip(special.logit(probabilities), -_LARGEST_LOGIT, _LARGEST_LOGIT)


def _logistic(label: np.ndarray, logit: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Fits intercept and slope by maximum likelihood."""
    low, high = logit[label == 1], logit[label == 0]
    if low.min() >= high.max() or low.max() <= high.min():
        return np.full(len(others), np.nan)

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        eta = beta[0] + beta[1] * logit
        residual = special.expit(eta) - label
        value = float(np.mean(np.logaddexp(0.0, eta) - label * eta))
        return value, np.array([residual.mean(), (residual * logit).mean()])

    from scipy import optimize  # here: see `recalibrated`

    found = optimize.minimize(
        loss, np.array([0.0, 1.0]), jac=True, method="BFGS", options={"gtol": 1e-8}
    ).x
    return np.asarray(special.expit(found[0] + found[1] * others))
