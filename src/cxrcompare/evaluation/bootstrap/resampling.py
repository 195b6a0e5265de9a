"""Bootstrap resamples of patients, shared by all models, findings and metrics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BLOCK = 256

_VALUES = 2**22  # units times findings times models that are processed at a time


@dataclass(frozen=True)
class Resamples:
    """The number of times that each patient is drawn in each replicate.

    Attributes:
        patient: (N,) int32, the patient index, 0 to P - 1, of each unit (image or study).
        counts: (R, P) uint8, the number of draws of each patient in each replicate. All units of a
            patient have the weight of the patient, so they are resampled together.
    """

    patient: np.ndarray
    counts: np.ndarray

    def __post_init__(self) -> None:
        """Checks types and shapes."""
        if self.counts.ndim != 2 or self.counts.dtype != np.uint8:
            raise ValueError(
                f"`counts` must be (R, P) uint8. Received: {self.counts.shape} {self.counts.dtype}"
            )
        if self.patient.ndim != 1 or self.patient.dtype != np.int32 or not self.patient.size:
            raise ValueError(
                "`patient` must be (N,) int32 with N > 0. "
                f"Received: {self.patient.shape} {self.patient.dtype}"
            )
        if self.patient.min() < 0 or self.patient.max() >= self.counts.shape[1]:
            raise ValueError(f"`patient` must be indices below {self.counts.shape[1]}")

    @property
    def replicates(self) -> int:
        """The number of replicates R."""
        return self.counts.shape[0]

    def weights(self, replicate: int) -> np.ndarray:
        """Returns the weight of each unit in one replicate, (N,) float64."""
        return self.counts[replicate][self.patient].astype(np.float64)

    def repeat(self, times: int) -> Resamples:
        """Returns the resamples with every unit repeated `times` times in a row.

        For micro-averages: `repeat(F)` matches raveled labels (N, F).
        """
        return Resamples(np.repeat(self.patient, times), self.counts)

    def first(self, replicates: int) -> Resamples:
        """Returns the first replicates, or all if there are fewer."""
        return Resamples(self.patient, self.counts[:replicates])

    def take(self, units: np.ndarray) -> Resamples:
        """Returns the resamples of a subset of units (indices or mask), with the same draws."""
        return Resamples(self.patient[units], self.counts)


def index_patients(patients: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns the patient index of each unit, (N,) int32, and the number of patients P.

    Args:
        patients: (N,) ids of any sortable type, text or numbers.
    """
    names, index = np.unique(np.asarray(patients), return_inverse=True)
    return index.astype(np.int32), len(names)


def draw(patients: np.ndarray, replicates: int, rng: np.random.Generator) -> Resamples:
    """Draws all P patients with replacement, `replicates` times.

    Args:
        patients: (N,) the patient id of each unit.
        replicates: R, at least 1.
        rng: The random number generator.

    Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap; clusters: Field & Welsh
    2007, doi 10.1111/j.1467-9868.2007.00593.x.
    """
    if replicates < 1:
        raise ValueError(f"`replicates` must be at least 1. Received: {replicates}")
    patient, number = index_patients(patients)
    counts = np.empty((replicates, number), dtype=np.uint8)
    for start in range(0, replicates, _BLOCK):
        rows = min(_BLOCK, replicates - start)
        drawn = rng.integers(0, number, size=(rows, number))
        drawn += number * np.arange(rows)[:, None]
        tally = np.bincount(drawn.ravel(), minlength=rows * number)
        if tally.max() > 255:  # practically impossible; a uint8 count would overflow
            raise ValueError("a patient was drawn more than 255 times in one replicate")
        counts[start : start + rows] = tally.reshape(rows, number)
    return Resamples(patient, counts)


def whole(patients: np.ndarray) -> Resamples:
    """Returns a single replicate that counts every patient once: the original data."""
    patient, number = index_patients(patients)
    return Resamples(patient, np.ones((1, number), dtype=np.uint8))


def models_at_once(scores: np.ndarray) -> int:
    """Returns the number of models of scores (M, N, F) that are processed together."""
    return max(1, _VALUES // int(np.prod(scores.shape[1:])))
