"""Scores in order, with their groups of ties: what all metrics of ranks are read from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Ordered(NamedTuple):
    """The units of one score in order; tied units form a group.

    Attributes:
        unit: (N,), the index of the unit at each position.
        start: (K,), the first position of each group.
        end: (K,), the position after its last one.
        group: (N,), the group of each position.
    """

    unit: np.ndarray
    start: np.ndarray
    end: np.ndarray
    group: np.ndarray


def ascending(score: np.ndarray) -> Ordered:
    """Returns the units of a score (N,), N > 0, in ascending order."""
    unit = np.argsort(score)
    ordered = score[unit]
    first = np.append(True, ordered[1:] != ordered[:-1])
    start = np.flatnonzero(first)
    return Ordered(unit, start, np.append(start[1:], len(unit)), np.cumsum(first) - 1)


def descending(score: np.ndarray) -> Ordered:
    """Returns the units of a score (N,), N > 0, in descending order."""
    return ascending(-score)


def midranks(score: np.ndarray) -> np.ndarray:
    """Returns the ranks of a score (N,); 1 is smallest, tied units have the mean of their ranks."""
    if not len(score):
        return np.zeros(0)
    order = ascending(score)
    found = np.empty(len(score))
    found[order.unit] = ((order.start + 1 + order.end) / 2)[order.group]
    return found
