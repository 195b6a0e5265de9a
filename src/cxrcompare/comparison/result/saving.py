"""Writes a comparison as files: one CSV per table, and `comparison.json` with all results."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from cxrcompare.comparison.result.comparison import TABLES, Comparison
from cxrcompare.comparison.result.condensing import condensed
from cxrcompare.comparison.row_types.all_rows import OPTIONAL
from cxrcompare.filesystem import files, table_text

KIND = "comparison"
"""The kind of folder in its manifest."""

FILE = "comparison.json"
"""The file that contains all results."""


def write(comparison: Comparison, out: str | os.PathLike[str]) -> None:
    """Writes CSV files of all tables and confusion tables, and `comparison.json`.

    Of many models, `comparison.json` has fewer pairs and points, see `condensing`.

    Args:
        comparison: The comparison.
        out: The output folder, e.g. from `output_folder.replacing`; created if it does not exist.
            Files with the same names are overwritten.
    """
    out, small = Path(out), condensed(comparison)
    tables: dict[str, files.JsonText] = {}
    for name in TABLES:
        frame = getattr(comparison, name)
        if name not in OPTIONAL or len(frame):
            text = table_text.of_frame(frame)
            files.write_part(out / f"{name}.csv", text.csv)
            if text.json is not None and getattr(small, name) is frame:
                tables[name] = text.json
    names = files.file_names(comparison.multilabel_confusion)
    for model, found in comparison.multilabel_confusion.items():
        frame = pd.DataFrame(found["counts"], columns=found["columns"])
        frame.insert(0, "true", found["rows"])
        text = table_text.of_frame(frame)
        files.write_part(out / "multilabel_confusion" / f"{names[model]}.csv", text.csv)
    small.write(out / FILE, tables)
