"""Patients with several units: how many equal patients they are worth, and their corrections."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


def effective_number(units: np.ndarray) -> float:
    """Returns the number of patients with equal numbers of units that would be as informative.

    It is the squared sum over the sum of squares: the number of patients if all have as many units,
    and about 4 if one patient has as many units as all others together.

    Args:
        units: (G,), the units of each patient; patients without units do not count.

    Source: Kish 1965, Survey Sampling, section 11.7.
    """
    squares = float(np.sum(np.square(units, dtype=np.float64)))
    return float(np.sum(units)) ** 2 / squares if squares else 0.0


def scales(units: np.ndarray) -> np.ndarray:
    """Returns what to multiply the deviations of patients from a mean over units by, (G,).

    A patient with a large share of the units pulls the mean to its own values, which hides its
    deviation. The jackknife, which leaves one patient out, divides by 1 minus the share. With equal
    shares the factor is sqrt(n / (n - 1)) for n patients, as in the variance of a sample.

    Args:
        units: (G,), the units of each patient, of two patients or more.

    Returns:
        The factors; NaN if fewer than two patients have units.

    Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 11 (jackknife).
    """
    patients = int(np.count_nonzero(units))
    if patients < 2:
        return np.full(len(units), np.nan)
    left = 1 - units / units.sum()
    return np.asarray(np.sqrt((patients - 1) / patients) / left)


class Side(NamedTuple):
    """One class of units of a finding.

    Attributes:
        member: (N,) bool.
        group: The patients of the members, indices.
        units: (G,), the members of each patient.
        scale: (G,), what to multiply the deviations of patients by, see `scales`.
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
        size = len(self.group)
        if size < 2:
            return float(size)
        mean = float(values.mean())
        least = min(effective_number(self.units), size)
        variance = float(np.sum(self.by_patient(values - mean) ** 2))
        if variance <= 0:
            return least
        alone = float(np.sum((values - mean) ** 2)) / (size - 1)
        return min(max(alone / variance, least), size)


def side_of(member: np.ndarray, group: np.ndarray, count: int) -> Side:
    """Returns a class of units.

    Args:
        member: (N,) bool.
        group: (N,), indices of the patients.
        count: The number of patients, G.
    """
    units = np.bincount(group[member], minlength=count)
    return Side(member, group[member], units, scales(units))
