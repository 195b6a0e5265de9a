"""Writes predictions in the format that `read_predictions` reads."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxrcompare.filesystem import files
from cxrcompare.filesystem.spreadsheet_cells import csv_text


def write_predictions(
    path: str | os.PathLike[str],
    findings: Sequence[str],
    probabilities: np.ndarray,
    *,
    image_ids: Sequence[str] | None = None,
    study_ids: Sequence[str] | None = None,
    patient_ids: Sequence[str] | None = None,
) -> None:
    """Writes a CSV file with one row per image or study; the file is written atomically.

    Args:
        path: The file, named after the model: `name.csv` or `name__seed3.csv`.
        findings: The names of the findings, in the order of the columns of `probabilities`.
        probabilities: (N, F) in [0, 1]; written with nine digits, which preserves float32 exactly.
        image_ids: (N,) the image of each row, if a row is an image.
        study_ids: (N,) the study of each row; required if a row is a study.
        patient_ids: (N,) the patient of each row; needed to resample patients.

    Raises:
        ValueError: The lengths differ, there is no id, or a value is not in [0, 1].
    """
    values = np.asarray(probabilities, dtype=np.float64)
    if image_ids is None and study_ids is None:
        raise ValueError("`image_ids` or `study_ids` must be given. Received: neither")
    if values.ndim != 2 or values.shape[1] != len(findings):
        raise ValueError(
            f"`probabilities` must be (N, {len(findings)}). Received: shape={values.shape}"
        )
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(
            "`probabilities` must be in [0, 1]. "
            f"Received: {np.nanmin(values):g} to {np.nanmax(values):g}"
        )
    given = {"image_id": image_ids, "study_id": study_ids, "patient_id": patient_ids}
    columns = {name: list(ids) for name, ids in given.items() if ids is not None}
    for name, ids in columns.items():
        if len(ids) != len(values):
            raise ValueError(f"`{name}s` must be {len(values)} long. Received: {len(ids)}")
    frame = pd.DataFrame({**columns, **dict(zip(findings, values.T, strict=True))})
    files.write_text(path, csv_text(frame, "%.9g"))
