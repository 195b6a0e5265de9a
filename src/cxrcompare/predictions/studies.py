"""Maps images to studies and patients across all files, and merges views of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError
from cxrcompare.predictions.table import Metadata, Predictions, Reference, Rows


@dataclass(frozen=True)
class Note:
    """A warning that is part of the result."""

    code: str
    message: str
    model: str = ""
    finding: str = ""


def study_of_images(tables: Sequence[Reference | Predictions | Metadata]) -> pd.Series:
    """Returns the study of each image, from all files; indexed by image.

    Raises:
        InputError: An image has two studies.
    """
    pairs: list[pd.DataFrame] = []
    for rows in {id(table.rows): table.rows for table in tables}.values():
        if rows.level != "image" or not (rows.studies != "").any():
            continue
        pair = pd.DataFrame({"image": rows.ids, "study": rows.studies})
        pair = pair[pair["study"] != ""].reset_index(drop=True)
        if not pairs or not pair.equals(pairs[-1]):
            pairs.append(pair)
    if not pairs:
        return pd.Series(dtype=object)
    together = pd.concat(pairs).drop_duplicates()
    twice = together["image"].duplicated()
    if twice.any():
        image = together["image"][twice].iloc[0]
        both = together["study"][together["image"] == image].tolist()
        raise InputError(
            f"an image must have one study in all files. Received: {image!r} in {both[0]!r} "
            f"and {both[1]!r}"
        )
    return together.set_index("image")["study"]


def studies_of(rows: Rows, study_of: pd.Series) -> np.ndarray:
    """Returns the study of each row; an image without a study is its own study."""
    if rows.level == "study":
        return rows.ids
    if study_of.empty:
        return rows.ids
    found = study_of.reindex(rows.ids).to_numpy(dtype=object)
    return np.where(pd.isna(found), rows.ids, found)


def group(studies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the distinct studies in order of appearance, and the code (N,) of each row."""
    codes, keys = pd.factorize(studies)
    return np.asarray(keys, dtype=object), codes


def merge_views(values: np.ndarray, codes: np.ndarray, studies: int, rule: str) -> np.ndarray:
    """Returns one score per study, combined from its views.

    Args:
        values: (N, F) scores of images.
        codes: (N,) the study index of each image, 0 to `studies` - 1.
        studies: The number of studies.
        rule: "max" or "mean".
    """
    if studies == len(codes):
        merged = np.empty_like(values)
        merged[codes] = values
        return merged
    if rule == "max":
        merged = np.full((studies, values.shape[1]), -np.inf)
        np.maximum.at(merged, codes, values)
        return merged
    merged = np.zeros((studies, values.shape[1]))
    np.add.at(merged, codes, values)
    return merged / np.bincount(codes, minlength=studies)[:, None]


def patients_of(
    studies: np.ndarray, tables: Sequence[Reference | Predictions], study_of: pd.Series
) -> tuple[np.ndarray, list[Note]]:
    """Returns the patient of each study, from the first file with patients, and warnings.

    Files may use different patient ids, so they are not compared with each other. A study with two
    patients in one file raises a warning.

    Args:
        studies: (N,) the studies to look up.
        tables: All files.
        study_of: The result of `study_of_images`.
    """
    found, notes = None, []
    made: dict[int, pd.DataFrame] = {}  # many files share their rows
    for table in tables:
        if id(table.rows) not in made:
            made[id(table.rows)] = _patient_of_studies(table.rows, study_of)
        pairs = made[id(table.rows)]
        if pairs.empty:
            continue
        twice = pairs["study"].duplicated()
        if twice.any():
            notes += _two_patients(pairs, twice, table.path)
        if found is None:
            first = pairs[~twice].set_index("study")["patient"]
            found = first.reindex(studies).to_numpy(dtype=object)
    if found is None:
        text = "no file has patient ids: each study is treated as a separate patient"
        return studies, [Note("patients_unknown", text)]
    missing = pd.isna(found)
    if missing.any():
        count = int(missing.sum())
        text = f"{count} studies have no patient id: each is treated as a separate patient"
        notes.append(Note("patients_unknown", text))
    return np.where(missing, studies, found), notes


def _patient_of_studies(rows: Rows, study_of: pd.Series) -> pd.DataFrame:
    """Returns the different pairs of study and patient of the rows that have a patient."""
    present = rows.patients != ""
    if not present.any():
        return pd.DataFrame()
    pairs = pd.DataFrame({"study": studies_of(rows, study_of), "patient": rows.patients})
    return pairs[present].drop_duplicates()


def _two_patients(pairs: pd.DataFrame, twice: pd.Series, path: Path) -> list[Note]:
    names = pairs["study"][twice].tolist()
    text = (
        f"{path.name}: {len(set(names))} studies have two patients, the first {names[0]}; "
        "the first patient is used"
    )
    return [Note("study_under_two_patients", text)]
