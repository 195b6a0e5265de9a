"""Logistic regressions of the same labels on one variable each, for many variables at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_STEPS = 300
_HALVINGS = 30
_LARGEST_STEP = 4.0
_BLOCK = 2**15
"""Values that are computed at a time; they fit into a core's cache."""
_CLOSE = 1e-8
"""The step after which a fit ends. Newton's method squares the error, so 1e-16 is left."""


class Lines(NamedTuple):
    """M fitted lines: the logit of the probability is intercept + slope * variable.

    Attributes:
        slope: (M,).
        intercept: (M,), at the variable's value 0.
        weights: (M, 2), for the influence of a unit on the fitted coefficient: its residual times
            the sum of the first one and the second one times the variable.
        residual: (M, N), label minus fitted probability.
    """

    slope: np.ndarray
    intercept: np.ndarray
    weights: np.ndarray
    residual: np.ndarray


class _Sums(NamedTuple):
    """Sums over the units at given coefficients, (M,) each.

    Attributes:
        residual: Of label minus probability.
        moment: Of the same times the variable.
        weight: Of the variances of the labels.
        first: Of the same times the variable.
        second: Of the same times the squared variable.
    """

    residual: np.ndarray
    moment: np.ndarray
    weight: np.ndarray
    first: np.ndarray
    second: np.ndarray

    def steepest(self, free: bool) -> np.ndarray:
        """Returns the largest absolute value of the gradient, (M,)."""
        flat = np.abs(self.residual)
        return np.maximum(flat, np.abs(self.moment)) if free else flat

    def inverse(self, free: bool) -> np.ndarray:
        """Returns the inverse of the information, (M, 2, 2): slope first, then intercept."""
        found = np.zeros((len(self.weight), 2, 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            if not free:
                found[:, 1, 1] = 1 / self.weight
            else:
                size = self.second * self.weight - self.first**2
                found[:, 0, 0], found[:, 1, 1] = self.weight / size, self.second / size
                found[:, 0, 1] = found[:, 1, 0] = -self.first / size
        return np.where(np.isfinite(found), found, 0.0)


def shifts(label: np.ndarray, variables: np.ndarray) -> Lines:
    """Returns the lines with slope 1, fitted by their intercept.

    Args:
        label: (N,), 0 or 1, with both classes.
        variables: (M, N).
    """
    start = np.stack([np.ones(len(variables)), np.zeros(len(variables))], axis=1)
    at, sums = _fit(label, variables, start, False)
    weights = np.zeros((len(variables), 2))
    weights[:, 0] = sums.inverse(False)[:, 1, 1]
    return Lines(at[:, 0], at[:, 1], weights, label - _probability(variables, at))


def lines(label: np.ndarray, variables: np.ndarray, intercepts: np.ndarray) -> Lines:
    """Returns the lines fitted by slope and intercept; the coefficient of `weights` is the slope.

    A step is halved until the gradient is smaller, which a short enough step always achieves.

    Args:
        label: (N,), 0 or 1; no threshold of a variable separates the classes.
        variables: (M, N), none constant.
        intercepts: (M,), where to start; the slope starts at 1.
    """
    centre = variables.mean(axis=1)
    inside = variables - centre[:, None]
    start = np.stack([np.ones(len(variables)), intercepts + centre], axis=1)
    at, sums = _fit(label, inside, start, True)
    inverse = sums.inverse(True)
    weights = np.stack([inverse[:, 0, 1] - inverse[:, 0, 0] * centre, inverse[:, 0, 0]], axis=1)
    residual = label - _probability(inside, at)
    return Lines(at[:, 0], at[:, 1] - at[:, 0] * centre, weights, residual)


def _fit(
    label: np.ndarray, variables: np.ndarray, start: np.ndarray, free: bool
) -> tuple[np.ndarray, _Sums]:
    """Returns slopes and intercepts, (M, 2), and the sums there.

    Args:
        label: (N,), 0 or 1.
        variables: (M, N).
        start: (M, 2), the coefficients to start from.
        free: Whether the slope is fitted.
    """
    found = start.copy()
    sums = _sums(label, variables, found)
    ends = np.stack([variables.min(axis=1), variables.max(axis=1)])
    step = _newton(sums, ends, free)
    halved = np.zeros(len(found), dtype=int)
    going = np.arange(len(found))
    for _ in range(_STEPS):
        if not len(going):
            break
        some = variables if len(going) == len(found) else variables[going]
        tried = found[going] + step[going]
        reached = _sums(label, some, tried)
        before = _Sums(*(one[going] for one in sums))
        better = reached.steepest(free) <= before.steepest(free)
        moved = going[better]
        found[moved] = tried[better]
        for one, new in zip(sums, reached, strict=True):
            one[moved] = new[better]
        close = better & (np.abs(step[going]).max(axis=1) < _CLOSE)
        halved[going] = np.where(better, 0, halved[going] + 1)
        newton = _newton(reached, ends[:, going], free)
        step[going] = np.where(better[:, None], newton, step[going] / 2)
        going = going[~close & (halved[going] < _HALVINGS)]
    return found, sums


def _newton(sums: _Sums, ends: np.ndarray, free: bool) -> np.ndarray:
    """Returns Newton's steps, (M, 2), shortened where they change a logit too much.

    Args:
        sums: At the coefficients.
        ends: (2, M), the smallest and the largest value of each variable.
        free: Whether the slope is fitted.
    """
    gradient = np.stack([sums.moment, sums.residual], axis=1)
    step = np.einsum("mij,mj->mi", sums.inverse(free), gradient)
    change = np.abs(step[:, 0] * ends + step[:, 1]).max(axis=0)
    shorter = np.minimum(1.0, _LARGEST_STEP / np.maximum(change, 1e-300))
    return np.asarray(step * shorter[:, None])


def _probability(variables: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Returns the fitted probabilities, (M, N)."""
    found = variables * -at[:, :1]
    found -= at[:, 1:]
    with np.errstate(over="ignore"):
        np.exp(found, out=found)
    found += 1
    return np.asarray(np.reciprocal(found, out=found))


def _sums(label: np.ndarray, variables: np.ndarray, at: np.ndarray) -> _Sums:
    """Returns the sums at slopes and intercepts, (M, 2), without BLAS, which starts threads."""
    found = np.zeros((5, len(variables)))
    size = max(1, _BLOCK // max(len(variables), 1))
    for first in range(0, len(label), size):
        block = slice(first, first + size)
        variable = variables[:, block]
        p = _probability(variable, at)
        weight = p * (1 - p)
        weighted = weight * variable
        residual = np.subtract(label[block], p, out=p)
        found[0] += residual.sum(axis=1)
        found[1] += np.einsum("mn,mn->m", residual, variable)
        found[2] += weight.sum(axis=1)
        found[3] += weighted.sum(axis=1)
        found[4] += np.einsum("mn,mn->m", weighted, variable)
    return _Sums(*found)
