"""Tables of predictions, reference labels and metadata; the readers check the values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    TableSource = str | os.PathLike[str] | pd.DataFrame | Mapping[str, Any]
    """A file, a data frame, or a dict of arrays."""


@dataclass(frozen=True)
class Rows:
    """The image or study, and the patient, of each row of a file.

    Attributes:
        level: "image" or "study".
        ids: (N,) text, unique: image ids, or study ids if the level is "study".
        studies: (N,) text, the study of each row; empty if missing.
        patients: (N,) text, the patient of each row; empty if missing.
        cells: The kind of ids by the header, and the cells of ids, studies and patients in the
            file; None if not kept.
    """

    level: str
    ids: np.ndarray
    studies: np.ndarray
    patients: np.ndarray
    cells: tuple[str, list[str], list[str], list[str]] | None = field(
        default=None, repr=False, compare=False, kw_only=True
    )


@dataclass(frozen=True)
class Predictions:
    """The predictions of one trained model.

    Attributes:
        path: The file; `<name>` of a table in memory.
        name: The model's name; files `name__seed0`, `name__seed1` are runs of one architecture.
        seed: The run's seed as text; empty if the file name has none.
        rows: The image or study of each row.
        findings: The names of the findings, canonical if they are in the vocabulary.
        values: (N, F) float64, probabilities in [0, 1], or any finite scores if allowed.
        text: {column: error} of non-numeric columns that are not known findings; the error applies
            if the reference has a finding of that name.
        stored: Whether `path` is a file.
        probabilities: Whether the values are probabilities.
    """

    path: Path
    name: str
    seed: str
    rows: Rows
    findings: tuple[str, ...]
    values: np.ndarray
    text: dict[str, str] = field(default_factory=dict)
    stored: bool = True
    probabilities: bool = True


@dataclass(frozen=True)
class Reference:
    """The reference standard, or the ratings of one reader.

    Attributes:
        path: The file; `<name>` of a table in memory.
        rows: The image or study of each row.
        findings: The names of the findings, canonical if they are in the vocabulary.
        values: (N, F) float64 in {0, 1, NaN}; NaN is unknown.
        name: The reader's name; of the reference, the stem of its file.
        stored: Whether `path` is a file.
    """

    path: Path
    rows: Rows
    findings: tuple[str, ...]
    values: np.ndarray
    name: str
    stored: bool = True


@dataclass(frozen=True)
class Metadata:
    """Metadata of each image or study, for subgroups.

    Attributes:
        path: The file; `<name>` of a table in memory.
        rows: The image or study of each row.
        columns: {name: (N,) text}; empty if missing.
        labels: {finding: (N,) in {0, 1, NaN}}; any other state than 0 and 1 is NaN.
    """

    path: Path
    rows: Rows
    columns: dict[str, np.ndarray]
    labels: dict[str, np.ndarray] = field(default_factory=dict)
