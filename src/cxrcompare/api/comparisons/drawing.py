"""Draws curves, intervals and counts on matplotlib axes; computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from cxrcompare.comparison.result.content_types import Curves
from cxrcompare.reporting.figures.palette import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = ("-", (0, (5, 2)), (0, (1.5, 2)), (0, (6, 2, 1.5, 2)))
Drawn = Mapping[str, tuple[Curves, Mapping[str, Any]]]
"""The curves and the line style of each model."""


class Interval(NamedTuple):
    """An estimate with its interval, and its label."""

    label: str
    value: float | None
    low: float | None
    high: float | None


def style(index: int) -> dict[str, Any]:
    """Returns the line style of model number `index`: the report's colours, then dashes."""
    return {
        "color": LIGHT[index % len(LIGHT)],
        "linestyle": _LINES[index // len(LIGHT) % len(_LINES)],
    }


def new_axes(size: tuple[float, float]) -> Axes:
    """Returns the axes of a new figure of `size` in inches."""
    from matplotlib import pyplot

    return pyplot.subplots(figsize=size, layout="constrained")[1]


def grid(rows: int, columns: int) -> np.ndarray:
    """Returns the axes of a new figure, (rows, columns)."""
    from matplotlib import pyplot

    size = (3.6 * columns, 3.4 * rows)
    found: np.ndarray = pyplot.subplots(
        rows, columns, figsize=size, layout="constrained", squeeze=False
    )[1]
    return found


def roc(axes: Axes, drawn: Drawn, bands: bool) -> None:
    """Draws sensitivity against 1 - specificity."""
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8, linestyle=(0, (2, 2)))
    for name, (curves, line) in drawn.items():
        curve = curves["roc"]
        _line(axes, name, line, curve["fpr"], curve["tpr"])
        if bands:
            _band(axes, line, curve["fpr"], curve["low"], curve["high"])
    _unit(axes, "1 − specificity", "sensitivity (recall)")
    _legend(axes, lower=True, left=False)


def precision_recall(axes: Axes, drawn: Drawn, bands: bool) -> None:
    """Draws precision against recall."""
    for name, (curves, line) in drawn.items():
        curve = curves["pr"]
        _line(axes, name, line, curve["recall"], curve["precision"])
        if bands:
            _band(axes, line, curve["recall"], curve["low"], curve["high"])
    _unit(axes, "recall (sensitivity)", "precision (PPV)")
    _legend(axes, lower=True, left=True)


class DecisionLine(NamedTuple):
    """A decision curve: threshold probabilities, net benefits and limits, (T,) each, and style."""

    label: str
    threshold: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    treat_all: np.ndarray
    line: Mapping[str, Any]


def decision_lines(
    table: pd.DataFrame, styles: Mapping[str, Mapping[str, Any]]
) -> list[DecisionLine]:
    """Returns the decision curves of some models from the rows of a finding in `net_benefit`."""
    found = []
    for name, line in styles.items():
        rows = table[table["model"] == name].sort_values("threshold")
        if len(rows):
            found.append(
                DecisionLine(
                    name,
                    rows["threshold"].to_numpy(dtype=float),
                    rows["net_benefit"].to_numpy(dtype=float),
                    rows["low"].to_numpy(dtype=float),
                    rows["high"].to_numpy(dtype=float),
                    rows["treat_all"].to_numpy(dtype=float),
                    line,
                )
            )
    return found


def decision_curve(
    axes: Axes, table: pd.DataFrame, styles: Mapping[str, Mapping[str, Any]], bands: bool
) -> None:
    """Draws net benefit against the threshold probability; strategies without a model in grey.

    Args:
        axes: The axes.
        table: The rows of one finding in `net_benefit`; none without both classes.
        styles: The line style of each model.
        bands: Whether to draw the pointwise intervals.
    """
    lines = decision_lines(table, styles)
    if not lines:
        note(axes, "one class only: not defined")
        return
    grey: dict[str, Any] = {"color": "0.6", "linewidth": 0.8}
    first = lines[0]
    axes.plot(first.threshold, first.treat_all, label="all positive", linestyle="--", **grey)
    axes.axhline(0, label="none positive", linestyle=":", **grey)
    for one in lines:
        axes.plot(one.threshold, one.value, label=one.label, **one.line)
        if bands:
            colour = one.line["color"]
            axes.fill_between(one.threshold, one.low, one.high, color=colour, alpha=0.15, lw=0)
    highest = max(float(np.nanmax(one.value)) for one in lines)
    axes.set_ylim(-0.25 * max(highest, 0.01), 1.15 * max(highest, 0.01))
    axes.set_xlabel("Threshold probability")
    axes.set_ylabel("Net benefit")
    axes.legend(fontsize="small")


def prevalence(axes: Axes, share: float) -> None:
    """Draws the precision of a model without information."""
    axes.axhline(share, color="0.6", linewidth=0.8, linestyle=(0, (2, 2)))
    axes.annotate(
        "prevalence",
        (1, share),
        xytext=(0, -2),
        textcoords="offset points",
        ha="right",
        va="top",
        color="0.45",
        fontsize="small",
    )


def calibration(axes: Axes, drawn: Drawn, bands: bool) -> None:
    """Draws the observed frequency of each bin that contains units."""
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8, linestyle=(0, (2, 2)))
    for name, (curves, line) in drawn.items():
        bins = [item for item in curves["reliability"] if item["count"]]
        xs, ys = _column(bins, "predicted"), _column(bins, "observed")
        _line(axes, name, line, xs, ys, marker="o", markersize=3.5)
        if bands:
            axes.vlines(
                xs, _column(bins, "low"), _column(bins, "high"), color=line["color"], alpha=0.45
            )
    _unit(axes, "predicted probability", "observed frequency")
    _legend(axes, lower=False, left=True)


def forest(
    axes: Axes, rows: Sequence[Interval], metric: str, finding: str, margin: float | None
) -> Axes:
    """Draws intervals below each other, with 0 and, if given, the margin on both sides of it."""
    if margin is not None:
        axes.axvspan(-margin, margin, color="0.5", alpha=0.15, linewidth=0)
    axes.axvline(0, color="0.4", linewidth=0.8)
    for position, row in enumerate(rows):
        axes.plot(_floats([row.low, row.high]), [position, position], color=LIGHT[0], linewidth=1.6)
        axes.plot(_floats([row.value]), [position], "o", color=LIGHT[0], markersize=5)
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(f"difference of {metric.upper() if metric in ('auroc', 'auprc') else metric}")
    axes.set_title(finding if finding != "mean" else "mean over findings")
    _plain(axes)
    return axes


def table_of_counts(
    axes: Axes, rows: Sequence[str], columns: Sequence[str], counts: np.ndarray, title: str
) -> Axes:
    """Draws a table: rows are the reference, columns the decisions; shade is the share of a row."""
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        axes.text(
            column,
            row,
            f"{count:,.0f}",
            ha="center",
            va="center",
            fontsize="small",
            color="white" if shares[row, column] > 0.75 else "black",
        )
    turned = len(columns) > 2
    axes.set_xticks(
        range(len(columns)),
        list(columns),
        rotation=45 if turned else 0,
        ha="right" if turned else "center",
    )
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_xlabel("decision")
    axes.set_ylabel("reference standard")
    axes.set_title(title)
    return axes


def note(axes: Axes, text: str) -> None:
    """Writes a sentence in place of a figure."""
    axes.text(0.5, 0.5, text, ha="center", va="center", color="0.4", transform=axes.transAxes)
    axes.set_xticks([])
    axes.set_yticks([])


def _legend(axes: Axes, lower: bool, left: bool) -> None:
    """Draws the legend in a corner that good curves leave free."""
    corner: Any = f"{'lower' if lower else 'upper'} {'left' if left else 'right'}"
    axes.legend(loc=corner, fontsize="small", frameon=False)


def _line(axes: Axes, name: str, line: Mapping[str, Any], xs: Any, ys: Any, **more: Any) -> None:
    # A label that begins with "_" would be left out of the legend.
    label = f"\u200b{name}" if name.startswith("_") else name
    axes.plot(_floats(xs), _floats(ys), label=label, linewidth=1.6, **line, **more)


def _band(axes: Axes, line: Mapping[str, Any], xs: Any, low: Any, high: Any) -> None:
    axes.fill_between(
        _floats(xs), _floats(low), _floats(high), color=line["color"], alpha=0.13, linewidth=0
    )


def _unit(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.01)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="0.93", linewidth=0.6)
    axes.set_axisbelow(True)


def _column(bins: Sequence[Any], name: str) -> np.ndarray:
    return _floats([item[name] for item in bins])


def _floats(values: Any) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
