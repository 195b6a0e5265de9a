"""The terminal summary of a comparison: a short table, and the warnings by code."""

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
    table = comparison.metrics
    found = {
        (row.model, row.metric): row
        for row in table[table["finding"] == MEAN].itertuples()
        if row.seed == ALL_SEEDS and not row.subgroup
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
    """Returns the counts of the warnings by code, then the warnings of each code.

    The first warning of a code has its text. The others are a line of their models and findings, as
    many as fit.

    Args:
        comparison: The comparison.
        file: The file that contains all warnings.
    """
    table = comparison.warnings
    if table.empty:
        return ["warnings: none"]
    counts = table["code"].value_counts(sort=False)
    kinds = ", ".join(f"{code} {count}" for code, count in counts.items())
    lines = [f"warnings: {len(table)} ({kinds}); all in {file}"]
    texts = table[["code", "model", "finding", "message"]].astype(str)
    for code, rows in texts.groupby("code", sort=False):
        _, model, finding, message = rows.iloc[0]
        lines.append(_line(str(code), _subject(model, finding), message))
        others = [_subject(*row) for row in rows[["model", "finding"]].to_numpy()[1:]]
        if any(others):
            lines.append(_also([other for other in others if other]))
    return lines


def _subject(model: str, finding: str) -> str:
    return " ".join(", ".join(part for part in (model, finding) if part).split())


def _line(code: str, subject: str, message: str) -> str:
    line = " ".join(f"{code}: {subject}{': ' if subject else ''}{message}".split())
    return f"  {line if len(line) <= _WIDEST else line[: _WIDEST - 3] + '...'}"


def _also(others: list[str]) -> str:
    """Returns a line that names the models and findings of further warnings, as many as fit."""
    shown = len(others)
    while shown:
        more = f" and {len(others) - shown} more" if shown < len(others) else ""
        line = f"    also: {'; '.join(others[:shown])}{more}"
        if len(line) <= _WIDEST:
            return line
        shown -= 1
    return f"    also: {len(others)} more"


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
