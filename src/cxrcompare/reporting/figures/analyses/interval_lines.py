"""Lines of intervals: groups of estimates with their intervals, one line per network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cxrcompare.reporting.figures.marks import mark
from cxrcompare.reporting.figures.svg import Axes, clipped, decimals, padded, tick, ticks
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.drawn_networks import drawn
from cxrcompare.reporting.results.lookup import Results

_LEFT = 112.0
_LINE = 11.0
_GAP = 7.0
_BOTTOM = 36.0
_LONGEST = 17
_LONGEST_NAME = 22
_WIDTH = 360.0
_MOST_LINES = 60


class Line(NamedTuple):
    """One estimate with its interval.

    Attributes:
        network: The network, which gives colour and mark.
        value: The estimate.
        low: Lower end of the interval, or None.
        high: Upper end of the interval, or None.
        filled: Whether the mark is filled; a hollow one is undecided.
    """

    network: str
    value: float
    low: float | None
    high: float | None
    filled: bool = True


class Group(NamedTuple):
    """Lines below one another with one label at the left."""

    label: str
    lines: Sequence[Line]


def networks(results: Results, groups: int) -> list[str]:
    """Returns the networks that are drawn in so many groups: fewer, the first by rank, in many."""
    return drawn(results)[: max(2, _MOST_LINES // max(groups, 1))]


def shortened(results: Results, shown: Sequence[str], file: str) -> str:
    """Returns a sentence that says which networks are drawn; empty if all are."""
    if len(shown) >= len(results.networks):
        return ""
    return f" The first {len(shown)} networks by rank; all are in {file}."


def draw(
    results: Results,
    groups: Sequence[Group],
    words: str,
    guide: float | None = None,
    band: float | None = None,
    bounds: tuple[float, float] | None = None,
) -> Axes:
    """Draws groups of estimates.

    Args:
        results: The comparison.
        groups: The groups, at least one estimate in all.
        words: The label of the axis.
        guide: A value that is part of the axis and has a line, e.g. 0 for differences.
        band: The half width of a shaded band around 0, e.g. a margin.
        bounds: The smallest and largest possible value.
    """
    ends = [
        end
        for group in groups
        for line in group.lines
        for end in (line.value, line.low, line.high)
        if numbers.defined(end)
    ]
    ends += [guide] if guide is not None else []
    ends += [-band, band] if band is not None else []
    low, high = padded(ends)
    if bounds:
        low, high = max(low, bounds[0]), min(high, bounds[1])
    names = [line.network for group in groups for line in group.lines]
    legend = _legend(names)
    start = 14.0 * len(legend)
    height = sum(_GAP + _LINE * len(group.lines) for group in groups)
    axes = Axes(_WIDTH, start + 6 + height + _BOTTOM, x=(low, high))
    axes.margin = (_LEFT, 14, start + 4, _BOTTOM)
    for number, entries in enumerate(legend):
        for x, name in entries:
            index = results.networks.index(name)
            axes.open(f"n{index} series")
            axes.mark(x, 14.0 * number + 8, 3.6, mark(index))
            axes.text(x + 7, 14.0 * number + 12, clipped(name, _LONGEST_NAME), "strong")
            axes.close()
    _background(axes, words, guide, band)
    top = start + 6.0
    for group in groups:
        middle = top + _LINE * len(group.lines) / 2
        axes.text(_LEFT - 8, middle + 4, clipped(group.label, _LONGEST), "strong", "end")
        for number, line in enumerate(group.lines):
            _line(axes, results, line, top + _LINE * (number + 0.5))
        top += _LINE * len(group.lines) + _GAP
        axes.segment(_LEFT, top - _GAP / 2, axes.width - 14, top - _GAP / 2, "grid")
    return axes


def _legend(names: Sequence[str]) -> list[list[tuple[float, str]]]:
    """Returns the position and name of each network, in lines."""
    lines: list[list[tuple[float, str]]] = []
    x = _WIDTH
    for name in dict.fromkeys(names):
        width = 20 + 6.2 * min(len(name), _LONGEST_NAME)
        if x + width > _WIDTH:
            lines.append([])
            x = 6.0
        lines[-1].append((x, name))
        x += width
    return lines


def _background(axes: Axes, words: str, guide: float | None, band: float | None) -> None:
    low, high = axes.x
    top, bottom = axes.margin[2], axes.height - _BOTTOM
    if band is not None:
        left, right = axes.across(max(-band, low)), axes.across(min(band, high))
        axes.box(left, top, right - left, bottom - top, "plate")
    steps = ticks(low, high, 4)
    digits = 0 if steps and max(map(abs, steps)) >= 10 else decimals(steps)
    for value in steps:
        x = axes.across(value)
        axes.segment(x, top, x, bottom, "grid")
        axes.text(x, bottom + 13, tick(value, digits), anchor="middle")
    if guide is not None:
        axes.segment(axes.across(guide), top, axes.across(guide), bottom, "guide")
    axes.text((_LEFT + axes.width - 14) / 2, bottom + 29, words, anchor="middle")


def _line(axes: Axes, results: Results, line: Line, y: float) -> None:
    index = results.networks.index(line.network)
    title = f"{line.network}: {numbers.with_interval(line.value, line.low, line.high)}"
    axes.open(f"n{index} series")
    if numbers.defined(line.low) and numbers.defined(line.high):
        axes.segment(_inside(axes, line.low), y, _inside(axes, line.high), y, "whisker")
    if line.filled:
        axes.mark(axes.across(line.value), y, 3.6, mark(index), title)
    else:
        axes.circle(axes.across(line.value), y, 3.2, "hollow", title)
    axes.close()


def _inside(axes: Axes, value: float) -> float:
    return axes.across(min(max(value, axes.x[0]), axes.x[1]))
