"""ImageTable: one row per image with patient, study, view and label states."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError

COLUMNS: tuple[str, ...] = (
    "image_id",
    "path",
    "patient_id",
    "study_id",
    "view",
    "sex",
    "age",
    "split",
)
VIEWS: tuple[str, ...] = ("frontal AP", "frontal PA", "frontal", "lateral", "")
SPLITS: tuple[str, ...] = ("train", "valid", "test", "")
STATES: tuple[float, ...] = (1.0, 0.0, -1.0)


@dataclass(frozen=True)
class ImageTable:
    """The images of a data set with their metadata and label states.

    Attributes:
        rows: One row per image. The columns of `COLUMNS`, all text except `age` (years, NaN if
            unknown), then one float column per finding: 1 positive, 0 negative, -1 uncertain,
            NaN not mentioned or unknown. `path` is relative to `root`, with slashes. `view` and
            `split` are values of `VIEWS` and `SPLITS`, `sex` is F, M or empty.
        findings: The findings' names, in the order of their columns.
        dataset: The data set's name, a key of `cxrcompare.datasets`.
        root: The folder that `path` is relative to.
        notes: Facts that matter for results, e.g. {"synthetic": True}.
    """

    rows: pd.DataFrame
    findings: tuple[str, ...]
    dataset: str
    root: Path
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Checks columns, keys and values.

        Raises:
            InputError: A column is missing or unexpected, an id is empty or repeated, a study has
                two patients, or a value is not allowed.
        """
        object.__setattr__(self, "root", Path(self.root))
        expected = [*COLUMNS, *self.findings]
        if list(self.rows.columns) != expected:
            raise InputError(
                f"{self.dataset}: the columns must be {expected}. "
                f"Received: {list(self.rows.columns)}"
            )
        if self.rows.empty:
            raise InputError(f"{self.root}: must contain at least one image. Received: none")
        for column in ("image_id", "path", "patient_id", "study_id"):
            empty = self.rows[column].isna() | (self.rows[column] == "")
            if empty.any():
                raise InputError(
                    f"{self.dataset}: `{column}` is empty in row {int(np.argmax(empty)) + 1}"
                )
        repeated = self.rows["image_id"].duplicated()
        if repeated.any():
            raise InputError(
                f"{self.dataset}: `image_id` must be unique. Received twice: "
                f"{self.rows['image_id'][repeated].iloc[0]}"
            )
        patients = self.rows.groupby("study_id", sort=False)["patient_id"].nunique()
        if (patients > 1).any():
            raise InputError(
                f"{self.dataset}: a study must have one patient. "
                f"Received: {patients.index[patients > 1][0]} with {patients.max()}"
            )
        for column, choices in (("view", VIEWS), ("split", SPLITS), ("sex", ("F", "M", ""))):
            strange = ~self.rows[column].isin(choices)
            if strange.any():
                raise InputError(
                    f"{self.dataset}: `{column}` must be one of {choices}. "
                    f"Received: {self.rows[column][strange].iloc[0]!r}"
                )
        states = self.states
        if not (np.isnan(states) | np.isin(states, STATES)).all():
            raise InputError(f"{self.dataset}: label states must be 1, 0, -1 or blank")

    def __len__(self) -> int:
        """Returns the number of images."""
        return len(self.rows)

    @property
    def patients_known(self) -> bool:
        """Whether the patients of the images are known; if not, `patient_id` is a substitute."""
        return bool(self.notes.get("patients_known", "patients" not in self.notes))

    @property
    def states(self) -> np.ndarray:
        """Label states, (N, F) float64 in {1, 0, -1, NaN}."""
        return self.rows[list(self.findings)].to_numpy(dtype=np.float64)

    def take(self, rows: np.ndarray) -> ImageTable:
        """Returns a table of the given rows: row numbers, or a boolean mask of length N."""
        return ImageTable(
            self.rows[rows].reset_index(drop=True)
            if rows.dtype == bool
            else self.rows.iloc[rows].reset_index(drop=True),
            self.findings,
            self.dataset,
            self.root,
            self.notes,
        )
