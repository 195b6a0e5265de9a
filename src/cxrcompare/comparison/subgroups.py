"""Subgroup analysis: models within each subgroup, and each subgroup against the rest."""

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
from cxrcompare.comparison.inference.scoring import OVER, Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import MICRO, DifferenceRow, MetricRow, SubgroupGapRow
from cxrcompare.evaluation import metrics
from cxrcompare.predictions import Note

_WANTED = ("auroc", "sensitivity", "specificity")


@dataclass(frozen=True)
class Found:
    """The results of the subgroup analysis.

    Attributes:
        metrics: Rows of the table of metrics.
        differences: Rows of the table of differences between models within a subgroup.
        gaps: Rows of the table of gaps: a subgroup minus the rest of the test set.
        counts: {column: {value: units}}.
        notes: Warnings.
    """

    metrics: list[MetricRow]
    differences: list[DifferenceRow]
    gaps: list[SubgroupGapRow]
    counts: dict[str, dict[str, int]]
    notes: list[Note]


def compare(
    panel: Panel,
    groups: Mapping[str, np.ndarray],
    weights: dict[str, np.ndarray],
    options: Options,
) -> Found:
    """Compares networks within each subgroup, and each subgroup with the rest of the test set.

    All analyses use the resamples of the whole test set, so differences stay paired. A finding is
    analysed if the subgroup has at least `minimum_cell` positives and `minimum_cell` negatives; for
    a gap the rest of the test set must have them too. P-values are adjusted over all subgroups.

    Args:
        panel: The runs that are compared.
        groups: {column: (N,) text}, empty where the value is missing.
        weights: The seed weights, from `seed_averages.seed_weights`.
        options: Minimum cell, level, correction.
    """
    found = Found([], [], [], {}, [])
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
        for number, value in enumerate(names.tolist()):
            inside = values == value
            mirrored = len(names) == 2 and number == 1  # its gap is the negative of the first
            _one(
                panel,
                (column, value),
                inside,
                (values != "") & ~inside,
                weights,
                wanted,
                options,
                found,
                mirrored,
            )
    adjusted = differences.adjust_by(
        [(row.metric, row.finding) for row in found.gaps],
        np.array([row.p_value for row in found.gaps]),
        options.correction,
    ).tolist()
    return dataclasses.replace(
        found,
        differences=differences.adjust_all(found.differences, options.correction, options.level),
        gaps=[
            row._replace(p_adjusted=p_value)
            for row, p_value in zip(found.gaps, adjusted, strict=True)
        ],
    )


def _one(
    panel: Panel,
    label: tuple[str, str],
    inside: np.ndarray,
    rest: np.ndarray,
    weights: dict[str, np.ndarray],
    wanted: list[str],
    options: Options,
    found: Found,
    mirrored: bool,
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
    both = (
        enough & _enough(panel.labels[rest], options.minimum_cell) if rest.any() else enough & False
    )
    if both.any() and not mirrored:
        within = _average(part, ["auroc"], both, weights, options)["auroc"][0]
        outside = _average(_take(panel, rest), ["auroc"], both, weights, options)["auroc"][0]
        found.gaps.extend(_gaps(panel, label, within, outside, options))


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


def _gaps(
    panel: Panel, label: tuple[str, str], within: Scored, outside: Scored, options: Options
) -> list[SubgroupGapRow]:
    rows = []
    for a, name in enumerate(panel.networks):
        both = Scored(
            np.stack([within.point[a], outside.point[a]]),
            np.stack([within.replicates[:, a], outside.replicates[:, a]], axis=1),
            within.defined,
        )
        point, replicates = differences.contrast(both, 0, 1)
        low, high, _ = estimates.bootstrap_interval(
            point, replicates, options.level, metrics.difference_span("auroc")
        )
        p_value = differences.p_values(point, replicates)
        rows += [
            SubgroupGapRow(
                model=name,
                column=label[0],
                value=label[1],
                finding=finding,
                metric="auroc",
                difference=float(point[k]),
                low=float(low[k]),
                high=float(high[k]),
                p_value=float(p_value[k]),
                p_adjusted=float("nan"),
            )
            for k, finding in enumerate((*panel.findings, *OVER))
            if finding != MICRO
        ]
    return rows
