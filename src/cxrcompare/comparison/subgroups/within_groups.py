"""Models within each subgroup: estimates, and paired differences."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import (
    auroc_inference,
    differences,
    estimates,
    scoring,
    seed_averages,
)
from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import MICRO, DifferenceRow, MetricRow
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
    P-values are adjusted over all subgroups.

    Args:
        panel: The runs that are compared.
        groups: {column: (N,) text}, empty where the value is missing.
        weights: The seed weights, from `seed_averages.seed_weights`.
        options: Minimum cell, level, correction.
    """
    found = Found([], [], {}, [])
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
            _one(panel, (column, value), inside, weights, wanted, options, found)
    return dataclasses.replace(
        found,
        differences=differences.adjust_all(found.differences, options.correction, options.level),
    )


def _one(
    panel: Panel,
    label: tuple[str, str],
    inside: np.ndarray,
    weights: dict[str, np.ndarray],
    wanted: list[str],
    options: Options,
    found: Found,
) -> None:
    enough = _enough(panel.labels[inside], options.minimum_cell)
    if not enough.any():
        text = (
            f"{label[0]}={label[1]}: not compared: no finding has at least {options.minimum_cell} "
            f"positives and {options.minimum_cell} negatives"
        )
        found.notes.append(Note("subgroup_too_small", text))
        return
    part = _take(panel, inside)
    tables = _average(part, wanted, enough, weights, options)
    name = f"{label[0]}={label[1]}"
    aurocs = auroc_inference.estimate(part)
    rows = estimates.rows_of_architectures(part, tables, aurocs, options, panel.networks, name)
    auroc = {"auroc": tables["auroc"][0]}
    pairs = differences.differences(part, auroc, aurocs, options, name)
    found.metrics.extend(row for row in rows if row.finding != MICRO)
    found.differences.extend(row for row in pairs if row.finding != MICRO)


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


def _average(
    part: Panel,
    wanted: list[str],
    enough: np.ndarray,
    weights: dict[str, np.ndarray],
    options: Options,
) -> dict[str, tuple[Scored, seed_averages.Noise]]:
    runs = scoring.score(part, wanted, options.bins, enough)
    return {metric: seed_averages.average(part, scored, weights) for metric, scored in runs.items()}
