"""Figures of partial pooling: how probable it is that one network is better, by finding."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.main_rows import PartialPoolingRow
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.svg import Axes, clipped
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.results.pairs import of_first

_LINE = 18.0
_LEFT = 128.0


def bars(results: Results, rows: Sequence[PartialPoolingRow]) -> tuple[Figure, ...]:
    """Draws a bar of probabilities for each finding, for pairs of the first network."""
    by_pair: dict[tuple[str, str], list[PartialPoolingRow]] = {}
    for row in rows:
        if row.finding != MEAN and numbers.defined(row.probability_within_margin):
            by_pair.setdefault((row.model_a, row.model_b), []).append(row)
    drawn = []
    for first, second, pair in of_first(results, by_pair):
        shares = [_shares(row, turned=pair != (first, second)) for row in by_pair[pair]]
        drawn.append(_figure(results, first, second, by_pair[pair], shares))
    return tuple(drawn)


def _shares(row: PartialPoolingRow, turned: bool) -> tuple[float, float, float]:
    """Returns the probabilities that the first is better, that neither is, that the second is."""
    first = numbers.number(row.probability_a_better_by_margin)
    second = numbers.number(row.probability_b_better_by_margin)
    within = numbers.number(row.probability_within_margin)
    return (second, within, first) if turned else (first, within, second)


def _figure(
    results: Results,
    first: str,
    second: str,
    rows: Sequence[PartialPoolingRow],
    shares: Sequence[tuple[float, float, float]],
) -> Figure:
    axes = Axes(360, 22 + _LINE * len(rows) + 34, x=(0, 100), margin=(_LEFT, 14, 22, 34))
    bottom = axes.height - 34
    classes = (
        f"n{results.networks.index(first)}",
        "",
        f"n{results.networks.index(second)}",
    )
    axes.text(_LEFT - 100, 14, f"{clipped(first, 24)} better", "strong b")
    axes.text(axes.width - 14, 14, f"{clipped(second, 24)} better", "strong b", "end")
    said = []
    for number, (row, parts) in enumerate(zip(rows, shares, strict=True)):
        y = 22 + _LINE * number
        axes.text(_LEFT - 8, y + 13, clipped(row.finding, 20), "strong", "end")
        start = 0.0
        for name, share in zip(classes, parts, strict=True):
            left, right = axes.across(100 * start), axes.across(min(100 * (start + share), 100))
            if name:
                axes.open(f"{name} series")
            axes.box(left, y + 3, right - left, 12, "bar" if name else "cell")
            if name:
                axes.close()
            start += share
        chances = "/".join(f"{100 * share:.0f}" for share in parts)
        said.append(f"{row.finding} {chances} %")
    for value in (0, 50, 95):
        x = axes.across(value)
        axes.segment(x, 22, x, bottom, "guide" if value == 95 else "grid")
    for value in (0, 50, 95):
        axes.text(axes.across(value), bottom + 13, f"{value} %", anchor="middle")
    axes.text((_LEFT + axes.width - 14) / 2, bottom + 28, "probability", anchor="middle")
    margin = numbers.decimal(rows[0].margin)
    return Figure(
        "pooling",
        f"{first} {second}",
        f"{first} or {second}: which is better?",
        f"Probability that {first} is better by more than {margin}, that neither is, that "
        f"{second} is: {'; '.join(said)}",
        axes,
        ("finding", "first_better", "within_margin", "second_better"),
        [(row.finding, *parts) for row, parts in zip(rows, shares, strict=True)],
        f"Better by more than {margin} AUROC. Grey: the difference is smaller than that.",
    )
