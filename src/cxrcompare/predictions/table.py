"""The tables of predictions, reference labels and metadata; plain data, checked when read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Rows:
    """Which image or study each row of a file is.

    Attributes:
        level: "image" or "study".
        ids: (N,) text, unique: image ids, or study ids where the level is "study".
        studies: (N,) text, the study of each row; empty where the file does not say.
        patients: (N,) text, the patient of each row; empty where the file does not say.
    """

    level: str
    ids: np.ndarray
    studies: np.ndarray
    patients: np.ndarray


@dataclass(frozen=True)
class Predictions:
    """What one trained model said.

    Attributes:
        path: The file.
        name: The model's name; files `name__seed0`, `name__seed1` are runs of one architecture.
        seed: The run's seed as text; empty where the name has none.
        rows: Which image or study each row is.
        findings: The findings' names, canonical where the vocabulary knows them.
        values: (N, F) float64, probabilities in [0, 1], or any finite score where admitted.
        text: {column: the error it would be, were it a finding} of columns that hold no numbers
            and whose names are not known.
    """

    path: Path
    name: str
    seed: str
    rows: Rows
    findings: tuple[str, ...]
    values: np.ndarray
    text: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reference:
    """The reference standard, or what one reader said.

    Attributes:
        path: The file.
        rows: Which image or study each row is.
        findings: The findings' names, canonical where the vocabulary knows them.
        values: (N, F) float64 in {0, 1, NaN}; NaN is unknown.
    """

    path: Path
    rows: Rows
    findings: tuple[str, ...]
    values: np.ndarray


@dataclass(frozen=True)
class Metadata:
    """What is known of each image or study beside the labels, for subgroups.

    Attributes:
        path: The file.
        rows: Which image or study each row is.
        columns: {name: (N,) text}; empty text where it is not known.
    """

    path: Path
    rows: Rows
    columns: dict[str, np.ndarray]
