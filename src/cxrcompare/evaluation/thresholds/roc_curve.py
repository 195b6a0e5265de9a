"""The ROC curve of one run at its distinct scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxrcompare.evaluation.ranking import descending

_ROUNDING = 1e-9


class Curve(NamedTuple):
    """The ROC curve of one run, read from one end.

    Attributes:
        group: (N,), the distinct score of each unit, 0 is read first.
        own: (K,), the cumulative units of the class whose rate is wanted.
        matched: (K,), of the class whose rate is fixed.
    """

    group: np.ndarray
    own: np.ndarray
    matched: np.ndarray

    def reversed(self) -> Curve:
        """Returns the curve read from the other end, with the classes exchanged."""
        ends = [total[-1] - np.append(0, total[:-1])[::-1] for total in (self.matched, self.own)]
        return Curve(len(self.own) - 1 - self.group, *ends)

    def at(self, rate: float) -> tuple[int, float]:
        """Returns the score at a rate of the matched class, and the part of its units called."""
        wanted = rate * self.matched[-1]
        position = int(np.searchsorted(self.matched, wanted + _ROUNDING, side="right"))
        if position == len(self.matched):
            return position, 0.0
        before = self.matched[position - 1] if position else 0
        part = (wanted - before) / (self.matched[position] - before)
        return position, float(min(max(part, 0.0), 1.0))

    def rate(self, position: int, part: float) -> float:
        """Returns the wanted rate there."""
        before = self.own[position - 1] if position else 0
        step = self.own[position] - before if position < len(self.own) else 0
        return float((before + part * step) / self.own[-1])

    def calls(self, position: int, part: float) -> np.ndarray:
        """Returns the calls there, (N,) in [0, 1]."""
        at = np.where(self.group == position, part, 0.0)
        return np.where(self.group < position, 1.0, at)


class Point(NamedTuple):
    """The point of a curve at a fixed rate of the matched class.

    Attributes:
        curve: The curve, read from the end at which the fixed rate is small.
        rate: The fixed rate.
        value: The wanted rate.
        calls: (N,), the calls of the units, in [0, 1].
    """

    curve: Curve
    rate: float
    value: float
    calls: np.ndarray

    @classmethod
    def on(cls, curve: Curve, rate: float) -> Point:
        """Returns the point of a curve."""
        at = curve.at(rate)
        return cls(curve, rate, curve.rate(*at), curve.calls(*at))


def curve_of(score: np.ndarray, positive: np.ndarray) -> Curve:
    """Returns the ROC curve of a score (N,) for labels (N,) bool, read from the highest score."""
    order = descending(score)
    hits = positive[order.unit]
    group = np.empty(len(score), dtype=np.int64)
    group[order.unit] = order.group
    true = np.cumsum(hits)[order.end - 1]
    return Curve(group, true, order.end - true)
