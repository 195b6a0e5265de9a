"""Writes a comparison as files: one CSV per table, and `comparison.json` with all results."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd

from cxrcompare import files
from cxrcompare.comparison.result.comparison import TABLES, Comparison

KIND = "comparison"
"""The kind of folder in its manifest."""

FILE = "comparison.json"
"""The file that contains all results."""


def write(comparison: Comparison, out: str | os.PathLike[str]) -> None:
    """Writes CSV files of all tables, further results and confusion tables, and `comparison.json`.

    Args:
        comparison: The comparison.
        out: The output folder, e.g. from `output_folder.replacing`; created if it does not exist.
            Files with the same names are overwritten.
    """
    out = Path(out)
    for name in TABLES:
        _csv(getattr(comparison, name), out / f"{name}.csv")
    for name, rows in _extra(comparison).items():
        _csv(pd.DataFrame(rows), out / f"{name}.csv")
    names = files.file_names(comparison.multilabel_confusion)
    for model, found in comparison.multilabel_confusion.items():
        frame = pd.DataFrame(found["counts"], columns=found["columns"])
        frame.insert(0, "true", found["rows"])
        _csv(frame, out / "multilabel_confusion" / f"{names[model]}.csv")
    comparison.write(out / FILE)


def _extra(comparison: Comparison) -> dict[str, list[dict[str, Any]]]:
    """Returns the further results that are non-empty tables."""
    names = ("non_inferiority", "against_trivial", "analytic", "subgroup_gaps")
    tables = {name: comparison.extra.get(name) or [] for name in names}
    resampled = comparison.extra.get("reference_resampled") or {}
    tables["reference_resampled"] = resampled.get("rows", [])
    tables["reference_resampled_differences"] = resampled.get("differences", [])
    return {name: rows for name, rows in tables.items() if rows}


def _csv(frame: pd.DataFrame, path: Path) -> None:
    files.write_text(path, frame.to_csv(index=False, lineterminator="\n"))
