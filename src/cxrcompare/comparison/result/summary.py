"""The terminal summary of a comparison: a short table, and the first warning of each code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MEAN
from cxrcompare.evaluation.metrics import difference_span

_WIDEST = 150
"""The maximum length of a printed warning, in characters; the file has the full text."""

_COLUMNS = {"auroc": "mean AUROC", "auprc": "mean AUPRC"}


def summary_table(comparison: Comparison) -> list[list[str]]:
    """Returns the rows of the summary table, all of the same length.

    The first row is the minimum detectable difference, then one row per model: networks by rank,
    baselines last.
    """
    found = {
        (row.model, row.metric): row
        for row in comparison.metrics.itertuples()
        if row.seed == ALL_SEEDS and row.finding == MEAN and not row.subgroup
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


def warning_lines(comparison: Comparison, file: Path) -> list[str]:
    """Returns the counts of the warnings by code, then the first warning of each code.

    Args:
        comparison: The comparison.
        file: The file that contains all warnings.
    """
    table = comparison.warnings
    if table.empty:
        return ["warnings: none"]
    counts = table["code"].value_counts(sort=False)
    kinds = ", ".join(f"{code} {count}" for code, count in counts.items())
    first = table.drop_duplicates("code").astype(str)
    return [
        f"warnings: {len(table)} ({kinds}); all in {file}",
        *(_line(*row) for row in first[["code", "model", "finding", "message"]].to_numpy()),
    ]


def _line(code: str, model: str, finding: str, message: str) -> str:
    subject = ", ".join(part for part in (model, finding) if part)
    line = " ".join(f"{code}: {subject}{': ' if subject else ''}{message}".split())
    return f"  {line if len(line) <= _WIDEST else line[: _WIDEST - 3] + '...'}"


def _resolution(comparison: Comparison) -> str:
    table = comparison.resolution
    chosen = table[(table["finding"] == MEAN) & (table["metric"] == "auroc")]
    if chosen.empty or pd.isna(chosen["minimum_detectable_difference"].iloc[0]):
        return "not defined"
    row = chosen.iloc[0]
    smallest = row["minimum_detectable_difference"]
    largest = difference_span("auroc")[1]
    value = f"{smallest:.4f}" if smallest < largest else "exceeds the maximum possible difference"
    return f"{value} ({row['power']:.0%} power, corrected)"


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
