"""Combines the columns that a data set module has read into an ImageTable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.image_table import COLUMNS, ImageTable


def assemble(
    parts: Sequence[pd.DataFrame],
    findings: Sequence[str],
    dataset: str,
    root: Path,
    notes: Mapping[str, Any],
) -> ImageTable:
    """Returns the table of all parts; a finding without a column in a part is unknown in it.

    Args:
        parts: Frames with columns of `COLUMNS` and of findings; missing columns are unknown.
        findings: The data set's findings, in order.
        dataset: The data set's name.
        root: The folder that `path` is relative to.
        notes: Facts about the data set that matter for results; see `ImageTable`.
    """
    rows = pd.concat([_complete(part, findings) for part in parts], ignore_index=True)
    return ImageTable(rows, tuple(findings), dataset, root, dict(notes))


def check_unique(labels: LabelFile, ids: pd.Series, what: str = "image") -> None:
    """Checks that a label file has no repeated id.

    Args:
        labels: The file.
        ids: The ids, by row number.
        what: The kind of id, for the error message.

    Raises:
        InputError: An id is repeated; the message names both rows.
    """
    repeated = ids.duplicated().to_numpy()
    if repeated.any():
        second = int(np.argmax(repeated))
        first = ids.index[int(np.argmax((ids == ids.iloc[second]).to_numpy()))]
        labels.complain(
            ids.index[second],
            f"each {what} must have one row; row {first} has the same",
            ids.iloc[second],
        )


def _complete(part: pd.DataFrame, findings: Sequence[str]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        if name == "age":
            unknown = np.full(len(part), np.nan)
            columns[name] = part[name].to_numpy(np.float64) if name in part else unknown
        else:
            text = part[name].to_numpy(object) if name in part else np.full(len(part), "", object)
            columns[name] = pd.Series(text, dtype="str")
    for name in findings:
        unknown = np.full(len(part), np.nan)
        columns[name] = part[name].to_numpy(np.float64) if name in part else unknown
    return pd.DataFrame(columns)
