"""Figures of AUROC against cost, with the Pareto front."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.marks import mark
from cxrcompare.reporting.figures.svg import Axes, clipped, decades, padded, ticks
from cxrcompare.reporting.narrative import answer
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

COSTS: dict[str, tuple[str, bool]] = {
    "parameters": ("parameters", False),
    "train_seconds": ("training time", False),
    "prediction_images_per_second": ("prediction speed", True),
}
"""{cost: (display name, whether higher is better)}."""

_UNITS = {"train_seconds": ", s", "prediction_images_per_second": ", images/s"}


def pareto(results: Results, cost: str) -> list[str]:
    """Returns the Pareto front: networks that no other one dominates in cost and AUROC."""
    points = _points(results, cost)
    sign = 1 if COSTS[cost][1] else -1
    return [
        name
        for name, x, y in points
        if not any(
            sign * other_x >= sign * x and other_y >= y and (other_x, other_y) != (x, y)
            for _, other_x, other_y in points
        )
    ]


def cost_against_quality(results: Results, cost: str) -> Figure | None:
    """Draws mean AUROC with its interval against a cost; the Pareto front is filled and joined."""
    points = _points(results, cost)
    if not points:
        return None
    words, more = COSTS[cost]
    xs = [x for _, x, _ in points]
    estimates = {name: results.estimate(name, results.scope) for name, _, _ in points}
    ends = [end for item in estimates.values() if item for end in (item.low, item.high, item.value)]
    defined = [end for end in ends if numbers.defined(end)]
    axes = Axes(
        290,
        270,
        x=(min(xs) / 1.5, max(xs) * 1.5),
        y=padded(defined, 0.08, 2e-3),
        margin=(48, 12, 14, 38),
        log_x=True,
    )
    axes.frame(
        decades(*axes.x),
        ticks(axes.y[0], axes.y[1], 5),
        f"{words}{_UNITS.get(cost, '')} (log)",
        answer.quality(results),
        3 if max(defined) - min(defined) < 0.05 else 2,
    )
    front = pareto(results, cost)
    ordered = sorted((point for point in points if point[0] in front), key=lambda point: point[1])
    axes.line([x for _, x, _ in ordered], [y for _, _, y in ordered], "guide")
    dots = [(axes.across(x) - 5, axes.up(y) - 5, 10.0, 10.0) for _, x, y in points]
    bars = [
        (axes.across(x) - 1, axes.up(e.high), 2.0, axes.up(e.low) - axes.up(e.high))
        for name, x, _ in points
        if (e := estimates[name]) and numbers.defined(e.low) and numbers.defined(e.high)
    ]
    for name, x, y in points:
        _point(axes, results, name, (x, y), name in front)
    for name, x, y in points if len(points) <= 8 else ():
        _label(axes, name, (axes.across(x), axes.up(y)), dots, bars)
    data = [
        (name, x, y, estimates[name].low, estimates[name].high, name in front)  # type: ignore[union-attr]
        for name, x, y in points
    ]
    better = "more" if more else "less"
    alt_text = f"Pareto front ({better} {words} or higher AUROC): {numbers.listed(front)}"
    return Figure(
        "cost",
        cost.replace("_", " "),
        f"AUROC against {words}",
        alt_text,
        axes,
        ("model", cost, "auroc", "low", "high", "pareto_front"),
        data,
    )


def _points(results: Results, cost: str) -> list[tuple[str, float, float]]:
    found = []
    for row in results.comparison.models:
        estimate = results.estimate(row["name"], results.scope)
        value: Any = (row.get("cost") or {}).get(cost)
        if row["kind"] != "trivial" and estimate and numbers.defined(value) and value > 0:
            found.append((row["name"], float(value), estimate.value))
    return found


def _point(
    axes: Axes, results: Results, name: str, point: tuple[float, float], on_front: bool
) -> None:
    x, y = axes.across(point[0]), axes.up(point[1])
    estimate = results.estimate(name, results.scope)
    axes.open(f"n{results.networks.index(name)} series")
    if estimate and numbers.defined(estimate.low) and numbers.defined(estimate.high):
        axes.segment(x, axes.up(estimate.low), x, axes.up(estimate.high), "whisker thin")
    if on_front:
        axes.mark(x, y, 5, mark(results.networks.index(name)), name)
    else:
        axes.circle(x, y, 5, "hollow", name)
    axes.close()


Box = tuple[float, float, float, float]


def _label(
    axes: Axes, name: str, dot: tuple[float, float], taken: list[Box], bars: Sequence[Box]
) -> None:
    """Labels a dot without overlapping dots or labels, and without overlapping bars if possible."""
    words = clipped(name, 18)
    width = 6.2 * len(words)
    boxes = []
    for shift, side in itertools.product((4, -8, 16, 28, -20), (1, -1)):
        left = dot[0] + 7 if side > 0 else dot[0] - 7 - width
        box = (left, dot[1] + shift - 9, width, 12.0)
        if box[0] > axes.margin[0] and box[0] + width < axes.width and not _overlaps(box, taken):
            boxes.append((_overlaps(box, bars), abs(shift), side, shift, box))
    if not boxes:
        return
    _, _, side, shift, box = min(boxes, key=lambda one: (one[1] > 16, one[0], one[1]))
    taken.append(box)
    axes.text(
        dot[0] + 7 * side, dot[1] + shift, words, "strong halo", "start" if side > 0 else "end"
    )


def _overlaps(box: Box, taken: Sequence[Box]) -> bool:
    x, y, width, height = box
    return any(
        x < left + wide and left < x + width and y < top + high and top < y + height
        for left, top, wide, high in taken
    )
