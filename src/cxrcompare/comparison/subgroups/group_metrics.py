"""The metrics whose gaps between groups are tested, as estimates of one finding in one group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inputs.panel import FIXED, Panel
from cxrcompare.evaluation.groups import group_estimates
from cxrcompare.evaluation.groups.group_estimates import GroupEstimate
from cxrcompare.evaluation.probabilities import net_benefit

AUROC, SENSITIVITY, SPECIFICITY = "auroc", "sensitivity", "specificity"
CALIBRATION, NET_BENEFIT = "observed_minus_expected", "net_benefit"
MIRRORED = {SENSITIVITY: "false_negative_rate", SPECIFICITY: "false_positive_rate"}
"""Rates that are 1 minus another: their gap is minus that of the other, with the same tests."""

_NOISE_REPLICATES = 200


@dataclass(frozen=True)
class GapMetric:
    """A metric whose gaps are tested.

    Attributes:
        name: The name of the metric.
        threshold: The threshold probability of a net benefit, else NaN.
    """

    name: str
    threshold: float = float("nan")

    def applies(self, panel: Panel, runs: list[int], finding: int) -> bool:
        """Returns whether the metric is defined for some runs and a finding."""
        if self.name in (CALIBRATION, NET_BENEFIT):
            return bool(panel.probabilities[runs].all())
        if self.name in (SENSITIVITY, SPECIFICITY):
            return bool(panel.decided[runs, finding].all())
        return True

    def tested(self, panel: Panel, runs: list[int], finding: int) -> bool:
        """Returns whether the metric has tests: not at the threshold 0.5 that nobody chose."""
        rates = self.name in (SENSITIVITY, SPECIFICITY)
        return not (rates and (panel.sources[runs, finding] == FIXED).any())

    def margin(self, panel: Panel, finding: int, margin: float) -> float:
        """Returns the margin of a finding: for a net benefit it is a share of the prevalence."""
        label = panel.labels[:, finding]
        return margin * float(np.nanmean(label)) if self.name == NET_BENEFIT else margin

    def units(self, panel: Panel, finding: int, group: np.ndarray) -> np.ndarray:
        """Returns the units of a group on which the metric is computed, (U,) indices."""
        label = panel.labels[:, finding]
        side = {SENSITIVITY: label == 1, SPECIFICITY: label == 0}.get(self.name, ~np.isnan(label))
        return np.flatnonzero(group & side)

    def estimate(
        self, panel: Panel, finding: int, group: np.ndarray, architectures: list[list[int]]
    ) -> GroupEstimate:
        """Returns the metric of models in a group.

        Args:
            panel: The runs that are compared.
            finding: The index of the finding.
            group: (N,) bool.
            architectures: The indices of the runs of each model.
        """
        units = self.units(panel, finding, group)
        label, scores = panel.labels[units, finding], panel.scores[:, units, finding]
        count = int(panel.resamples.patient.max()) + 1
        given = panel.resamples.patient[units], count, architectures
        if self.name == AUROC:
            return group_estimates.auroc(label, scores, *given)
        if self.name == CALIBRATION:
            return group_estimates.rate(label - scores, *given, added=False)
        if self.name == NET_BENEFIT:
            values = net_benefit.unit_net_benefit(label, scores, self.threshold)
            return group_estimates.rate(values, *given, added=False)
        right = panel.decisions[:, units, finding] == label
        return group_estimates.rate(right.astype(np.float64), *given, added=True)

    def noise(
        self,
        panel: Panel,
        finding: int,
        groups: tuple[np.ndarray, np.ndarray],
        architectures: list[list[int]],
    ) -> np.ndarray | None:
        """Returns what the choice of the thresholds adds to a gap, (A, K); None for no noise.

        The gap is computed at the thresholds of replicates of the validation patients. The sum of
        the squared deviations is the variance.
        """
        drawn = panel.threshold_replicates
        runs = [m for members in architectures for m in members]
        if self.name not in (SENSITIVITY, SPECIFICITY) or drawn is None:
            return None
        if not panel.noisy[runs, finding].any():
            return None
        drawn = drawn[:_NOISE_REPLICATES, :, finding]
        sign = 1.0 if self.name == SENSITIVITY else -1.0
        called = [self._called(panel, finding, group, drawn) for group in groups]
        gap = sign * (called[0] - called[1])
        means = np.stack([gap[list(members)].mean(axis=0) for members in architectures])
        return (means - means.mean(axis=1, keepdims=True)) / np.sqrt(max(means.shape[1] - 1, 1))

    def _called(
        self, panel: Panel, finding: int, group: np.ndarray, thresholds: np.ndarray
    ) -> np.ndarray:
        """Returns the share of a group's units that each run calls positive, (M, K)."""
        units = self.units(panel, finding, group)
        ordered = np.sort(panel.scores[:, units, finding], axis=1)
        below = [
            np.searchsorted(row, limits, side="left")
            for row, limits in zip(ordered, thresholds.T, strict=True)
        ]
        return 1 - np.array(below) / len(units)


def gap_metrics(panel: Panel, decision_thresholds: tuple[float, ...]) -> list[GapMetric]:
    """Returns the metrics that apply to any network, in order."""
    networks = [m for m, run in enumerate(panel.runs) if run.kind == "network"]
    every = [GapMetric(name) for name in (AUROC, SENSITIVITY, SPECIFICITY, CALIBRATION)]
    every += [GapMetric(NET_BENEFIT, threshold) for threshold in decision_thresholds]
    findings = range(len(panel.findings))
    return [
        one for one in every if any(one.applies(panel, [m], f) for m in networks for f in findings)
    ]
