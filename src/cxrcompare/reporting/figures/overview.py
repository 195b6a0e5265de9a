"""Figures of the whole comparison: headline, differences, ranks, AUROC by finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.svg import Axes, clipped, padded, ticks
from cxrcompare.reporting.narrative import answer
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Difference, Results, text
from cxrcompare.reporting.results.pairs import pairs


def headline(results: Results) -> Figure | None:
    """Draws every model's headline estimate with its interval; baselines are grey."""
    every = [(name, results.estimate(name, results.scope)) for name in results.networks]
    shown = [(name, item) for name, item in every if item]
    if not shown:
        return None
    baselines = [(name, results.estimate(name, results.scope)) for name in results.baselines]
    shown += [(name, item) for name, item in baselines if item and abs(item.value - 0.5) > 1e-9]
    low, high = padded([end for _, i in shown for end in (i.value, i.low, i.high, 0.5)])
    axes = Axes(360, 48 + 24.0 * len(shown), x=(low, high), margin=(122, 52, 4, 40))
    bottom = axes.height - 40
    for value in ticks(low, high, 4):
        axes.segment(axes.across(value), 4, axes.across(value), bottom, "grid")
        label = f"{value:.2f}".removesuffix("0")
        axes.text(axes.across(value), bottom + 14, label, anchor="middle")
    axes.segment(axes.across(0.5), 4, axes.across(0.5), bottom, "guide")
    words = f"{answer.quality(results)} (dashed: chance)"
    axes.text(axes.across((low + high) / 2), bottom + 31, words, anchor="middle")
    data: list[tuple[Any, ...]] = []
    descriptions = []
    for number, (name, item) in enumerate(shown):
        y = 16 + 24.0 * number
        network = name in results.networks
        axes.open(f"n{results.networks.index(name)} series" if network else "soft")
        axes.text(axes.margin[0] - 8, y + 4, clipped(name, 18), "strong" if network else "", "end")
        if numbers.defined(item.low) and numbers.defined(item.high):
            axes.segment(axes.across(item.low), y, axes.across(item.high), y, "whisker")
        axes.circle(axes.across(item.value), y, 4.5, "dot" if network else "hollow", name)
        axes.text(axes.width - 8, y + 4, f"{item.value:.3f}", "strong b" if network else "", "end")
        axes.close()
        data.append((name, item.value, item.low, item.high))
        descriptions.append(f"{name} {item.value:.3f} ({item.interval})")
    return Figure(
        "headline",
        "",
        f"{answer.quality(results)[:1].upper()}{answer.quality(results)[1:]}",
        "; ".join(descriptions),
        axes,
        ("model", "auroc", "low", "high"),
        data,
    )


def forest(results: Results, finding: str) -> Figure | None:
    """Draws the paired differences of AUROC with intervals and adjusted p-values."""
    shown = pairs(results, finding)
    if not shown:
        return None
    ends = [
        end for item in shown for end in (*_widest(item), item.value, 0.0) if numbers.defined(end)
    ]
    low, high = padded(ends)
    height = 34.0
    axes = Axes(360, 44 + height * len(shown), x=(low, high), y=(0, 1), margin=(12, 12, 6, 38))
    for value in ticks(low, high, 5):
        x = axes.across(value)
        axes.segment(x, 6, x, axes.height - 38, "axis" if value == 0 else "grid")
        words = numbers.signed(value, 3 if high - low < 0.05 else 2) if value else "0"
        axes.text(x, axes.height - 24, words, anchor="middle")
    axes.text(180, axes.height - 7, "difference of AUROC, first minus second", anchor="middle")
    data: list[tuple[Any, ...]] = []
    descriptions = []
    for number, item in enumerate(shown):
        _pair(axes, results, item, 6 + height * number)
        data.append(
            (
                item.first,
                item.second,
                finding,
                item.value,
                item.low,
                item.high,
                item.simultaneous_low,
                item.simultaneous_high,
                item.p_value,
                item.p_adjusted,
                item.verdict,
                item.method,
            )
        )
        descriptions.append(
            f"{item.first} minus {item.second} {numbers.signed(item.value)} "
            f"({item.interval}; simultaneous {item.simultaneous or 'not defined'}), "
            f"adjusted {numbers.p_value(item.p_adjusted)}"
        )
    return Figure(
        "forest",
        finding,
        f"Paired differences of AUROC, {finding}",
        "; ".join(descriptions),
        axes,
        (
            "model_a",
            "model_b",
            "finding",
            "difference",
            "low",
            "high",
            "simultaneous_low",
            "simultaneous_high",
            "p_value",
            "p_adjusted",
            "verdict",
            "method",
        ),
        data,
    )


def _widest(item: Difference) -> tuple[float, float, float, float]:
    return item.low, item.high, item.simultaneous_low, item.simultaneous_high


def _pair(axes: Axes, results: Results, item: Difference, top: float) -> None:
    y = top + 11
    axes.box(axes.margin[0], top + 2, axes.width - 24, 13, "plate")
    length = 15 if len(item.first) + len(item.second) <= 28 else 12
    parts = []
    for name, after in ((item.first, "  −  "), (item.second, "")):
        parts += [("● ", f"own n{results.networks.index(name)}"), (clipped(name, length), "strong")]
        parts.append((after, ""))
    axes.spans(axes.margin[0] + 4, y, parts)
    verdict = f"{numbers.signed(item.value)} · {numbers.p_value(item.p_adjusted)}"
    significant = results.rejects(item)
    axes.text(axes.width - 14, y, verdict, "strong b" if significant else "", anchor="end")
    axes.open("ink" if significant else "soft")
    if numbers.defined(item.simultaneous_low) and numbers.defined(item.simultaneous_high):
        wide = axes.across(item.simultaneous_low), axes.across(item.simultaneous_high)
        axes.segment(wide[0], top + 23, wide[1], top + 23, "axis")
        for end in wide:
            axes.segment(end, top + 20, end, top + 26, "axis")
    if numbers.defined(item.low) and numbers.defined(item.high):
        axes.segment(axes.across(item.low), top + 23, axes.across(item.high), top + 23, "whisker")
    axes.circle(axes.across(item.value), top + 23, 4, "dot" if significant else "hollow")
    axes.close()


def ranks(results: Results) -> Figure | None:
    """Draws each network's rank with its interval and the probability that it is the best."""
    found = [(name, results.rank(name)) for name in results.networks]
    shown = [(name, row) for name, row in found if row and numbers.defined(row.rank)]
    if len(shown) < 2:
        return None
    height = 34.0
    axes = Axes(
        360, 44 + height * len(shown), x=(0.7, len(results.networks) + 0.3), margin=(12, 12, 6, 38)
    )
    step = max(1, len(results.networks) // 10)
    for rank in range(1, len(results.networks) + 1, step):
        axes.segment(axes.across(rank), 6, axes.across(rank), axes.height - 38, "grid")
        axes.text(axes.across(rank), axes.height - 24, str(rank), anchor="middle")
    axes.text(180, axes.height - 7, "rank by AUROC (1 is best)", anchor="middle")
    data: list[tuple[Any, ...]] = []
    descriptions = []
    for number, (name, row) in enumerate(shown):
        top, index = 6 + height * number, results.networks.index(name)
        axes.box(axes.margin[0], top + 2, axes.width - 24, 13, "plate")
        axes.open(f"n{index} series")
        axes.circle(axes.margin[0] + 4, top + 7, 4, "dot", name)
        axes.text(axes.margin[0] + 12, top + 11, clipped(name, 22), "strong")
        best = f"best with probability {numbers.probability(row.probability_best)}"
        axes.text(axes.width - 14, top + 11, best, anchor="end")
        if numbers.defined(row.low) and numbers.defined(row.high):
            ends = axes.across(row.low), axes.across(row.high)
            axes.segment(ends[0], top + 23, ends[1], top + 23, "whisker")
        axes.circle(axes.across(numbers.number(row.rank)), top + 23, 4, "dot")
        axes.close()
        group = text(row.tie_group)
        data.append((name, row.rank, row.low, row.high, row.probability_best, group))
        descriptions.append(
            f"{name}: rank {numbers.decimal(row.rank, 1).removesuffix('.0')} "
            f"({numbers.interval(row.low, row.high, 0)}), {best}"
        )
    return Figure(
        "ranks",
        "",
        "Ranks with intervals",
        "; ".join(descriptions),
        axes,
        ("model", "rank", "low", "high", "probability_best", "tie_group"),
        data,
    )


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
    every = (
        results.estimate(name, finding)
        for finding in results.comparison.findings
        for name in results.networks
    )
    ends = [end for item in every if item for end in (item.low, item.high, item.value)]
    shown = [estimate for _, found in rows for estimate in found if estimate]
    if not shown:
        return None
    low, high = padded([*ends, 0.5])
    low, high = max(low, 0.0), min(high, 1.0)
    step = 9.0 if len(results.networks) <= 6 else 6.0
    heights = [24 + step * len(results.networks) for _ in rows]
    axes = Axes(360, 44 + sum(heights), x=(low, high), margin=(12, 12, 6, 38))
    for value in ticks(low, high, 5):
        x = axes.across(value)
        axes.segment(x, 6, x, axes.height - 38, "grid")
        axes.text(x, axes.height - 24, f"{value:.2f}".removesuffix("0"), anchor="middle")
    axes.segment(axes.across(0.5), 6, axes.across(0.5), axes.height - 38, "guide")
    axes.text(180, axes.height - 7, "AUROC (dashed: chance)", anchor="middle")
    data: list[tuple[Any, ...]] = []
    descriptions = []
    top = 6.0
    for (finding, found), height in zip(rows, heights, strict=True):
        _strip(axes, finding, found, top, step)
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


def _strip(axes: Axes, finding: str, found: Sequence[Any], top: float, step: float) -> None:
    axes.box(axes.margin[0], top + 2, axes.width - 24, 13, "plate")
    axes.text(axes.margin[0] + 4, top + 12, clipped(finding, 36), "strong")
    counted = next((item for item in found if item), None)
    words = f"{numbers.count(counted.positives)} positives" if counted else "not defined"
    axes.text(axes.width - 14, top + 12, words, anchor="end")
    for index, item in enumerate(found):
        if item is None:
            continue
        y = top + 22 + step * index
        axes.open(f"n{index} series")
        if numbers.defined(item.low) and numbers.defined(item.high):
            left, right = max(item.low, axes.x[0]), min(item.high, axes.x[1])
            axes.segment(axes.across(left), y, axes.across(right), y, "whisker")
        axes.circle(axes.across(item.value), y, 3, "dot", f"{item.value:.3f}")
        axes.close()
