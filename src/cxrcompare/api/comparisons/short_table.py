"""The short table of a comparison as a data frame, as text, and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.result.summary import summary_table
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MEAN

_METRICS = ("auroc", "auprc")
_RANKS = ("rank", "low", "high", "tie_group", "probability_best")


def summary(comparison: Comparison) -> pd.DataFrame:
    """Returns a row per model: networks in order of rank, then baselines.

    Columns: model, kind ("network", "ensemble" or "baseline"), auroc, auroc_low, auroc_high,
    auprc, auprc_low, auprc_high (means over findings and seeds), rank, rank_low, rank_high,
    tie_group, probability_best (by AUROC; NaN for baselines).
    """
    frame = pd.DataFrame(
        {
            "model": [row["name"] for row in comparison.models],
            "kind": [
                "baseline" if row["kind"] == "trivial" else row["kind"] for row in comparison.models
            ],
        }
    )
    metrics = comparison.metrics
    chosen = metrics[
        (metrics["finding"] == MEAN) & (metrics["seed"] == ALL_SEEDS) & (metrics["subgroup"] == "")
    ]
    for metric in _METRICS:
        part = chosen[chosen["metric"] == metric][["model", "value", "low", "high"]]
        part.columns = ["model", metric, f"{metric}_low", f"{metric}_high"]
        frame = frame.merge(part, on="model", how="left")
    ranks = comparison.ranks[comparison.ranks["metric"] == "auroc"][["model", *_RANKS]]
    ranks = ranks.rename(columns={"low": "rank_low", "high": "rank_high"})
    return frame.merge(ranks, on="model", how="left")


def text(comparison: Comparison) -> str:
    """Returns the short table as lines of text, with the number of warnings."""
    first, *rows = summary_table(comparison)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([_title(comparison), *lines, f"{first[0]}: {first[1]}", _warned(comparison)])


_STYLE = (
    "<style>.cxrcompare{font-variant-numeric:tabular-nums;border-collapse:collapse;"
    "color:inherit;background:transparent}"
    ".cxrcompare caption,.cxrcompare tfoot td{text-align:left;padding:.3em .6em;opacity:.75;"
    "color:inherit}"
    ".cxrcompare th,.cxrcompare tbody td{text-align:left!important;padding:.2em .6em;"
    "border-bottom:1px solid rgba(128,128,128,.35);color:inherit;background:transparent}"
    ".cxrcompare .baseline{opacity:.65}</style>"
)


def html(comparison: Comparison) -> str:
    """Returns the short table as HTML that takes its colours from the page, light or dark."""
    first, header, *rows = summary_table(comparison)
    kinds = {row["name"]: row["kind"] for row in comparison.models}
    head = Markup("").join(Markup("<th>{}</th>").format(cell) for cell in header)
    body = Markup("").join(
        Markup('<tr class="{}">{}</tr>').format(
            "baseline" if kinds[row[0]] == "trivial" else "network",
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row),
        )
        for row in rows
    )
    foot = f"{first[0]}: {first[1]}; {_warned(comparison)}"
    return (
        f'{_STYLE}<table class="cxrcompare"><caption>{escape(_title(comparison))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        f'<tfoot><tr><td colspan="{len(header)}">{escape(foot)}</td></tr></tfoot></table>'
    )


def flattened(content: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Returns nested items as rows: {"versions": {"numpy": "2"}} is ("versions.numpy", "2")."""
    rows: list[tuple[str, Any]] = []
    for name, value in content.items():
        if isinstance(value, Mapping):
            rows += flattened(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", value))
    return rows


def _title(comparison: Comparison) -> str:
    protocol = comparison.protocol
    units = protocol["studies"] if protocol["unit"] == "study" else protocol["images"]
    word = "studies" if protocol["unit"] == "study" else "images"
    networks = sum(row["kind"] != "trivial" for row in comparison.models)
    findings = len(comparison.findings)
    return (
        f"Comparison of {networks} model{'s' * (networks != 1)} on {units:,} {word}, "
        f"{findings} finding{'s' * (findings != 1)}"
    )


def _warned(comparison: Comparison) -> str:
    if comparison.warnings.empty:
        return "warnings: none"
    kinds = ", ".join(comparison.warnings["code"].drop_duplicates())
    return f"warnings: {len(comparison.warnings)} ({kinds})"
