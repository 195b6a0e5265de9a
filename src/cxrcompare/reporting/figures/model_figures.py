"""Figures of one network: training curves and multi-label confusion matrix."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from cxrcompare.comparison.result.content_types import History
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.path import short
from cxrcompare.reporting.figures.svg import Axes, clipped, decades, padded, ticks
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results


def training(results: Results, name: str) -> Figure | None:
    """Draws a network's loss and exact validation AUROC by epoch, one line per seed."""
    histories = results.comparison.training.get(name) or {}
    histories = {seed: history for seed, history in histories.items() if _epochs(history)}
    if not histories:
        return None
    every = [history for runs in results.comparison.training.values() for history in runs.values()]
    last = max(epoch for history in every for epoch in _epochs(history))
    first = min(epoch for history in histories.values() for epoch in _epochs(history))
    axes = Axes(164, 216, x=(first, max(last, first + 1)), margin=(42, 6, 8, 124))
    network = results.networks.index(name)
    quality, loss = _range(every, ("valid_auroc",)), _range(every, ("loss", "valid_loss"))
    if quality:
        axes.y = quality
        axes.frame((), ticks(quality[0], quality[1], 3), "", "valid. AUROC", 2)
        _lines(axes, network, histories, "valid_auroc", "line")
    axes.margin, axes.y = (42, 6, 108, 34), loss or (0.0, 1.0)
    axes.log_y = bool(loss and loss[0] > 0 and loss[1] > 30 * loss[0])
    steps = [value for value in ticks(axes.x[0], axes.x[1], 5) if value == int(value)]
    marks = decades(*axes.y) if axes.log_y else ticks(axes.y[0], axes.y[1], 3)
    words = "loss (log)" if axes.log_y else "loss"
    axes.frame(steps, marks if loss else (), "epoch", words, 2, 0)
    if loss:
        _lines(axes, network, histories, "loss", "guide")
        _lines(axes, network, histories, "valid_loss", "line thin")
    columns = list(dict.fromkeys(key for history in histories.values() for key in history))
    data = [
        (seed, *(history.get(key, [None] * len(history["epoch"]))[index] for key in columns))
        for seed, history in histories.items()
        for index in range(len(history["epoch"]))
    ]
    best = [_best(history) for history in histories.values()]
    alt_text = (
        f"{numbers.plural(len(histories), 'seed')}; highest validation AUROC "
        f"{numbers.listed([numbers.decimal(value) for value in best])}"
    )
    return Figure("training", name, f"Training of {name}", alt_text, axes, ("seed", *columns), data)


def _epochs(history: History) -> list[float]:
    """Returns the epochs of a training; empty if one is undefined."""
    epochs = history.get("epoch", [])
    defined = [value for value in epochs if isinstance(value, int | float) and isfinite(value)]
    return defined if len(defined) == len(epochs) else []


def _lines(axes: Axes, index: int, histories: Mapping[str, Any], key: str, mark: str) -> None:
    axes.open(f"n{index}")
    for history in histories.values():
        if key in history:
            axes.line(history["epoch"], history[key], mark)
    axes.close()


def _best(history: Mapping[str, Any]) -> float | None:
    defined = [value for value in history.get("valid_auroc", []) if numbers.defined(value)]
    return max(defined, default=None)


def _range(histories: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> Any:
    values = [
        value
        for history in histories
        for key in keys
        for value in history.get(key, [])
        if numbers.defined(value)
    ]
    if not values:
        return None
    low, high = min(values), max(values)
    if low > 0 and high > 30 * low:
        return low / 1.2, high * 1.2
    return padded(values)


def multilabel(results: Results, name: str) -> Figure | None:
    """Draws the multi-label confusion matrix: the predicted findings for each true finding."""
    found = results.comparison.multilabel_confusion.get(name)
    if not found or not found.get("rows"):
        return None
    axes = _matrix(found["rows"], found["columns"], found["counts"])
    data = [
        (row, column, found["counts"][i][j])
        for i, row in enumerate(found["rows"])
        for j, column in enumerate(found["columns"])
    ]
    alt_text = (
        "Rows: true findings. Columns: predicted findings. Darker cells have a larger share of "
        "the row"
    )
    return Figure(
        "multilabel",
        name,
        f"Multi-label confusion, {name}",
        alt_text,
        axes,
        ("true", "predicted", "count"),
        data,
    )


_CELL = 30.0


def _matrix(rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[Any]]) -> Axes:
    """Draws all cells of one shade as one path, because a page may have thousands of cells."""
    axes = Axes(226 + _CELL * len(columns), 152 + _CELL * len(rows))
    left, top = 170.0, 142.0
    for column, label in enumerate(columns):
        axes.text(
            left + 4 + _CELL * (column + 0.5), top - 6, clipped(label, 21), "strong", turn=-52
        )
    for row, label in enumerate(rows):
        axes.text(left - 6, top + _CELL * (row + 0.5) + 4, clipped(label, 23), "strong", "end")
    axes.text(left + _CELL * len(columns) / 2, 11, "predicted", anchor="middle")
    axes.text(11, top + _CELL * len(rows) / 2, "true", anchor="middle", turn=-90)
    shades: dict[int, str] = {}
    words: dict[str, list[str]] = {"": [], "strong": [], "over": []}
    for row, values in enumerate(counts):
        total = sum(value for value in values if numbers.defined(value))
        for column, value in enumerate(values):
            share = value / total if total and numbers.defined(value) else 0.0
            shade = math.ceil(20 * share - 1e-9)
            x, y = left + _CELL * column, top + _CELL * row
            shades[shade] = shades.get(shade, "") + f"M{short(x + 1)} {short(y + 1)}h28v28h-28z"
            mark = "over" if share > 0.6 else "strong" if share else ""
            middle = f'x="{short(x + _CELL / 2)}" y="{short(y + _CELL / 2 + 4)}"'
            words[mark].append(f"<text {middle}>{_fits(value)}</text>")
    for shade, path in sorted(shades.items()):
        look = (
            f'class="heat" fill-opacity="{0.05 + 0.045 * shade:.2f}"' if shade else 'class="cell"'
        )
        axes.add(f'<path d="{path}" {look}/>')
    for mark, texts in words.items():
        if texts:
            axes.add(f'<g class="{mark}" text-anchor="middle">{"".join(texts)}</g>')
    return axes


def _fits(value: Any) -> str:
    if not numbers.defined(value):
        return numbers.UNDEFINED
    if value != int(value):
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    return str(int(value)) if value < 1000 else numbers.compact(value).replace(" ", "")
