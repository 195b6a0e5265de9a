"""The main table for the mean and for each finding, as rows of formatted cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.main_rows import CountRow, RankRow
from cxrcompare.evaluation.thresholds import roc_points
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows, text


@dataclass(frozen=True)
class Cell:
    """A formatted number and interval, and the number for sorting."""

    value: str
    interval: str
    sort: float | None


@dataclass(frozen=True)
class Row:
    """The row of a model.

    Attributes:
        name: The model.
        index: The index of the network, which determines its colour; None for a baseline.
        rank: The rank among the networks, formatted.
        rank_interval: The interval of the rank, formatted.
        group: The tie group.
        description: The description of the model.
        cells: {metric: cell}.
    """

    name: str
    index: int | None
    rank: str
    rank_interval: str
    group: str
    description: str
    cells: dict[str, Cell]


MEDIANS = ("calibration_slope", "calibration_intercept")
"""Metrics that have no mean over findings; the table has their median and range."""

_DECISIONS = frozenset(
    (
        "accuracy",
        "sensitivity",
        "specificity",
        "precision",
        "npv",
        "f1",
        "hamming_loss",
        "subset_accuracy",
    )
)


_ROC, _DECIDED = "Parts of the ROC curve", "Decisions at the threshold"


def parts(results: Results) -> list[tuple[str, list[str]]]:
    """Returns the parts of the table that fit on a page: title and metrics of each."""
    other = {*roc_points.METRICS, *_DECISIONS}
    found = [
        ("Ranking and calibration", [m for m in results.metrics if m not in other]),
        (_ROC, [m for m in results.metrics if m in roc_points.METRICS]),
        (_DECIDED, [m for m in results.metrics if m in _DECISIONS]),
    ]
    return [(words, metrics) for words, metrics in found if metrics]


_THRESHOLDS = {
    "fixed": "Metrics that need a threshold are at the threshold 0.5, which was not chosen for "
    "these models: they have no test and no rank.",
    "given": "Metrics that need a threshold are at the given thresholds.",
}


def threshold_note(results: Results) -> str:
    """Returns one sentence on the thresholds behind metrics and counts; "" if there is nothing."""
    protocol = results.comparison.protocol
    if protocol.get("thresholds_noise"):
        return (
            "Thresholds were chosen on validation. Intervals and tests of metrics at them contain "
            "the noise of the threshold."
        )
    return _THRESHOLDS.get(text(protocol.get("thresholds_source")), "")


def notes(results: Results) -> dict[str, str]:
    """Returns the note of each part of the table; "" if there is none."""
    points = results.comparison.protocol.get("roc_points")
    read = ""
    if points:
        read = (
            f"Sensitivity at specificity {points['specificity']:g}, specificity at sensitivity "
            f"{points['sensitivity']:g}, and standardised partial AUROC up to the false positive "
            f"rate {points['false_positive_rate']:g}, all read from the ROC curve of the test set."
        )
    found = {_ROC: read, _DECIDED: threshold_note(results)}
    return {words: found.get(words, "") for words, _ in parts(results)}


def defined(results: Results, finding: str, metrics: Sequence[str]) -> list[str]:
    """Returns the metrics that are defined for at least one network on this finding."""
    return [
        m
        for m in metrics
        if any(_cell(results, n, finding, m).sort is not None for n in results.networks)
    ]


def table(results: Results, finding: str) -> list[Row]:
    """Returns the table of one finding: networks in order of rank, baselines last."""
    found = []
    for model in results.comparison.models:
        name = model["name"]
        rank = results.rank(name)
        found.append(
            Row(
                name=name,
                index=results.networks.index(name) if name in results.networks else None,
                rank=_formatted(rank.rank) if rank else "",
                rank_interval=_ends(rank) if rank else "",
                group=text(rank.tie_group) if rank else "",
                description=text(model.get("description")),
                cells={m: _cell(results, name, finding, m) for m in results.metrics},
            )
        )
    return sorted(found, key=lambda row: row.index is None)


def entered(results: Results, finding: str) -> str:
    """Returns the number of findings, or of positives and negatives, behind a table as text."""
    shown = [
        results.estimate(name, finding)
        for name in results.networks
        if results.estimate(name, finding)
    ]
    if finding not in results.comparison.findings:
        every = len(results.comparison.findings)
        over = sorted(
            {int(item.defined) for item in shown if item and numbers.defined(item.defined)}
        )
        if not over:
            return f"AUROC is not defined for any of the {every} findings"
        return f"over the {over[-1]} of {every} findings whose AUROC is defined"
    counts = {row.finding: row for row in rows(results.comparison.counts, CountRow)}.get(finding)
    if counts is None:
        return ""
    words = f"{numbers.plural(int(counts.positives or 0), 'positive')}, "
    words += numbers.plural(int(counts.negatives or 0), "negative")
    if numbers.defined(counts.unknown) and counts.unknown:
        words += f", {numbers.count(counts.unknown)} unknown and excluded"
    left_out = results.comparison.degenerate_replicates.get(finding)
    if shown and left_out:
        words += f"; {numbers.plural(left_out, 'replicate')} with only one class excluded"
    return words


def _cell(results: Results, name: str, finding: str, metric: str) -> Cell:
    estimate = results.estimate(name, finding, metric)
    if finding == MEAN and metric in MEDIANS:
        return _median(results, name, metric)
    if estimate is None:
        return Cell(numbers.UNDEFINED, "", None)
    narrow = abs(estimate.high - estimate.low) < 1e-12
    largest = max(abs(end) for end in (estimate.value, estimate.low, estimate.high) if end == end)
    digits = 3 if largest < 10 else 1 if largest < 100 else 0
    between = numbers.interval(estimate.low, estimate.high, digits)
    return Cell(
        numbers.decimal(estimate.value, digits),
        "" if narrow else between if "−" in between else between.replace(" to ", "–"),
        float(f"{estimate.value:.6g}"),
    )


def _median(results: Results, name: str, metric: str) -> Cell:
    """Returns the median over findings, with the range instead of an interval.

    The findings are the same for all models. A model that lacks one of them has no median.
    """
    found = [
        results.estimate(name, finding, metric) for finding in results.complete_findings(metric)
    ]
    values = [estimate.value for estimate in found if estimate]
    if not values or len(values) < len(found):
        return Cell(numbers.UNDEFINED, "", None)
    median = float(np.median(values))
    ends = numbers.interval(min(values), max(values), 2)
    between = "range " + (ends if "−" in ends else ends.replace(" to ", "–"))
    return Cell(numbers.decimal(median), between, float(f"{median:.6g}"))


def _ends(rank: RankRow) -> str:
    return numbers.interval(rank.low, rank.high, 0).replace(" to ", "–")


def _formatted(rank: float | None) -> str:
    return f"{rank:g}" if numbers.defined(rank) else ""
