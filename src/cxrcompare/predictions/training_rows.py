"""Rows of a table of metadata that belong to no compared set: training metadata with labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.predictions.alignment import Aligned
from cxrcompare.predictions.attaching import join_views
from cxrcompare.predictions.columns import finding_key
from cxrcompare.predictions.studies import group, studies_of, study_of_images
from cxrcompare.predictions.table import Metadata


@dataclass(frozen=True)
class TrainingRows:
    """Metadata and labels of training units.

    Attributes:
        unit: "image" or "study".
        columns: {name: (T,) text}; empty if missing.
        labels: (T, F) in {0, 1, NaN}, of the compared findings.
    """

    unit: str
    columns: dict[str, np.ndarray]
    labels: np.ndarray


def training_rows(metadata: Metadata, compared: Sequence[Aligned]) -> TrainingRows | None:
    """Returns the rows with a label that share no study and no patient with the compared sets.

    If the compared sets have patients, a row without a patient is not used, because its patient may
    be one of theirs. Of a study, several values of a column are joined as in `attach_metadata`; a
    finding is positive if it is in one image.

    Args:
        metadata: The table.
        compared: The test set first, then validation if there is one.

    Returns:
        The rows, or None if there are none.
    """
    test = compared[0]
    by_key = {finding_key(name): values for name, values in metadata.labels.items()}
    blank = np.full(len(metadata.rows.ids), np.nan)
    labels = np.stack([by_key.get(finding_key(name), blank) for name in test.findings], axis=1)
    studies = studies_of(metadata.rows, study_of_images([metadata]))
    used = ~np.isnan(labels).all(axis=1)
    for aligned in compared:
        used &= ~np.isin(studies, aligned.studies) & ~np.isin(metadata.rows.ids, aligned.units)
        if (aligned.patients != aligned.studies).any():
            patients = metadata.rows.patients
            used &= (patients != "") & ~np.isin(patients, aligned.patients)
    if not used.any():
        return None
    by_image = test.unit == "image" and metadata.rows.level == "image"
    keys, codes = group((metadata.rows.ids if by_image else studies)[used])
    merged = np.full((len(keys), len(test.findings)), -np.inf)
    np.maximum.at(merged, codes, np.nan_to_num(labels[used], nan=-np.inf))
    columns = {
        name: join_views(keys[codes], values[used]).reindex(keys).fillna("").to_numpy(dtype=object)
        for name, values in metadata.columns.items()
    }
    unit = "image" if by_image else "study"
    return TrainingRows(unit, columns, np.where(np.isfinite(merged), merged, np.nan))
