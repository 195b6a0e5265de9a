"""The figures of the runs: training curves, cost against quality, multi-label confusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def training(results: Results, name: str) -> Figure | None:
    """Draws a network's loss and exact validation AUROC by epoch, a line for each seed."""
    histories = results.comparison.training.get(name) or {}
    histories = {seed: history for seed, history in histories.items() if history.get("epoch")}
    if not histories:
        return None
    every = [history for runs in results.comparison.training.values() for history in runs.values()]
    last = max((max(history["epoch"]) for history in every if history.get("epoch")), default=1)
    first = min(min(history["epoch"]) for history in histories.values())
    axes = Axes(360, 250, x=(first, max(last, first + 1)), margin=(40, 10, 10, 142))
    index = results.networks.index(name)
    quality, loss = _range(every, ("valid_auroc",)), _range(every, ("loss", "valid_loss"))
    if quality:
        axes.y = quality
        axes.frame((), ticks(quality[0], quality[1], 3), "", "valid. AUROC", 2)
        _lines(axes, index, histories, "valid_auroc", "line")
    axes.margin, axes.y = (40, 10, 124, 34), loss or (0.0, 1.0)
    steps = [value for value in ticks(axes.x[0], axes.x[1], 6) if value == int(value)]
    axes.frame(
        steps, ticks(axes.y[0], axes.y[1], 3) if loss else (), "epoch", "loss", 2 if loss else 0
    )
    if loss:
        _lines(axes, index, histories, "loss", "guide")
        _lines(axes, index, histories, "valid_loss", "line thin")
    columns = list(dict.fromkeys(key for history in histories.values() for key in history))
    data = [
        (seed, *(history.get(key, [None] * len(history["epoch"]))[place] for key in columns))
        for seed, history in histories.items()
        for place in range(len(history["epoch"]))
    ]
    best = [_best(history) for history in histories.values()]
    told = (
        f"{numbers.plural(len(histories), 'seed')}; highest validation AUROC "
        f"{numbers.listed([numbers.decimal(value) for value in best])}"
    )
    return Figure(
        "training", name, f"Training of {name}", told, axes, ("seed", *columns), data
    )  # fmt: skip


def _lines(axes: Axes, index: int, histories: Mapping[str, Any], key: str, mark: str) -> None:
    axes.open(f"n{index}")
    for history in histories.values():
        if key in history:
            axes.line(history["epoch"], history[key], mark)
    axes.close()


def _best(history: Mapping[str, Any]) -> float | None:
    known = [value for value in history.get("valid_auroc", []) if numbers.defined(value)]
    return max(known, default=None)


def _range(histories: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> Any:
    values = [
        value for history in histories for key in keys for value in history.get(key, [])
        if numbers.defined(value)
    ]  # fmt: skip
    if not values:
        return None
    room = max((max(values) - min(values)) * 0.06, 1e-3)
    return min(values) - room, max(values) + room


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
        margin=(44, 12, 10, 38), log_x=True,
    )  # fmt: skip
    axes.frame(_decades(*axes.x), ticks(axes.y[0], axes.y[1], 5), f"{words} (log)", "mean AUROC", 3)
    front = pareto(results, cost)
    ordered = sorted((point for point in points if point[0] in front), key=lambda point: point[1])
    axes.line([x for _, x, _ in ordered], [y for _, _, y in ordered], "guide")
    taken: list[float] = []
    for name, x, y in points:
        _point(axes, results, name, (x, y), name in front, taken)
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
    axes: Axes, results: Results, name: str, place: tuple[float, float], on_front: bool,
    taken: list[float],
) -> None:  # fmt: skip
    x, y = axes.across(place[0]), axes.up(place[1])
    estimate = results.estimate(name, results.scope)
    axes.open(f"n{results.networks.index(name)} series")
    if estimate and numbers.defined(estimate.low) and numbers.defined(estimate.high):
        axes.segment(x, axes.up(estimate.low), x, axes.up(estimate.high), "whisker thin")
    axes.circle(x, y, 5, "dot" if on_front else "hollow", name)
    axes.close()
    if len(results.networks) > 8:
        return
    height = y - 7
    while any(abs(height - other) < 12 for other in taken):
        height += 4
    taken.append(height)
    anchor = "end" if x > axes.width * 0.6 else "start"
    axes.text(x + (-8 if anchor == "end" else 8), height, clipped(name, 22), "strong", anchor)


def _decades(low: float, high: float) -> list[float]:
    values = [factor * 10.0**power for power in range(-4, 13) for factor in (1, 2, 5)]
    inside = [value for value in values if low <= value <= high]
    while len(inside) > 5:
        inside = inside[::2]
    return inside


def multilabel(results: Results, name: str) -> Figure | None:
    """Draws the multi-label confusion matrix: of each true finding, what was predicted."""
    found = results.comparison.multilabel_confusion.get(name)
    if not found or not found.get("rows"):
        return None
    cell = 30.0
    wide, high = len(found["columns"]), len(found["rows"])
    axes = Axes(168 + cell * wide, 136 + cell * high)
    for column, label in enumerate(found["columns"]):
        axes.text(166 + cell * (column + 0.6), 126, clipped(label, 21), "strong", turn=-52)
    for row, label in enumerate(found["rows"]):
        top = 132 + cell * row
        axes.text(154, top + cell / 2 + 4, clipped(label, 23), "strong", anchor="end")
        total = sum(value for value in found["counts"][row] if numbers.defined(value))
        for column, value in enumerate(found["counts"][row]):
            share = value / total if total else 0.0
            left = 160 + cell * column
            axes.box(left + 1, top + 1, cell - 2, cell - 2, "cell")
            if share > 0.004:
                style = f"fill-opacity:{0.08 + 0.84 * share:.2f}"
                axes.box(left + 1, top + 1, cell - 2, cell - 2, "heat", style)
            mark = "over" if share > 0.5 else "strong" if share > 0.004 else ""
            axes.text(left + cell / 2, top + cell / 2 + 4, _fits(value), mark, anchor="middle")
    data = [
        (row, column, found["counts"][i][j])
        for i, row in enumerate(found["rows"])
        for j, column in enumerate(found["columns"])
    ]
    told = "Rows are the true findings, columns the predicted ones; shade is the share of the row"
    return Figure(
        "multilabel", name, f"Multi-label confusion, {name}", told, axes,
        ("true", "predicted", "count"), data,
    )  # fmt: skip


def _fits(value: Any) -> str:
    if not numbers.defined(value):
        return numbers.UNDEFINED
    if value != int(value):
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    return str(int(value)) if value < 10000 else f"{value / 1000:.0f}k"
