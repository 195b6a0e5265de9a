"""Figure of localisation: the mean map AUROC of networks and baselines, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.localisation_rows import LocalisationRow
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.svg import Axes
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

_ROW = 24.0
_ORDER = {"network": 0, "occlusion": 1}
"""Position of the kinds of maps; the others follow."""


def overview(results: Results, measures: Sequence[LocalisationRow]) -> Figure | None:
    """Draws a dot with its interval for each network and baseline; None without a mean."""
    chosen = [row for row in measures if row.finding == MEAN and row.metric == "map_auroc"]
    if not chosen:
        return None
    chosen.sort(key=lambda row: _ORDER.get(row.kind, len(_ORDER)))
    axes = Axes(560, 40 + _ROW * len(chosen), margin=(190, 14, 6, 34))
    axes.frame((0.0, 0.25, 0.5, 0.75, 1.0), (), "map AUROC, mean over findings", "", 1, 2)
    for index, row in enumerate(chosen):
        y = axes.margin[2] + _ROW * (index + 0.5)
        network = row.model.removesuffix(f", {row.kind}")
        own = network in results.networks
        name = f"n{results.networks.index(network)} series" if own else "guide"
        words = f"{row.model}: {numbers.decimal(row.value)}"
        axes.text(axes.margin[0] - 8, y + 4, row.model, "", "end")
        axes.open(name)
        if numbers.defined(row.low) and numbers.defined(row.high):
            axes.segment(axes.across(row.low), y, axes.across(row.high), y, "line")
        axes.circle(axes.across(row.value or 0.0), y, 4, "dot", words)
        axes.close()
    said = "; ".join(f"{row.model} {numbers.decimal(row.value, 2)}" for row in chosen)
    return Figure(
        "localisation",
        "",
        "Where the maps of networks are, against the true regions",
        f"Mean map AUROC with intervals: {said}",
        axes,
        ("model", "kind", "value", "low", "high"),
        [(row.model, row.kind, row.value, row.low, row.high) for row in chosen],
    )
