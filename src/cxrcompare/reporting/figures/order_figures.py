"""Figures of the order of networks: paired differences, and ranks."""

from __future__ import annotations

from typing import Any

from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.marks import mark
from cxrcompare.reporting.figures.svg import Axes, clipped, padded, ticks
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.drawn_networks import drawn, others
from cxrcompare.reporting.results.estimated import Difference
from cxrcompare.reporting.results.lookup import Results, text
from cxrcompare.reporting.results.pairs import pairs


def forest(results: Results, finding: str) -> Figure | None:
    """Draws the paired differences of AUROC with intervals and adjusted p-values."""
    shown = pairs(results, finding)
    if not shown:
        return None
    ends = [
        end for item in shown for end in (*_widest(item), item.value, 0.0) if numbers.defined(end)
    ]
    low, high = padded(ends)
    one_line = bool(others(results))
    height, margin = (17.0, (112, 116, 6, 38)) if one_line else (34.0, (12, 12, 6, 38))
    axes = Axes(360, 44 + height * len(shown), x=(low, high), y=(0, 1), margin=margin)
    for value in ticks(low, high, 2 if one_line else 5):
        x = axes.across(value)
        axes.segment(x, 6, x, axes.height - 38, "axis" if value == 0 else "grid")
        words = numbers.signed(value, 3 if high - low < 0.05 else 2) if value else "0"
        axes.text(x, axes.height - 24, words, anchor="middle")
    words = f"{clipped(shown[0].first, 24)} minus each" if one_line else "first minus second"
    axes.text(180, axes.height - 7, f"difference of AUROC, {words}", anchor="middle")
    data: list[tuple[Any, ...]] = []
    descriptions = []
    for number, item in enumerate(shown):
        if one_line:
            _line(axes, results, item, 6 + height * number)
        else:
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
    if one_line:
        shown_words = len(drawn(results)) - 1
        more = len(descriptions) - shown_words
        descriptions = [*descriptions[:shown_words], f"and {numbers.plural(more, 'more pair')}"]
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


def _line(axes: Axes, results: Results, item: Difference, top: float) -> None:
    """Draws a difference from the first network on one line: second network, bar, numbers."""
    y, significant = top + 9, results.rejects(item)
    index = results.networks.index(item.second)
    axes.open(f"n{index} series")
    axes.text(axes.margin[0] - 6, y + 4, clipped(item.second, 17), "strong", "end")
    axes.close()
    words = f"{numbers.signed(item.value)} · {numbers.p_value(item.p_adjusted)}"
    axes.text(axes.width - 4, y + 4, words, "strong b" if significant else "", "end")
    axes.open("ink" if significant else "soft")
    if numbers.defined(item.simultaneous_low) and numbers.defined(item.simultaneous_high):
        ends = axes.across(item.simultaneous_low), axes.across(item.simultaneous_high)
        axes.segment(ends[0], y, ends[1], y, "axis")
    if numbers.defined(item.low) and numbers.defined(item.high):
        axes.segment(axes.across(item.low), y, axes.across(item.high), y, "whisker")
    axes.circle(axes.across(item.value), y, 3, "dot" if significant else "hollow")
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
        axes.mark(axes.margin[0] + 4, top + 7, 4, mark(index), name)
        axes.text(axes.margin[0] + 12, top + 11, clipped(name, 22), "strong")
        best = f"best with probability {numbers.probability(row.probability_best)}"
        axes.text(axes.width - 14, top + 11, best, anchor="end")
        if numbers.defined(row.low) and numbers.defined(row.high):
            ends = axes.across(row.low), axes.across(row.high)
            axes.segment(ends[0], top + 23, ends[1], top + 23, "whisker")
        axes.mark(axes.across(numbers.number(row.rank)), top + 23, 4, mark(index))
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
