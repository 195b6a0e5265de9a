"""Lookup of the comparison's rows by name: estimates, differences, ranks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import starmap
from typing import Any, TypeVar

import pandas as pd

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.result.condensing import condensed
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MEAN, MICRO
from cxrcompare.comparison.row_types.main_rows import (
    AgainstBaselineRow,
    ConfusionRow,
    CountRow,
    DifferenceRow,
    MetricRow,
    RankRow,
    ResolutionRow,
    WarningRow,
)
from cxrcompare.evaluation.metrics import LOWER_IS_BETTER
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.estimated import Difference, Estimate

_R = TypeVar("_R")

PRIMARY = "auroc"
"""The metric that determines the ranks."""

METRICS: dict[str, str] = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "partial_auroc": "Partial AUROC",
    "sensitivity_at_specificity": "Sensitivity at fixed specificity",
    "specificity_at_sensitivity": "Specificity at fixed sensitivity",
    "sensitivity_at_flags": "Sensitivity at the same flags",
    "accuracy": "Accuracy",
    "sensitivity": "Sensitivity (recall)",
    "specificity": "Specificity",
    "precision": "Precision (PPV)",
    "npv": "NPV",
    "f1": "F1",
    "hamming_loss": "Hamming loss",
    "subset_accuracy": "Subset accuracy",
    "brier": "Brier",
    "log_loss": "Log loss",
    "ece": "ECE",
    "calibration_slope": "Calibration slope",
    "calibration_intercept": "Calibration intercept",
}
"""The display names of metrics; any other metric is shown by its own name."""

OVER_FINDINGS: dict[str, str] = {
    MEAN: "Mean over findings (macro)",
    MICRO: "All findings pooled (micro)",
}


class Results:
    """Looks up rows of a comparison by name.

    Args:
        comparison: The comparison.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison = condensed(comparison)
        self._tables: dict[str, list[Any]] = {}
        self._complete: dict[str, list[str]] = {}
        self.networks = [row["name"] for row in comparison.models if row["kind"] != "trivial"]
        self.baselines = [row["name"] for row in comparison.models if row["kind"] == "trivial"]
        self.level = float(comparison.protocol.get("level") or 0.95)
        self.alpha = round(1 - self.level, 12)
        self._estimates: dict[tuple[str, str, str, str], Estimate] = {}
        self._runs: dict[tuple[str, str, str], list[tuple[str, Estimate]]] = {}
        self._index_estimates()
        self._differences = _differences(comparison)
        self._decisions: dict[tuple[str, str], list[ConfusionRow]] = {}
        for counts in rows(comparison.confusion, ConfusionRow):
            if numbers.defined(counts.threshold):
                self._decisions.setdefault((counts.model, counts.finding), []).append(counts)
        self._inverted = {
            (text(row.model), text(row.finding))
            for row in rows(comparison.warnings, WarningRow)
            if row.code == "worse_than_chance"
        }
        self._ranks = {
            row.model: row for row in rows(comparison.ranks, RankRow) if row.metric == PRIMARY
        }
        present = {row for _, row, _, _ in self._estimates}
        self.scopes = [name for name in OVER_FINDINGS if name in present] + list(
            comparison.findings
        )
        """The possible scopes of a table: mean, micro, and each finding."""
        self.metrics = [
            name
            for name in dict.fromkeys([*METRICS, *comparison.metrics["metric"]])
            if any(
                estimate.exists
                for key, estimate in self._estimates.items()
                if key[2] == name and not key[3] and key[0] in self.networks
            )
        ]
        """The metrics that are defined for at least one network, in display order."""

    def _index_estimates(self) -> None:
        for row in rows(self.comparison.metrics, MetricRow):
            subgroup = text(row.subgroup)
            if str(row.seed) == ALL_SEEDS:
                key = (row.model, row.finding, row.metric, subgroup)
                self._estimates[key] = Estimate.of(row)
            elif not subgroup:
                runs = self._runs.setdefault((row.model, row.finding, row.metric), [])
                runs.append((str(row.seed), Estimate.of(row)))

    def table(self, name: str, kind: Callable[..., _R]) -> list[_R]:
        """Returns the rows of a table of the comparison; they are made once.

        Args:
            name: The name of the table.
            kind: Its row type.
        """
        if name not in self._tables:
            self._tables[name] = rows(getattr(self.comparison, name), kind)
        return self._tables[name]

    def estimate(
        self, model: str, finding: str, metric: str = PRIMARY, subgroup: str = ""
    ) -> Estimate | None:
        """Returns the architecture's estimate, or None if it is not defined."""
        found = self._estimates.get((model, finding, metric, subgroup))
        return found if found is not None and found.exists else None

    def complete_findings(self, metric: str) -> list[str]:
        """Returns the findings for which every network has a value; they are found once.

        Networks without any value of the metric do not count.
        """
        if metric not in self._complete:
            has = {
                name: {one for one in self.comparison.findings if self.estimate(name, one, metric)}
                for name in self.networks
            }
            some = [found for found in has.values() if found]
            self._complete[metric] = [
                finding
                for finding in self.comparison.findings
                if all(finding in found for found in some)
            ]
        return self._complete[metric]

    def runs(self, model: str, finding: str, metric: str = PRIMARY) -> list[tuple[str, Estimate]]:
        """Returns each seed's estimate, in the order of the table."""
        return self._runs.get((model, finding, metric), [])

    def difference(
        self, first: str, second: str, finding: str, metric: str = PRIMARY
    ) -> Difference | None:
        """Returns first minus second, or None if it was not tested or is not defined."""
        found = self._differences.get((first, second, finding, metric))
        if found is None:
            found = self._differences.get((second, first, finding, metric))
            found = None if found is None else found.swapped
        return found if found is not None and numbers.defined(found.value) else None

    def is_better(
        self,
        first: str,
        second: str,
        finding: str,
        metric: str = PRIMARY,
    ) -> bool:
        """Returns whether first is significantly better than second in the adjusted test.

        Args:
            first: A model.
            second: Another model.
            finding: The finding, "mean" or "micro".
            metric: The metric.
        """
        found = self.difference(first, second, finding, metric)
        if found is None or not self.rejects(found):
            return False
        return found.value < 0 if metric in LOWER_IS_BETTER else found.value > 0

    def rejects(self, difference: Difference) -> bool:
        """Returns whether the adjusted p-value is below alpha = 1 - level."""
        return numbers.defined(difference.p_adjusted) and difference.p_adjusted < self.alpha

    def decisions(self, model: str, finding: str) -> list[ConfusionRow]:
        """Returns the 2x2 counts at the operating point: one row, or one row per seed.

        Without a threshold the list is empty.
        """
        found = self._decisions.get((model, finding), [])
        return [row for row in found if str(row.seed) == ALL_SEEDS] or found

    def worse_than_chance(self, model: str, finding: str) -> bool:
        """Returns whether a run of the network has a `worse_than_chance` warning for a finding."""
        by_model = (row["seeds"] for row in self.comparison.models if row["name"] == model)
        seeds: list[Any] = next(by_model, [])
        runs = [model, *(f"{model} seed {seed}" for seed in seeds)]
        return any((run, finding) in self._inverted for run in runs)

    def rank(self, model: str) -> RankRow | None:
        """Returns the row of the ranks, or None if the model was not ranked."""
        return self._ranks.get(model)

    def resolution(self, finding: str, metric: str = PRIMARY) -> ResolutionRow | None:
        """Returns the row of the minimum detectable difference, or None."""
        for row in self.table("resolution", ResolutionRow):
            if (
                row.finding == finding
                and row.metric == metric
                and numbers.defined(row.minimum_detectable_difference)
            ):
                return row
        return None

    def class_counts(self, finding: str) -> tuple[int, int]:
        """Returns the numbers of positives and negatives of a finding; 0 if not stated."""
        for row in self.table("counts", CountRow):
            if (
                row.finding == finding
                and numbers.defined(row.positives)
                and numbers.defined(row.negatives)
            ):
                return int(row.positives), int(row.negatives)
        return 0, 0

    @property
    def scope(self) -> str:
        """The scope of the headline: "mean", or the only finding."""
        return MEAN if MEAN in self.scopes else self.comparison.findings[0]

    @property
    def units(self) -> int | None:
        """The number of evaluated units."""
        protocol = self.comparison.protocol
        key = {"study": "studies", "image": "images", "patient": "patients"}.get(
            str(protocol.get("unit")), "studies"
        )
        value: Any = protocol.get(key)
        return int(value) if numbers.defined(value) else None

    @property
    def unit_words(self) -> tuple[str, str]:
        """The name of the unit, singular and plural."""
        unit = str(self.comparison.protocol.get("unit") or "unit")
        return unit, {"study": "studies"}.get(unit, f"{unit}s")


def _differences(comparison: Comparison) -> dict[tuple[str, str, str, str], Difference]:
    """Returns the differences of networks, and the defined ones to baselines, by their key."""
    tested: list[DifferenceRow | AgainstBaselineRow] = [
        *rows(comparison.differences, DifferenceRow),
        *(
            row
            for row in rows(comparison.against_trivial, AgainstBaselineRow)
            if numbers.defined(row.difference)
        ),
    ]
    return {
        (row.model_a, row.model_b, row.finding, row.metric): Difference.of(row)
        for row in tested
        if not text(row.subgroup)
    }


def title(metric: str) -> str:
    """Returns the display name of a metric."""
    return METRICS.get(metric, metric.replace("_", " "))


def rows(frame: pd.DataFrame, kind: Callable[..., _R]) -> list[_R]:
    """Returns a table's rows as the type that `comparison.row_types` declares for it."""
    columns = (frame[name].tolist() for name in frame.columns)
    return list(starmap(kind, zip(*columns, strict=True)))


def text(value: Any) -> str:
    """Returns a cell as text; empty if missing."""
    return "" if value is None or value != value else str(value)
