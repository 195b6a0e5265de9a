"""Panel: aligned labels, scores and decisions of all networks and baselines."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.evaluation.thresholds import roc_points
from cxrcompare.evaluation.thresholds.roc_points import RocPoints
from cxrcompare.options.evaluation import Evaluation

CHOSEN, GIVEN, FIXED, NO_THRESHOLD = "validation", "given", "fixed", "none"
"""Where a threshold comes from: chosen on validation, given by the user, 0.5, or there is none."""

FIXED_WORDS = "at the threshold 0.5, not chosen"
"""What a method says of a FIXED threshold."""

MINIMUM_PATIENTS = Evaluation.min_patients
"""The default of the patients of both classes that a finding needs for intervals and tests."""


@dataclass(frozen=True)
class Run:
    """One scored run: a prediction file, or a baseline.

    Attributes:
        model: The architecture's name.
        seed: The seed as text; empty if the file name has none.
        kind: "network", or "trivial" for a baseline.
        probabilities: Whether the scores are probabilities.
    """

    model: str
    seed: str
    kind: str
    probabilities: bool = True


@dataclass(frozen=True)
class Panel:
    """Labels, scores and decisions of all runs on the same units, and their shared resamples.

    Attributes:
        findings: The findings compared.
        labels: (N, F) in {0, 1, NaN}.
        patients: (N,) ids.
        runs: M runs; the seeds of an architecture are adjacent, baselines come last.
        scores: (M, N, F).
        thresholds: (M, F); NaN where no threshold is defined.
        decisions: (M, N, F) bool: the score is at least the threshold. Valid only where `decided`:
            without a threshold it is False.
        resamples: Resamples of the patients, shared by all runs.
        minimum_patients: Patients with a positive, and with a negative, that a finding needs for
            intervals, tests and the mean.
        threshold_replicates: (R, M, F), the threshold of each replicate; None if all are frozen.
        threshold_sources: (M, F), CHOSEN, GIVEN, FIXED or NO_THRESHOLD; None if all are given.
        few_validation: (F,) bool, the findings whose thresholds are chosen on too few patients for
            intervals and tests of metrics at them; None if there are none.
        roc_points: Where the ROC curve is read.
    """

    findings: tuple[str, ...]
    labels: np.ndarray
    patients: np.ndarray
    runs: tuple[Run, ...]
    scores: np.ndarray
    thresholds: np.ndarray
    decisions: np.ndarray
    resamples: Resamples
    threshold_replicates: np.ndarray | None = field(default=None, kw_only=True)
    threshold_sources: np.ndarray | None = field(default=None, kw_only=True)
    minimum_patients: int = field(default=MINIMUM_PATIENTS, kw_only=True)
    few_validation: np.ndarray | None = field(default=None, kw_only=True)
    roc_points: RocPoints = field(default=RocPoints(), kw_only=True)

    @cached_property
    def architectures(self) -> dict[str, list[int]]:
        """{architecture or baseline: the indices of its runs}, in order."""
        found: dict[str, list[int]] = {}
        for index, run in enumerate(self.runs):
            found.setdefault(run.model, []).append(index)
        return found

    @cached_property
    def networks(self) -> list[str]:
        """The names of the architectures, without the baselines, in order."""
        return [
            name
            for name, runs in self.architectures.items()
            if self.runs[runs[0]].kind == "network"
        ]

    @cached_property
    def decided(self) -> np.ndarray:
        """Whether a run has a threshold for a finding, (M, F) bool."""
        return ~np.isnan(self.thresholds)

    @cached_property
    def decided_by_networks(self) -> np.ndarray:
        """Whether any network has a threshold for a finding, (F,) bool."""
        networks = [index for index, run in enumerate(self.runs) if run.kind == "network"]
        return np.asarray(self.decided[networks].any(axis=0))

    @cached_property
    def sources(self) -> np.ndarray:
        """Where the threshold of a run and finding comes from, (M, F) text."""
        if self.threshold_sources is not None:
            return self.threshold_sources
        return np.where(self.decided, GIVEN, NO_THRESHOLD)

    @cached_property
    def noisy(self) -> np.ndarray:
        """Whether replicates contain the noise of the threshold of a run and finding, (M, F)."""
        if self.threshold_replicates is None:
            return np.zeros(self.thresholds.shape, dtype=bool)
        return np.asarray(self.sources == CHOSEN)

    @cached_property
    def unreliable(self) -> np.ndarray:
        """The findings whose thresholds were chosen on too few patients, (F,) bool."""
        if self.few_validation is None:
            return np.zeros(len(self.findings), dtype=bool)
        return self.few_validation

    @cached_property
    def threshold_words(self) -> list[list[str]]:
        """What a method says of the threshold of each run and finding; "" without a threshold."""
        words = np.where(self.sources == FIXED, FIXED_WORDS, "at the frozen threshold")
        words = np.where(self.sources == GIVEN, "at the given threshold", words)
        baseline = np.array([run.kind != "network" for run in self.runs])
        words = np.where(baseline[:, None], "at the baseline's own threshold", words)
        words = np.where(self.noisy, "with threshold noise", words)
        return np.where(self.sources == NO_THRESHOLD, "", words).tolist()

    def without_intervals(self, metric: str) -> np.ndarray:
        """Returns which findings have no intervals and no tests of a metric, (F,) bool."""
        return ~self.eligible | self.few_for(metric)

    def few_for(self, metric: str) -> np.ndarray:
        """Returns which findings have too few patients for a metric, beyond `eligible`, (F,) bool.

        Their threshold was chosen on too few validation patients, or a class has too few patients
        for the point at which the ROC curve is read.
        """
        if metric in metrics.THRESHOLD_METRICS:
            return self.unreliable
        if metric in roc_points.METRICS:
            fewest = self.roc_points.fewest_patients(metric)
            return np.asarray((self.class_patients < fewest).any(axis=1))
        return np.zeros(len(self.findings), dtype=bool)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Whether the scores of a run are probabilities, (M,) bool."""
        return np.array([run.probabilities for run in self.runs])

    def has(self, metric: str) -> np.ndarray:
        """Returns whether a metric applies to the scores of each run, (M,) bool."""
        if metric in metrics.CALIBRATED_METRICS:
            return self.probabilities
        if metric in metrics.THRESHOLD_METRICS:
            return np.asarray(self.decided.any(axis=1))
        return np.ones(len(self.runs), dtype=bool)

    @cached_property
    def eligible(self) -> np.ndarray:
        """Whether a finding has enough patients of both classes for intervals and tests, (F,).

        The mean over findings is over these.
        """
        return np.asarray(self.class_patients.min(axis=1) >= self.minimum_patients)

    @cached_property
    def class_patients(self) -> np.ndarray:
        """The number of patients with a positive and with a negative of each finding, (F, 2)."""
        return auroc_tests.class_patients(self.labels, self.resamples.patient)

    @cached_property
    def independent(self) -> bool:
        """Whether every patient has one unit."""
        return len(np.unique(self.resamples.patient)) == len(self.patients)

    @property
    def whole(self) -> Resamples:
        """A single replicate that counts every patient once: the original data."""
        patients = self.resamples.counts.shape[1]
        return Resamples(self.resamples.patient, np.ones((1, patients), dtype=np.uint8))

    @cached_property
    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """Positives and negatives of each finding, then their sums twice (mean, micro)."""
        positives, negatives, _ = metrics.class_counts(self.labels)
        return (
            np.append(positives, [positives.sum()] * 2),
            np.append(negatives, [negatives.sum()] * 2),
        )
