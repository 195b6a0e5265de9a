"""Figures of several sites: the difference of two networks at each site, pooled, and elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.comparison.row_types.site_row_types import SiteDifferenceRow, SitePooledRow
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.svg import Axes, clipped, decimals, padded, ticks
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.results.pairs import of_first

_LINE = 19.0
_LEFT = 112.0


def forests(
    results: Results, differences: Sequence[SiteDifferenceRow], pooled: Sequence[SitePooledRow]
) -> tuple[Figure, ...]:
    """Draws a forest of sites for the pairs of the first network; none without pooled pairs.

    Args:
        results: The comparison.
        differences: The differences at each site, of one scope.
        pooled: The pooled differences of the same scope.
    """
    by_pair = {(row.model_a, row.model_b): row for row in pooled if _drawable(row)}
    drawn = []
    for first, second, pair in of_first(results, by_pair):
        sign = 1.0 if pair == (first, second) else -1.0
        own = [
            row
            for row in differences
            if (row.model_a, row.model_b) == pair and numbers.defined(row.difference)
        ]
        drawn.append(_forest(first, second, own, by_pair[pair], sign))
    return tuple(drawn)


def _drawable(row: SitePooledRow) -> bool:
    return all(map(numbers.defined, (row.difference, row.low, row.high)))


def _turned(sign: float, *values: float | None) -> tuple[float, float, float]:
    """Returns value, low and high of a difference, or those of the opposite one."""
    value, low, high = (sign * numbers.number(one) for one in values)
    return value, min(low, high), max(low, high)


def _forest(
    first: str, second: str, own: Sequence[SiteDifferenceRow], pooled: SitePooledRow, sign: float
) -> Figure:
    sites = [(row.site, *_turned(sign, row.difference, row.low, row.high)) for row in own]
    mean = _turned(sign, pooled.difference, pooled.low, pooled.high)
    new = _turned(sign, pooled.difference, pooled.prediction_low, pooled.prediction_high)
    known = numbers.defined(new[1]) and numbers.defined(new[2])
    ends = [end for one in sites for end in one[1:]] + [*mean, 0.0] + [*new[1:]] * known
    low, high = padded(ends)
    axes = Axes(360, 8 + _LINE * (len(sites) + 1 + known) + 38, x=(low, high))
    axes.margin = (_LEFT, 64, 4, 36)
    bottom = axes.height - 36
    steps = ticks(low, high, 3)
    digits = decimals(steps)
    for value in steps:
        x = axes.across(value)
        axes.segment(x, 4, x, bottom, "axis" if value == 0 else "grid")
        axes.text(x, bottom + 13, numbers.signed(value, digits) if value else "0", anchor="middle")
    words = f"difference of AUROC: {clipped(first, 18)} minus {clipped(second, 18)}"
    axes.text(180, bottom + 29, words, anchor="middle")
    axes.open("ink")
    for number, (site, *ends_of_site) in enumerate(sites):
        y = 8 + _LINE * (number + 0.5)
        _whisker(axes, site, ends_of_site, y, "whisker")
        axes.box(axes.across(ends_of_site[0]) - 3, y - 3, 6, 6, "reader")
    y = 8 + _LINE * (len(sites) + 0.5)
    corners = ((mean[1], y), (mean[0], y - 6), (mean[2], y), (mean[0], y + 6))
    points = " ".join(f"{axes.across(x):.1f},{place:.1f}" for x, place in corners)
    axes.text(_LEFT - 8, y + 4, "all sites", "strong b", "end")
    axes.add(f'<polygon points="{points}" class="reader"/>')
    axes.text(axes.width - 4, y + 4, numbers.signed(mean[0]), "strong b", "end")
    if known:
        _whisker(axes, "a new site", new, y + _LINE, "guide", "")
    axes.close()
    said = [f"{site}: {numbers.signed(value)}" for site, value, *_ in sites]
    said.append(f"all sites: {numbers.signed(mean[0])} ({numbers.interval(*mean[1:])})")
    rows = [*sites, ("all sites", *mean)]
    if known:
        said.append(f"expected at a new site: {numbers.interval(*new[1:])}")
        rows.append(("a new site", *new))
    return Figure(
        "sites",
        f"{first} {second}",
        f"{first} minus {second} at each site",
        "; ".join(said),
        axes,
        ("site", "difference", "low", "high"),
        rows,
        "Squares: each site with its interval. Diamond: the mean over sites and its interval."
        + (" Dashed: expected at a new site of this kind." if known else ""),
    )


def _whisker(
    axes: Axes, label: str, ends: Sequence[float], y: float, name: str, value: str | None = None
) -> None:
    axes.text(_LEFT - 8, y + 4, clipped(label, 17), "strong", "end")
    if all(map(numbers.defined, ends)):
        axes.segment(axes.across(ends[1]), y, axes.across(ends[2]), y, name)
    words = numbers.signed(ends[0]) if value is None else value
    axes.text(axes.width - 4, y + 4, words, "strong", "end")
