"""The short table that a command prints: what can be resolved, then the models by rank."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxrcompare.comparison.result import Comparison
from cxrcompare.evaluation.metrics import difference_span

_COLUMNS = {"auroc": "mean AUROC", "auprc": "mean AUPRC"}


def summary_table(comparison: Comparison) -> list[list[str]]:
    """Returns the rows of a table, all of one length.

    First what difference can be detected at all. Then one row per model, networks by rank, trivial
    models last.
    """
    found = {
        (row.model, row.metric): row
        for row in comparison.metrics.itertuples()
        if row.seed == "all" and row.finding == "mean" and not row.subgroup
    }
    ranked = comparison.ranks[comparison.ranks["metric"] == "auroc"]
    ranks = {str(row["model"]): dict(row) for _, row in ranked.iterrows()}
    rows = [["model", *_COLUMNS.values(), "rank", "ties", "best"]]
    for model in comparison.models:
        name = model["name"]
        cells = [_estimate(found.get((name, metric))) for metric in _COLUMNS]
        rows.append([name, *cells, *_rank(ranks, name)])
    first = ["detectable difference", _resolution(comparison), "", "", "", ""]
    return [first, *rows]


def _resolution(comparison: Comparison) -> str:
    table = comparison.resolution
    chosen = table[(table["finding"] == "mean") & (table["metric"] == "auroc")]
    if chosen.empty or pd.isna(chosen["minimum_detectable_difference"].iloc[0]):
        return "not defined"
    row = chosen.iloc[0]
    smallest = row["minimum_detectable_difference"]
    known = f"{smallest:.4f}" if smallest < difference_span("auroc")[1] else "none there can be"
    return f"{known} ({row['power']:.0%} power)"


def _estimate(row: object) -> str:
    value = getattr(row, "value", float("nan"))
    if pd.isna(value):
        return "-"
    return f"{value:.4f} [{getattr(row, 'low', value):.4f}, {getattr(row, 'high', value):.4f}]"


def _rank(ranks: dict[str, dict[Any, Any]], name: str) -> list[str]:
    row = ranks.get(name)
    if row is None:
        return ["-", "-", "-"]
    ends = f"[{row['low']:.0f}, {row['high']:.0f}]"
    return [f"{row['rank']:.0f} {ends}", str(row["tie_group"]), f"{row['probability_best']:.2f}"]
