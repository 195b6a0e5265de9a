"""Figures of the whole comparison: the headline, and AUROC by finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.marks import mark
from cxrcompare.reporting.figures.svg import Axes, clipped, decimals, padded, ticks
from cxrcompare.reporting.narrative import answer
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.drawn_networks import drawn, others
from cxrcompare.reporting.results.estimated import Estimate
from cxrcompare.reporting.results.lookup import Results

_MOST_EMPTY = 0.6
"""The part of an axis that a baseline may keep empty, as a share of the networks' range."""

_NEAR_CHANCE = 0.6
"""An axis of AUROC that starts below contains chance, 0.5."""


def headline(results: Results) -> Figure | None:
    """Draws every model's headline estimate with its interval; baselines are grey."""
    every = [(name, results.estimate(name, results.scope)) for name in drawn(results)]
    shown = [(name, item) for name, item in every if item]
    if not shown:
        return None
    rest = [item for name in others(results) if (item := results.estimate(name, results.scope))]
    ends = [end for _, i in shown for end in (i.value, i.low, i.high)]
    ends += [item.value for item in rest]
    baselines = [
        (name, item)
        for name in results.baselines
        if (item := results.estimate(name, results.scope)) and abs(item.value - 0.5) > 1e-9
    ]
    far = [(name, item) for name, item in baselines if _far(item, ends)]
    shown += [one for one in baselines if one not in far]
    ends += [end for _, i in shown for end in (i.value, i.low, i.high)]
    low, high = _limits(ends)
    count = len(shown) + bool(rest)
    axes = Axes(360, 48 + 24.0 * count, x=(low, high), margin=(122, 52, 4, 40))
    bottom = axes.height - 40
    marks = ticks(low, high, 4)
    for value in marks:
        axes.segment(axes.across(value), 4, axes.across(value), bottom, "grid")
        label = f"{value:.{decimals(marks)}f}"
        axes.text(axes.across(value), bottom + 14, label, anchor="middle")
    words = answer.quality(results) + _chance(axes, bottom)
    axes.text(axes.across((low + high) / 2), bottom + 31, words, anchor="middle")
    if rest:
        _rest(axes, rest, 16 + 24.0 * len(shown))
    data: list[tuple[Any, ...]] = []
    descriptions = []
    for number, (name, item) in enumerate(shown):
        y = 16 + 24.0 * number
        network = name in results.networks
        axes.open(f"n{results.networks.index(name)} series" if network else "soft")
        axes.text(axes.margin[0] - 8, y + 4, clipped(name, 18), "strong" if network else "", "end")
        if numbers.defined(item.low) and numbers.defined(item.high):
            axes.segment(axes.across(item.low), y, axes.across(item.high), y, "whisker")
        if network:
            kind = mark(results.networks.index(name))
            axes.mark(axes.across(item.value), y, 4.5, kind, name)
        else:
            axes.circle(axes.across(item.value), y, 4.5, "hollow", name)
        axes.text(axes.width - 8, y + 4, f"{item.value:.3f}", "strong b" if network else "", "end")
        axes.close()
        data.append((name, item.value, item.low, item.high))
        descriptions.append(f"{name} {item.value:.3f} ({item.interval})")
    data += [
        (name, item.value, item.low, item.high)
        for name in others(results)
        if (item := results.estimate(name, results.scope))
    ]
    data += [(name, item.value, item.low, item.high) for name, item in far]
    if rest:
        descriptions.append(f"and {numbers.plural(len(rest), 'more network')}")
    return Figure(
        "headline",
        "",
        f"{answer.quality(results)[:1].upper()}{answer.quality(results)[1:]}",
        "; ".join(descriptions),
        axes,
        ("model", "auroc", "low", "high"),
        data,
        _baseline_note(len(baselines) > len(far), far),
    )


def _far(baseline: Estimate, ends: Sequence[float]) -> bool:
    """Returns whether a baseline is so far below the networks that it would hide intervals."""
    low, high = padded(ends)
    return baseline.value < low - _MOST_EMPTY * (high - low)


def _baseline_note(shown: bool, far: Sequence[tuple[str, Estimate]]) -> str:
    """Returns which baselines are hollow marks, and which are below the axis."""
    words = ["Hollow: baselines that use no image."] if shown else []
    if far:
        listed = numbers.listed([f"{name} {item.value:.3f}" for name, item in far])
        words.append(f"Below the axis: {listed} (no image used).")
    return " ".join(words)


def _limits(ends: Sequence[float]) -> tuple[float, float]:
    """Returns the limits of an axis of AUROC; they contain chance if an end is near."""
    low, high = padded(ends)
    return padded([*ends, 0.5]) if low < _NEAR_CHANCE else (low, min(high, 1.0))


def _chance(axes: Axes, bottom: float) -> str:
    """Draws the line of chance if it is on the axis, and returns the words on it."""
    if not axes.x[0] <= 0.5 <= axes.x[1]:
        return ""
    axes.segment(axes.across(0.5), 4, axes.across(0.5), bottom, "guide")
    return " (dashed: chance)"


def _rest(axes: Axes, rest: Sequence[Estimate], y: float) -> None:
    """Draws the estimates of the networks that have no row of their own."""
    axes.open("soft")
    words = f"{len(rest)} more"
    axes.text(axes.margin[0] - 8, y + 4, words, "", "end")
    for item in rest:
        axes.segment(axes.across(item.value), y - 5, axes.across(item.value), y + 5, "whisker thin")
    axes.close()


def by_finding(results: Results) -> list[Figure]:
    """Draws every network's AUROC of every finding; more than six findings make two figures."""
    every = results.comparison.findings
    half = len(every) if len(every) <= 6 else -(-len(every) // 2)
    parts = [every[:half], every[half:]]
    return [figure for part in parts if part and (figure := _strips(results, part)) is not None]


def _strips(results: Results, findings: Sequence[str]) -> Figure | None:
    rows = [
        (finding, [results.estimate(name, finding) for name in results.networks])
        for finding in findings
    ]
    detailed = drawn(results)
    every = [
        (name in detailed, item)
        for finding in results.comparison.findings
        for name in results.networks
        if (item := results.estimate(name, finding))
    ]
    ends = [end for own, item in every if own for end in (item.low, item.high)]
    ends += [item.value for _, item in every]
    shown = [estimate for _, found in rows for estimate in found if estimate]
    if not shown:
        return None
    low, high = _limits(ends)
    low, high = max(low, 0.0), min(high, 1.0)
    step = 9.0 if len(results.networks) <= 6 else 6.0
    lines = len(detailed) + bool(others(results))
    heights = [24 + step * lines for _ in rows]
    axes = Axes(360, 44 + sum(heights), x=(low, high), margin=(12, 12, 6, 38))
    marks = ticks(low, high, 5)
    for value in marks:
        x = axes.across(value)
        axes.segment(x, 6, x, axes.height - 38, "grid")
        axes.text(x, axes.height - 24, f"{value:.{decimals(marks)}f}", anchor="middle")
    words = "AUROC" + _chance(axes, axes.height - 38)
    axes.text(180, axes.height - 7, words, anchor="middle")
    data: list[tuple[Any, ...]] = []
    descriptions = []
    top = 6.0
    for (finding, found), height in zip(rows, heights, strict=True):
        _strip(axes, finding, found, top, step, len(detailed))
        best = max((item.value for item in found if item), default=None)
        descriptions.append(f"{finding}: highest {numbers.decimal(best)}")
        for name, item in zip(results.networks, found, strict=True):
            data.append(
                (finding, name, *((item.value, item.low, item.high) if item else [None] * 3))
            )
        top += height
    return Figure(
        "findings",
        findings[0],
        " to ".join(dict.fromkeys((findings[0], findings[-1]))),
        "; ".join(descriptions),
        axes,
        ("finding", "model", "auroc", "low", "high"),
        data,
    )


def _strip(
    axes: Axes,
    finding: str,
    found: Sequence[Estimate | None],
    top: float,
    step: float,
    detailed: int,
) -> None:
    axes.box(axes.margin[0], top + 2, axes.width - 24, 13, "plate")
    axes.text(axes.margin[0] + 4, top + 12, clipped(finding, 36), "strong")
    counted = next((item for item in found if item), None)
    words = f"{numbers.count(counted.positives)} positives" if counted else "not defined"
    axes.text(axes.width - 14, top + 12, words, anchor="end")
    for index, item in enumerate(found[:detailed]):
        if item is None:
            continue
        y = top + 22 + step * index
        axes.open(f"n{index} series")
        if numbers.defined(item.low) and numbers.defined(item.high):
            left, right = max(item.low, axes.x[0]), min(item.high, axes.x[1])
            axes.segment(axes.across(left), y, axes.across(right), y, "whisker")
        axes.mark(axes.across(item.value), y, 3, mark(index), f"{item.value:.3f}")
        axes.close()
    y = top + 22 + step * detailed
    for index, item in enumerate(found[detailed:], detailed):
        if item is not None:
            x = axes.across(item.value)
            axes.open(f"n{index} series rest")
            axes.segment(x, y - 3, x, y + 3, "whisker")
            axes.close()
