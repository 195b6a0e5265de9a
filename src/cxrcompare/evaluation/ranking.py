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
    first = np.empty(len(unit), dtype=bool)
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    start = first.nonzero()[0]
    end = np.empty_like(start)
    end[:-1], end[-1] = start[1:], len(unit)
    group = np.cumsum(first) - 1 if len(start) < len(unit) else start  # 0, 1, 2, ... without ties
    return Ordered(unit, start, end, group)


def descending(score: np.ndarray) -> Ordered:
    """Returns the units of a score (N,), N > 0, in descending order."""
    return ascending(-score)


def midranks(score: np.ndarray) -> np.ndarray:
    """Returns the ranks of a score (N,); 1 is smallest, tied units have the mean of their ranks."""
    if not len(score):
        return np.zeros(0)
    order = ascending(score)
    found = np.empty(len(score))
    ranks = (order.start + 1 + order.end) / 2
    found[order.unit] = ranks if len(ranks) == len(score) else ranks[order.group]
    return found
