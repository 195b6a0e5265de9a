"""Logistic regression by Newton's method, with an optional ridge penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_STEPS = 100
_HALVINGS = 30
_LARGEST_STEP = 4.0
_CLOSE = 1e-10


@dataclass(frozen=True)
class LogisticRegression:
    """A fitted logistic regression.

    Attributes:
        coefficients: (D,), of the variables.
        residual: (N,), label minus fitted probability.
        inverse: (D, D), of the information matrix, the penalty included.
    """

    coefficients: np.ndarray
    residual: np.ndarray
    inverse: np.ndarray


def fit(
    design: np.ndarray,
    label: np.ndarray,
    penalty: np.ndarray | float = 0.0,
) -> LogisticRegression:
    """Returns the regression with the least log loss plus half of penalty times squared weights.

    A step is halved until the gradient is smaller, which a short enough step always achieves.
    Without a penalty, coefficients are not finite if the variables separate the classes.

    Args:
        design: (D, N), the variables; a row of ones for an intercept.
        label: (N,), 0 or 1.
        penalty: (D,), not negative.
    """
    weights = np.broadcast_to(np.asarray(penalty, dtype=np.float64), len(design))
    found, gradient = _state(design, label, weights, np.zeros(len(design)))
    for _ in range(_STEPS):
        step = found.inverse @ gradient
        step *= min(1.0, _LARGEST_STEP / max(np.abs(_combined(design, step)).max(), 1e-300))
        for _ in range(_HALVINGS):
            tried, left = _state(design, label, weights, found.coefficients + step)
            if np.abs(left).max() <= np.abs(gradient).max():
                break
            step /= 2
        else:
            break  # the gradient is 0 but for rounding
        found, gradient = tried, left
        if np.abs(step).max() < _CLOSE:
            break
    return found


def _combined(design: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Returns the weighted sum of the variables, (N,)."""
    return np.asarray(sum(weight * column for weight, column in zip(beta, design, strict=True)))


def _state(
    design: np.ndarray,
    label: np.ndarray,
    penalty: np.ndarray,
    beta: np.ndarray,
) -> tuple[LogisticRegression, np.ndarray]:
    """Returns the regression at given coefficients, and the gradient."""
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-_combined(design, beta)))  # a quarter of `expit`'s time
    residual = label - p
    gradient = np.array([np.sum(column * residual) for column in design]) - penalty * beta
    # No BLAS, which would start threads for two columns.
    information = np.einsum("in,jn->ij", design * (p * (1 - p)), design)
    inverse = np.linalg.pinv(information + np.diag(penalty), hermitian=True)
    return LogisticRegression(beta, residual, inverse), gradient
