"""Checks arrays of labels, scores and groups, and the type of an estimate."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError, reason


class Estimate(NamedTuple):
    """A metric with its confidence interval.

    Attributes:
        value: The metric; NaN if it is not defined, e.g. without positives.
        low: Lower limit of the interval; NaN with fewer than ten groups of a class.
        high: Upper limit of the interval.
        positives: The number of units with the label 1.
        negatives: The number of units with the label 0.
        method: The method of the interval.
        level: The level of the interval.
    """

    value: float
    low: float
    high: float
    positives: int
    negatives: int
    method: str
    level: float

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return (
            f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}] ({self.level:.4g} interval: "
            f"{self.method}; {self.positives} positive, {self.negatives} negative)"
        )


class Units(NamedTuple):
    """The units of a test set.

    Attributes:
        labels: (N,) float64 in {0, 1, NaN}.
        groups: (N,) int64, 0 to G - 1: the patient of each unit.
        scores: (M, N) float64, of M models.
    """

    labels: np.ndarray
    groups: np.ndarray
    scores: np.ndarray


def units(y_true: Any, groups: Any, *, probabilities: bool = False, **scores: Any) -> Units:
    """Returns checked arrays.

    Args:
        y_true: (N,) labels: 1, 0, or missing if unknown.
        groups: (N,) the patient of each unit, or None: each unit is a patient.
        probabilities: Whether scores must be in [0, 1].
        scores: The scores of each model by the name of the argument, (N,) each.

    Raises:
        InputError: An array has another shape or values of another kind.
    """
    labels = _numbers("y_true", y_true)
    wrong = labels[~(np.isnan(labels) | (labels == 0) | (labels == 1))]
    if wrong.size:
        raise InputError(f"`y_true` must be 1, 0 or missing. Received: {wrong[0]:g}")
    rows = [_scores(name, given, len(labels), probabilities) for name, given in scores.items()]
    return Units(labels, groups_of(groups, len(labels)), np.stack(rows))


def _scores(name: str, given: Any, length: int, probabilities: bool) -> np.ndarray:
    values = _numbers(name, given)
    _check_length(name, len(values), length)
    valid = np.isfinite(values)
    if probabilities:
        valid &= (values >= 0) & (values <= 1)
    if not valid.all():
        kind = "probabilities in [0, 1]" if probabilities else "finite numbers"
        raise InputError(f"`{name}` must be {kind}. Received: {values[~valid][0]:g}")
    return values


def matrix(name: str, given: Any) -> np.ndarray:
    """Returns a matrix of numbers, (N, F) float64, from an array or a data frame.

    Raises:
        InputError: It has another shape, or other values.
    """
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"`{name}` must be numbers. Received: {reason(error)}") from error
    if values.ndim != 2 or not values.size:
        raise InputError(f"`{name}` must be (N, F) with N, F > 0. Received: shape={values.shape}")
    return values


def groups_of(given: Any, length: int) -> np.ndarray:
    """Returns the index of the patient of each unit, (N,) int64.

    Args:
        given: (N,) the patient of each unit, or None: each unit is a patient.
        length: N.

    Raises:
        InputError: The length differs, or a patient is missing.
    """
    if given is None:
        return np.arange(length)
    values = pd.Series(given).reset_index(drop=True)
    _check_length("groups", len(values), length)
    if values.isna().any():
        row = int(np.argmax(values.isna()))
        raise InputError(f"`groups` must have a patient in every row. Received: none in row {row}")
    return np.unique(values.astype(str).to_numpy(dtype=object), return_inverse=True)[1]


def _check_length(name: str, received: int, expected: int) -> None:
    if received != expected:
        raise InputError(
            f"`{name}` must have {expected} values, as `y_true` has. Received: {received}"
        )


def _numbers(name: str, given: Any) -> np.ndarray:
    try:
        if isinstance(given, pd.Series | pd.Index):
            values = given.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"`{name}` must be numbers. Received: {reason(error)}") from error
    if values.ndim != 1 or not values.size:
        raise InputError(f"`{name}` must be (N,) with N > 0. Received: shape={values.shape}")
    return values
