"""Cost against quality: which network gives most for what."""

from __future__ import annotations

from typing import Any

from cxrcompare.reporting import numbers
from cxrcompare.reporting.estimates import Results
from cxrcompare.reporting.figure import Figure
from cxrcompare.reporting.svg import Axes, clipped, ticks

COSTS: dict[str, tuple[str, bool]] = {
    "parameters": ("parameters", False),
    "train_seconds": ("training time", False),
    "prediction_images_per_second": ("prediction, images/s", True),
}
"""A cost's key, its words, and whether more of it is better."""

_UNITS = {"train_seconds": ", s"}


def pareto(results: Results, cost: str) -> list[str]:
    """Returns the networks that no other one beats in this cost without losing AUROC."""
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
    known = [end for end in ends if numbers.defined(end)]
    room = max((max(known) - min(known)) * 0.08, 2e-3)
    axes = Axes(
        360, 280, x=(min(xs) / 1.5, max(xs) * 1.5), y=(min(known) - room, max(known) + room),
        margin=(58, 12, 14, 38), log_x=True,
    )  # fmt: skip
    axes.frame(
        _decades(*axes.x),
        ticks(axes.y[0], axes.y[1], 5),
        f"{words}{_UNITS.get(cost, '')} (log)",
        "mean AUROC",
        3,
    )
    front = pareto(results, cost)
    ordered = sorted((point for point in points if point[0] in front), key=lambda point: point[1])
    axes.line([x for _, x, _ in ordered], [y for _, _, y in ordered], "guide")
    taken = [(axes.across(x) - 5, axes.up(y) - 5, 10.0, 10.0) for _, x, y in points]
    for name, x, y in points:
        _point(axes, results, name, (x, y), name in front)
        if len(points) <= 8:
            _label(axes, name, (axes.across(x), axes.up(y)), taken)
    data = [
        (name, x, y, estimates[name].low, estimates[name].high, name in front)  # type: ignore[union-attr]
        for name, x, y in points
    ]
    better = "more" if more else "less"
    told = f"Pareto front ({better} {words} or higher AUROC): {numbers.listed(front)}"
    return Figure(
        "cost", cost.replace("_", " "), f"AUROC against {words}", told, axes,
        ("model", cost, "auroc", "low", "high", "pareto_front"), data,
    )  # fmt: skip


def _points(results: Results, cost: str) -> list[tuple[str, float, float]]:
    found = []
    for row in results.comparison.models:
        estimate = results.estimate(row["name"], results.scope)
        value: Any = (row.get("cost") or {}).get(cost)
        if row["kind"] == "network" and estimate and numbers.defined(value) and value > 0:
            found.append((row["name"], float(value), estimate.value))
    return found


def _point(
    axes: Axes, results: Results, name: str, place: tuple[float, float], on_front: bool
) -> None:
    x, y = axes.across(place[0]), axes.up(place[1])
    estimate = results.estimate(name, results.scope)
    axes.open(f"n{results.networks.index(name)} series")
    if estimate and numbers.defined(estimate.low) and numbers.defined(estimate.high):
        axes.segment(x, axes.up(estimate.low), x, axes.up(estimate.high), "whisker thin")
    axes.circle(x, y, 5, "dot" if on_front else "hollow", name)
    axes.close()


def _label(
    axes: Axes, name: str, dot: tuple[float, float], taken: list[tuple[float, float, float, float]]
) -> None:
    """Names a dot at the first of some places beside it that is free; else on its right."""
    words = clipped(name, 22)
    width = 6.6 * len(words)
    places = [(side, shift) for shift in (-5, 12, -17, 24, 36, -29) for side in (1, -1)]
    boxes = []
    for side, shift in places:
        left = dot[0] + 7 if side > 0 else dot[0] - 7 - width
        box = (left, dot[1] + shift - 9, width, 12.0)
        if box[0] > axes.margin[0] and box[0] + width < axes.width:
            boxes.append((side, shift, box))
    if not boxes:
        return
    side, shift, box = next((one for one in boxes if not _overlaps(one[2], taken)), boxes[0])
    taken.append(box)
    x = dot[0] + 7 * side
    axes.text(x, dot[1] + shift, words, "strong", "start" if side > 0 else "end")


def _overlaps(
    box: tuple[float, float, float, float], taken: list[tuple[float, float, float, float]]
) -> bool:
    x, y, width, height = box
    return any(
        x < left + wide and left < x + width and y < top + high and top < y + height
        for left, top, wide, high in taken
    )


def _decades(low: float, high: float) -> list[float]:
    values = [factor * 10.0**power for power in range(-4, 13) for factor in (1, 2, 5)]
    inside = [value for value in values if low <= value <= high]
    while len(inside) > 5:
        inside = inside[::2]
    return inside
