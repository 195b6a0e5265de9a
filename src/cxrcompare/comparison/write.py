"""Writes a comparison as files: a CSV per table and `comparison.json` with everything."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cxrcompare import files
from cxrcompare.comparison.result import TABLES, Comparison


def write(comparison: Comparison, out: Path) -> None:
    """Writes every table as CSV, the multi-label confusion tables, and `comparison.json`.

    Args:
        comparison: What was found.
        out: The folder; made where it is not there.
    """
    for name in TABLES:
        _csv(getattr(comparison, name), out / f"{name}.csv")
    for model, found in comparison.multilabel_confusion.items():
        frame = pd.DataFrame(found["counts"], columns=found["columns"])
        frame.insert(0, "true", found["rows"])
        _csv(frame, out / "multilabel_confusion" / f"{_file_name(model)}.csv")
    comparison.write(out / "comparison.json")


def _csv(frame: pd.DataFrame, path: Path) -> None:
    files.write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def _file_name(model: str) -> str:
    return "".join(c if c.isalnum() or c in "-_. " else "_" for c in model)
