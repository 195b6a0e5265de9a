"""Logistic regression with a ridge penalty, fitted by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

_STEPS = 100
_HALVINGS = 40
_CLOSE = 1e-12


@dataclass(frozen=True)
class Regression:
    """A fitted logistic regression.

    Attributes:
        intercept: The log-odds where all columns are 0.
        weights: (C,), of the columns.
    """

    intercept: float
    weights: np.ndarray

    def log_odds(self, columns: np.ndarray) -> np.ndarray:
        """Returns the log-odds of each row, (K,), of columns (K, C)."""
        return np.asarray(self.intercept + columns @ self.weights)


def fit(columns: np.ndarray, label: np.ndarray) -> Regression:
    """Returns the regression with the least log loss, summed over rows, plus half |weights|².

    The penalty keeps the weights finite where columns separate the classes. The intercept has no
    penalty, so the mean of the fitted probabilities is the share of positives.

    Args:
        columns: (N, C), on comparable scales.
        label: (N,) in {0, 1}, both present.

    Source: le Cessie & van Houwelingen 1992, doi 10.2307/2347628.
    """
    design = np.column_stack([np.ones(len(label)), columns])
    penalty = np.ones(design.shape[1])
    penalty[0] = 0.0
    share = float(np.mean(label))
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(share / (1 - share))
    loss = _loss(design, label, beta, penalty)
    for _ in range(_STEPS):
        probability = special.expit(design @ beta)
        gradient = design.T @ (probability - label) + penalty * beta
        weight = probability * (1 - probability)
        hessian = design.T @ (design * weight[:, None]) + np.diag(penalty)
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        size = 1.0
        for _ in range(_HALVINGS):
            tried = _loss(design, label, beta - size * step, penalty)
            if tried <= loss:
                break
            size /= 2
        else:
            break
        beta, gain, loss = beta - size * step, loss - tried, tried
        if gain <= _CLOSE * max(loss, 1.0) and np.abs(size * step).max() < 1e-9:
            break
    return Regression(float(beta[0]), beta[1:])


def _loss(design: np.ndarray, label: np.ndarray, beta: np.ndarray, penalty: np.ndarray) -> float:
    eta = design @ beta
    return float(np.sum(np.logaddexp(0.0, eta) - label * eta) + np.sum(penalty * beta**2) / 2)
