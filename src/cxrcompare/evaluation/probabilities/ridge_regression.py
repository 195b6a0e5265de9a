"""Logistic regression on several columns, with a ridge penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation.probabilities import logistic


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
    design = np.vstack([np.ones(len(label)), columns.T])
    found = logistic.fit(design, label, penalty=np.append(0.0, np.ones(len(design) - 1)))
    return Regression(float(found.coefficients[0]), found.coefficients[1:])
