"""The figures of one network: its training curves and its multi-label confusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxrcompare.reporting import numbers
from cxrcompare.reporting.estimates import Results
from cxrcompare.reporting.figure import Figure
from cxrcompare.reporting.svg import Axes, clipped, ticks


def training(results: Results, name: str) -> Figure | None:
    """Draws a network's loss and exact validation AUROC by epoch, a line for each seed."""
    histories = results.comparison.training.get(name) or {}
    histories = {seed: history for seed, history in histories.items() if history.get("epoch")}
    if not histories:
        return None
    every = [history for runs in results.comparison.training.values() for history in runs.values()]
    last = max((max(history["epoch"]) for history in every if history.get("epoch")), default=1)
    first = min(min(history["epoch"]) for history in histories.values())
    axes = Axes(360, 250, x=(first, max(last, first + 1)), margin=(52, 12, 10, 142))
    index = results.networks.index(name)
    quality, loss = _range(every, ("valid_auroc",)), _range(every, ("loss", "valid_loss"))
    if quality:
        axes.y = quality
        axes.frame((), ticks(quality[0], quality[1], 3), "", "valid. AUROC", 2)
        _lines(axes, index, histories, "valid_auroc", "line")
    axes.margin, axes.y = (52, 12, 124, 34), loss or (0.0, 1.0)
    steps = [value for value in ticks(axes.x[0], axes.x[1], 6) if value == int(value)]
    axes.frame(steps, ticks(axes.y[0], axes.y[1], 3) if loss else (), "epoch", "loss", 2, 0)
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


def multilabel(results: Results, name: str) -> Figure | None:
    """Draws the multi-label confusion matrix: of each true finding, what was predicted."""
    found = results.comparison.multilabel_confusion.get(name)
    if not found or not found.get("rows"):
        return None
    cell = 30.0
    wide, high = len(found["columns"]), len(found["rows"])
    axes = Axes(240 + cell * wide, 136 + cell * high)
    for column, label in enumerate(found["columns"]):
        axes.text(164 + cell * (column + 0.5), 126, clipped(label, 21), "strong", turn=-52)
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
    return str(int(value)) if value < 1000 else numbers.compact(value).replace(" ", "")
