"""Models within each subgroup: estimates, and paired differences."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import differences, scoring, tested_estimates
from cxrcompare.comparison.inference.differences import Compared
from cxrcompare.comparison.inference.estimates import metric_estimates, seed_averages
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import MICRO
from cxrcompare.comparison.row_types.main_rows import DifferenceRow, MetricRow
from cxrcompare.evaluation import metrics
from cxrcompare.predictions import Note

_WANTED = ("auroc", "sensitivity", "specificity")


@dataclass(frozen=True)
class Found:
    """The results of the subgroup analysis.

    Attributes:
        metrics: Rows of the table of metrics.
        differences: Rows of the table of differences between models within a subgroup.
        counts: {column: {value: units}}.
        notes: Warnings.
    """

    metrics: list[MetricRow]
    differences: list[DifferenceRow]
    counts: dict[str, dict[str, int]]
    notes: list[Note]


def compare(
    panel: Panel,
    groups: Mapping[str, np.ndarray],
    weights: dict[str, np.ndarray],
    options: Options,
) -> Found:
    """Compares networks within each subgroup.

    All analyses use the resamples of the whole test set, so differences stay paired. A finding is
    analysed if the subgroup has at least `minimum_cell` positives and `minimum_cell` negatives.
    The differences of all subgroups are one family.

    Args:
        panel: The runs that are compared.
        groups: {column: (N,) text}, empty where the value is missing.
        weights: The seed weights, from `seed_averages.seed_weights`.
        options: Minimum cell, level, correction.
    """
    found = Found([], [], {}, [])
    pairs: list[Compared] = []
    wanted = [name for name in _WANTED if name == "auroc" or panel.decided_by_networks.any()]
    for column, values in groups.items():
        names, counts = np.unique(values[values != ""].astype(str), return_counts=True)
        found.counts[column] = dict(zip(names.tolist(), counts.tolist(), strict=True))
        missing = int((values == "").sum())
        if missing:
            text = (
                f"{column}: missing for {missing} of {len(values)} units; they are in no subgroup"
            )
            found.notes.append(Note("subgroup_unknown", text))
        for value in names.tolist():
            inside = values == value
            _one(panel, (column, value), inside, weights, wanted, options, found, pairs)
    rows = differences.rows(pairs, options)
    return dataclasses.replace(
        found,
        differences=[row for row in rows if row.finding != MICRO],
    )


def _one(
    panel: Panel,
    label: tuple[str, str],
    inside: np.ndarray,
    weights: dict[str, np.ndarray],
    wanted: list[str],
    options: Options,
    found: Found,
    pairs: list[Compared],
) -> None:
    """Adds the results of one subgroup to `found`, and its tests to `pairs`."""
    enough = _enough(panel.labels[inside], options.minimum_cell)
    if not enough.any():
        text = (
            f"{label[0]}={label[1]}: not compared: no finding has at least {options.minimum_cell} "
            f"positives and {options.minimum_cell} negatives"
        )
        found.notes.append(Note("subgroup_too_small", text))
        return
    part = _take(panel, inside)
    runs = scoring.score(part, wanted, options.bins, enough)
    averaged = {
        metric: seed_averages.average(part, scored, weights) for metric, scored in runs.items()
    }
    name = f"{label[0]}={label[1]}"
    tested = tested_estimates.estimates(part, runs, options.level)
    rows = metric_estimates.rows_of_architectures(
        part, averaged, tested, options, panel.networks, name
    )
    found.metrics.extend(row for row in rows if row.finding != MICRO)
    pairs += differences.differences(part, {"auroc": tested["auroc"]}, options, name)


def _enough(labels: np.ndarray, minimum: int) -> np.ndarray:
    positives, negatives, _ = metrics.class_counts(labels)
    return (positives >= minimum) & (negatives >= minimum)


def _take(panel: Panel, units: np.ndarray) -> Panel:
    return dataclasses.replace(
        panel,
        labels=panel.labels[units],
        patients=panel.patients[units],
        scores=panel.scores[:, units],
        decisions=panel.decisions[:, units],
        resamples=panel.resamples.take(units),
    )
