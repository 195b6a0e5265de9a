"""Decision curve of one finding: net benefit of each network by threshold probability."""

from __future__ import annotations

from typing import Any

from cxrcompare.comparison.readers.reader_panel import MEAN_READER, PANEL
from cxrcompare.comparison.row_types.decision_rows import NetBenefitRow
from cxrcompare.comparison.row_types.reader_rows import ReaderNetBenefitRow
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.path import COARSE, TOLERANCE
from cxrcompare.reporting.figures.svg import Axes, ticks
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.drawn_networks import others
from cxrcompare.reporting.results.lookup import Results

_LOWEST = -0.25
"""Lower end of the axis, as a share of the prevalence; lower values are not drawn."""


def decision(results: Results, finding: str) -> Figure | None:
    """Draws net benefit with intervals; dashed: calling all units positive, or none (0).

    Readers are diamonds at the decision thresholds; that of their panel is larger.
    """
    points = [
        row
        for row in results.table("net_benefit", NetBenefitRow)
        if row.finding == finding and row.model in results.networks
    ]
    positives, negatives = results.class_counts(finding)
    if not points or not positives:
        return None
    prevalence = positives / (positives + negatives)
    low, high = _LOWEST * prevalence, 1.05 * prevalence
    axes = Axes(360, 340, y=(low, high), margin=(52, 12, 10, 36))
    axes.frame(
        (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), ticks(low, high), "threshold probability", "net benefit", 3
    )
    first = [row for row in points if row.model == points[0].model]
    thresholds = [_number(row.threshold) for row in first]
    treat_all = [_number(row.treat_all) for row in first]
    axes.line((0, 1), (0, 0), "guide")
    axes.line(thresholds, [value if value >= low else None for value in treat_all], "guide")
    data: list[tuple[Any, ...]] = []
    parts = []
    for index, name in reversed(list(enumerate(results.networks))):
        own = [row for row in points if row.model == name]
        seen = [row for row in own if _number(row.net_benefit) >= low]
        rest = name in others(results)
        axes.open(f"n{index} series{' rest' if rest else ''}")
        if not rest:
            axes.band(
                [_number(row.threshold) for row in seen],
                [max(_number(r.low), low) if numbers.defined(r.low) else None for r in seen],
                [min(_number(r.high), high) if numbers.defined(r.high) else None for r in seen],
            )
        axes.line(
            [_number(row.threshold) for row in own],
            [value if (value := _number(row.net_benefit)) >= low else None for row in own],
            tolerance=COARSE if rest else TOLERANCE,
        )
        axes.close()
        if rest:
            continue
        data += [
            (name, row.threshold, row.net_benefit, row.low, row.high, row.treat_all) for row in own
        ]
        parts += [
            f"{name}: {numbers.decimal(row.net_benefit)} at 0.2"
            for row in own
            if row.threshold == 0.2
        ]
    for reader in results.table("reader_net_benefit", ReaderNetBenefitRow):
        if reader.finding != finding:
            continue
        threshold, value = _number(reader.threshold), _number(reader.net_benefit)
        data.append((reader.reader, threshold, value, reader.low, reader.high, None))
        if value >= low:
            position = axes.across(threshold), axes.up(value)
            words = f"{reader.reader}: {numbers.decimal(value)} at {threshold:g}"
            if reader.reader != MEAN_READER:
                axes.diamond(*position, 6 if reader.reader == PANEL else 3.5, "reader", words)
    return Figure(
        "decision",
        finding,
        f"Decision curve, {finding}",
        f"Prevalence {prevalence:.3f}. {'; '.join(parts)}",
        axes,
        ("model", "threshold", "net_benefit", "low", "high", "treat_all"),
        data,
    )


def _number(value: float | None) -> float:
    return numbers.number(value)
