"""The ROC curve of one run at its distinct scores, and the two classes of units behind it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxrcompare.evaluation.influence import clusters
from cxrcompare.evaluation.ranking import descending

_ROUNDING = 1e-9


class Side(NamedTuple):
    """One class of units of a finding.

    Attributes:
        member: (N,) bool.
        group: The patients of the members, indices.
        units: (G,), the members of each patient.
        scale: (G,), what to multiply the deviations of patients by, see `clusters.scales`.
    """

    member: np.ndarray
    group: np.ndarray
    units: np.ndarray
    scale: np.ndarray

    def by_patient(self, own: np.ndarray) -> np.ndarray:
        """Returns the influence of each patient, (G,), from those of the members."""
        sums = np.bincount(self.group, own, minlength=len(self.units))
        return np.asarray(self.scale * sums / len(self.group))

    def number(self, values: np.ndarray) -> float:
        """Returns how many independent units have a mean as uncertain as that of the members.

        It lies between the effective number of patients and the number of members.

        Args:
            values: Of the members, 0 or 1.
        """
        size, mean = len(self.group), float(values.mean())
        least = min(clusters.effective_number(self.units), size)
        variance = float(np.sum(self.by_patient(values - mean) ** 2))
        if variance <= 0:
            return least
        alone = float(np.sum((values - mean) ** 2)) / (size - 1)
        return min(max(alone / variance, least), size)


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


def side_of(member: np.ndarray, group: np.ndarray, count: int) -> Side:
    """Returns a class of units.

    Args:
        member: (N,) bool.
        group: (N,), indices of the patients.
        count: The number of patients, G.
    """
    units = np.bincount(group[member], minlength=count)
    return Side(member, group[member], units, clusters.scales(units))


def curve_of(score: np.ndarray, positive: np.ndarray) -> Curve:
    """Returns the ROC curve of a score (N,) for labels (N,) bool, read from the highest score."""
    order = descending(score)
    hits = positive[order.unit]
    group = np.empty(len(score), dtype=np.int64)
    group[order.unit] = order.group
    true = np.cumsum(hits)[order.end - 1]
    return Curve(group, true, order.end - true)
