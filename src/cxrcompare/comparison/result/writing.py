"""Writes a comparison as files: a CSV per table and `comparison.json` with everything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd

from cxrcompare import files
from cxrcompare.comparison.result.comparison import TABLES, Comparison

KIND = "comparison"
"""What the manifest of the folder says that it is."""

FILE = "comparison.json"
"""The file that holds everything."""


def write(comparison: Comparison, out: str | os.PathLike[str]) -> None:
    """Writes every table and further result as CSV, multi-label confusion, `comparison.json`.

    Args:
        comparison: What was found.
        out: A folder without a comparison, such as `output_folder.replacing` gives; made where it
            is not there. Files of the same names are overwritten.
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
    """Returns the further results that are tables and not empty."""
    names = ("non_inferiority", "against_trivial", "analytic", "subgroup_gaps")
    tables = {name: comparison.extra.get(name) or [] for name in names}
    resampled = comparison.extra.get("reference_resampled") or {}
    tables["reference_resampled"] = resampled.get("rows", [])
    tables["reference_resampled_differences"] = resampled.get("differences", [])
    return {name: rows for name, rows in tables.items() if rows}


def _csv(frame: pd.DataFrame, path: Path) -> None:
    files.write_text(path, frame.to_csv(index=False, lineterminator="\n"))
