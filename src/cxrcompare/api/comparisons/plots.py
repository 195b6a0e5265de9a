"""Plots: the figures of a comparison as matplotlib axes, to restyle and combine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxrcompare import extras
from cxrcompare.api.comparisons import drawing
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MEAN
from cxrcompare.comparison.row_types.main_rows import DifferenceRow
from cxrcompare.errors import InputError
from cxrcompare.evaluation.metrics import RATE_METRICS, SCORE_METRICS
from cxrcompare.reporting.results.lookup import rows as rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 3
"""Columns of a figure of all findings."""


class Plots:
    """The figures of a comparison; `models` chooses and orders the models, all by default.

    Figures of one finding draw on `ax`, or on a new figure, and return the matplotlib `Axes`.
    Without a finding they draw all findings on a new figure, and return an array of `Axes`.
    """

    def __init__(self, comparison: Comparison) -> None:
        """Keeps the comparison to draw.

        Args:
            comparison: All results.
        """
        self._comparison = comparison

    def roc(
        self,
        finding: str | None = None,
        *,
        models: Sequence[str] | None = None,
        bands: bool = True,
        ax: Axes | None = None,
    ) -> Any:
        """Draws ROC curves with the pointwise bands of the comparison's level.

        Args:
            finding: A finding; all by default.
            models: The models; all by default.
            bands: Whether to draw the bands.
            ax: The axes of one finding.

        Raises:
            InputError: There is no such finding or model, or matplotlib is not installed.
        """
        return self._curves(drawing.roc, finding, models, bands, ax)

    def precision_recall(
        self,
        finding: str | None = None,
        *,
        models: Sequence[str] | None = None,
        bands: bool = True,
        ax: Axes | None = None,
    ) -> Any:
        """Draws precision-recall curves with bands, and the prevalence; arguments as for `roc`."""
        return self._curves(drawing.precision_recall, finding, models, bands, ax)

    def calibration(
        self,
        finding: str | None = None,
        *,
        models: Sequence[str] | None = None,
        bands: bool = True,
        ax: Axes | None = None,
    ) -> Any:
        """Draws observed frequencies against predicted probabilities with Wilson intervals.

        Arguments as for `roc`. Bins are those of the ECE. Models whose predictions are scores, not
        probabilities, are left out.

        Raises:
            InputError: There is no model of probabilities, or a named one has scores; or as for
                `roc`.
        """
        chosen = [name for name in models or self._networks() if self._has_bins(name)]
        if models is None and chosen:
            models = chosen
        elif len(chosen) < len(models or self._networks()):
            raise InputError("calibration needs probabilities. Received: other scores")
        return self._curves(drawing.calibration, finding, models, bands, ax)

    def decision_curve(
        self,
        finding: str | None = None,
        *,
        models: Sequence[str] | None = None,
        bands: bool = True,
        ax: Axes | None = None,
    ) -> Any:
        """Draws the net benefit at each threshold probability, and of treating all and none.

        Arguments as for `roc`; `models` may name the metadata baseline too.

        Raises:
            InputError: There is no model of probabilities, or a named one has no decision curve; or
                as for `roc`.
        """
        table = self._comparison.net_benefit
        networks, known = self._networks(), list(dict.fromkeys(table["model"]))
        if not known:
            raise InputError("decision curves need probabilities. Received: other scores")
        chosen = [name for name in networks if name in known] if models is None else models
        for model in chosen:
            self._check("models", model, known)
        styles = {name: drawing.style([*networks, *known].index(name)) for name in chosen}

        def draw(axes: Axes, one: str) -> None:
            axes.set_title(one)
            drawing.decision_curve(axes, table[table["finding"] == one], styles, bands)

        return self._drawn(draw, finding, ax)

    def _has_bins(self, model: str) -> bool:
        """Returns whether a model has a reliability diagram; scores have none."""
        drawn = self._comparison.curves.values()
        return model not in self._networks() or any(
            curves[model]["reliability"] for curves in drawn if curves
        )

    def forest(
        self,
        finding: str = MEAN,
        metric: str = "auroc",
        *,
        ax: Axes | None = None,
    ) -> Axes:
        """Draws the paired difference of every two models with its interval.

        Args:
            finding: A finding, or "mean" over the findings.
            metric: The metric, e.g. "auroc".
            ax: The axes.

        Raises:
            InputError: There is no such finding or metric, or matplotlib is not installed.
        """
        self._check("finding", finding, [*self._comparison.findings, MEAN])
        self._check("metric", metric, [*SCORE_METRICS, *RATE_METRICS])
        table = self._comparison.differences
        chosen = table[
            (table["finding"] == finding) & (table["metric"] == metric) & (table["subgroup"] == "")
        ].dropna(subset=["difference"])
        if chosen.empty:
            raise InputError(
                f"there must be two models with a defined {metric} of {finding}. Received: none"
            )
        rows = [
            drawing.Interval(f"{row.model_a} − {row.model_b}", row.difference, row.low, row.high)
            for row in rows_of(chosen, DifferenceRow)
        ]
        margin = self._comparison.protocol.get("margin") if metric == "auroc" else None
        height = 1.2 + 0.34 * len(rows)
        return drawing.forest(self._axes(ax, (6.4, height)), rows, metric, finding, margin)

    def confusion(
        self,
        model: str,
        finding: str | None = None,
        *,
        seed: int | str | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draws the 2x2 counts of a finding, or the multi-label confusion of all findings.

        Args:
            model: The model.
            finding: A finding; all by default, after Heydarian et al. 2022, doi
                10.1109/ACCESS.2022.3151048, summed over the seeds.
            seed: The seed of the run, for one finding; needed if the model has several.
            ax: The axes.

        Raises:
            InputError: There is no such model, finding or seed, it has no threshold, or matplotlib
                is not installed.
        """
        self._check("model", model, self._networks())
        if finding is None:
            found = self._comparison.multilabel_confusion.get(model)
            if found is None:
                raise InputError(f"{model} must have a threshold for every finding. Received: none")
            side = 2.6 + 0.42 * len(found["rows"])
            axes = self._axes(ax, (side + 1, side))
            return drawing.table_of_counts(
                axes, found["rows"], found["columns"], np.array(found["counts"]), model
            )
        self._check("finding", finding, self._comparison.findings)
        counts = self._two_by_two(model, finding, seed)
        title = f"{finding}, {model}"
        axes = self._axes(ax, (4.2, 3.6))
        return drawing.table_of_counts(
            axes, ["present", "absent"], ["positive", "negative"], counts, title
        )

    def _two_by_two(self, model: str, finding: str, seed: int | str | None) -> np.ndarray:
        table = self._comparison.confusion
        rows = table[(table["model"] == model) & (table["finding"] == finding)]
        if rows.empty:
            raise InputError(f"{model} must have a threshold for {finding}. Received: none")
        names = rows["seed"].astype(str)
        wanted = ALL_SEEDS if seed is None and len(rows) > 1 else str(seed)
        if len(rows) > 1 or seed is not None:
            self._check("seed", wanted, [*names])
            rows = rows[names == wanted]
        row = rows.iloc[0]
        return np.array([[row["tp"], row["fn"]], [row["fp"], row["tn"]]])

    def _curves(
        self,
        draw: Callable[..., None],
        finding: str | None,
        models: Sequence[str] | None,
        bands: bool,
        ax: Axes | None,
    ) -> Any:
        networks = self._networks()
        chosen = networks if models is None else list(models)
        for model in chosen:
            self._check("models", model, networks)
        styles = {name: drawing.style(networks.index(name)) for name in chosen}

        def one(axes: Axes, name: str) -> None:
            self._one(draw, axes, name, styles, bands)

        return self._drawn(one, finding, ax)

    def _drawn(
        self, draw: Callable[[Axes, str], None], finding: str | None, ax: Axes | None
    ) -> Any:
        """Draws one finding on some axes, or all findings on a new figure."""
        if finding is not None:
            self._check("finding", finding, self._comparison.findings)
            axes = self._axes(ax, (4.8, 4.4))
            draw(axes, finding)
            return axes
        if ax is not None:
            raise InputError("`ax` must be given with one `finding`. Received: all findings")
        extras.need("plot", "plots")
        return self._all(draw)

    def _all(self, draw: Callable[[Axes, str], None]) -> np.ndarray:
        findings = self._comparison.findings
        columns = min(_COLUMNS, len(findings))
        rows = -(-len(findings) // columns)
        grid = drawing.grid(rows, columns)
        for axes in grid.flat[len(findings) :]:
            axes.set_visible(False)
        for axes, finding in zip(grid.flat, findings, strict=False):
            draw(axes, finding)
        return np.array(grid.flat[: len(findings)])

    def _one(
        self,
        draw: Callable[..., None],
        axes: Axes,
        finding: str,
        styles: dict[str, Any],
        bands: bool,
    ) -> None:
        """Draws one finding; without both classes, a sentence says so."""
        curves = self._comparison.curves[finding]
        axes.set_title(finding)
        if not curves:
            drawing.note(axes, "one class only: not defined")
            return
        draw(axes, {name: (curves[name], styles[name]) for name in styles}, bands)
        if draw is drawing.precision_recall:
            drawing.prevalence(axes, self._prevalence(finding))

    def _prevalence(self, finding: str) -> float:
        counts = self._comparison.counts
        row = counts[counts["finding"] == finding].iloc[0]
        return float(row["positives"]) / float(row["positives"] + row["negatives"])

    def _networks(self) -> list[str]:
        return [row["name"] for row in self._comparison.models if row["kind"] != "trivial"]

    def _axes(self, ax: Axes | None, size: tuple[float, float]) -> Axes:
        extras.need("plot", "plots")
        return drawing.new_axes(size) if ax is None else ax

    @staticmethod
    def _check(name: str, value: str, choices: Sequence[str]) -> None:
        if value not in choices:
            raise InputError(f"`{name}` must be one of {', '.join(choices)}. Received: {value}")
