"""Panel: everything the models are compared on, in one order; the runs, and the trivial models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.resampling import Resamples


@dataclass(frozen=True)
class Run:
    """One column of the comparison: a file, or a trivial model.

    Attributes:
        model: The architecture's name.
        seed: Text; empty where the file names none.
        kind: "network" or "trivial".
    """

    model: str
    seed: str
    kind: str


@dataclass(frozen=True)
class Panel:
    """Labels, scores and decisions of all runs on the same units, and the resamples they share.

    Attributes:
        findings: The findings compared.
        labels: (N, F) in {0, 1, NaN}.
        patients: (N,) ids.
        runs: M runs; the seeds of an architecture stand together, trivial models last.
        scores: (M, N, F).
        thresholds: (M, F); NaN where there is none, so that nothing is decided there.
        decisions: (M, N, F) bool: the score is at least the threshold. Read it only where
            `decided`: it is False without a threshold.
        resamples: Of the patients, shared by all.
        probabilities: Whether the scores are probabilities.
    """

    findings: tuple[str, ...]
    labels: np.ndarray
    patients: np.ndarray
    runs: tuple[Run, ...]
    scores: np.ndarray
    thresholds: np.ndarray
    decisions: np.ndarray
    resamples: Resamples
    probabilities: bool

    @property
    def architectures(self) -> dict[str, list[int]]:
        """The runs of each architecture or trivial model, in order."""
        found: dict[str, list[int]] = {}
        for place, run in enumerate(self.runs):
            found.setdefault(run.model, []).append(place)
        return found

    @property
    def networks(self) -> list[str]:
        """The names of the architectures that are no trivial models, in order."""
        return [
            name
            for name, runs in self.architectures.items()
            if self.runs[runs[0]].kind == "network"
        ]

    @cached_property
    def decided(self) -> np.ndarray:
        """Where a run has a threshold, (M, F) bool; elsewhere it decides nothing."""
        return ~np.isnan(self.thresholds)

    @cached_property
    def decided_by_networks(self) -> np.ndarray:
        """The findings for which any network has a threshold, (F,) bool."""
        networks = [place for place, run in enumerate(self.runs) if run.kind == "network"]
        return np.asarray(self.decided[networks].any(axis=0))

    @cached_property
    def independent(self) -> bool:
        """Whether every patient has one unit."""
        return len(np.unique(self.resamples.patient)) == len(self.patients)

    @property
    def whole(self) -> Resamples:
        """The single replicate that counts every patient once: the data as they are."""
        patients = self.resamples.counts.shape[1]
        return Resamples(self.resamples.patient, np.ones((1, patients), dtype=np.uint8))

    @cached_property
    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """Positives and negatives of each finding, then of all of them twice (mean, micro)."""
        positives, negatives, _ = metrics.class_counts(self.labels)
        return (
            np.append(positives, [positives.sum()] * 2),
            np.append(negatives, [negatives.sum()] * 2),
        )
