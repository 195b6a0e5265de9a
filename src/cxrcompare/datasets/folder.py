"""Any folder with one CSV that has a column of image paths and columns of findings.

Findings are the columns whose names the vocabulary knows, and every other column that holds nothing
but label states (1, 0, -1, blank). Further columns that are understood, under these or similar
names: patient_id, study_id, view, sex, age, split. Without a patient column, the patient is taken
from a CheXpert-like path, else each image counts as a patient of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare import identifiers
from cxrcompare.datasets.parsing import image_files, label_file, rows, views
from cxrcompare.datasets.parsing.dataset import DataSet
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable

HEADERS: dict[str, tuple[str, ...]] = {
    "path": ("path", "image_path", "filepath", "file_path", "file", "filename", "image"),
    "image_id": ("image_id",),
    "patient_id": ("patient_id", "patient", "PatientID", "Patient ID", "subject_id"),
    "study_id": ("study_id", "study", "StudyID"),
    "view": ("view", "projection", "ViewPosition", "View Position"),
    "sex": ("sex", "gender", "PatientSex"),
    "age": ("age", "PatientAge"),
    "split": ("split", "subset"),
}
SPLITS: dict[str, str] = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validate": "valid",
    "validation": "valid",
    "test": "test",
    "": "",
}


def recognise(folder: Path) -> bool:
    """Says whether the folder holds a CSV; its columns are looked at when it is read."""
    return any(name.lower().endswith(".csv") for name in image_files.listed(folder))


def read(folder: Path) -> ImageTable:
    """Returns the images that the folder's CSV names.

    Raises:
        InputError: Not exactly one CSV has a path column, there is no finding, or a row is wrong.
    """
    labels = _labels(folder)
    path = image_files.inside(labels, labels.text(*HEADERS["path"]))
    known, spare = _finding_columns(labels)
    columns: dict[str, Any] = {"path": path, "image_id": path}
    if labels.column(*HEADERS["image_id"]):
        columns["image_id"] = labels.text(*HEADERS["image_id"])
    columns["patient_id"], columns["study_id"], notes = _who(labels, path)
    columns["sex"] = labels.sex(*HEADERS["sex"])
    columns["age"] = labels.age(*HEADERS["age"])
    columns["view"] = _mapped(labels, "view", _view, "AP, PA, frontal, lateral or blank")
    columns["split"] = _mapped(
        labels, "split", lambda text: SPLITS[text.lower()], "train, valid, test or blank"
    )
    columns |= {name: labels.states(header) for name, header in (known | spare).items()}
    part = pd.DataFrame(columns, index=labels.frame.index)
    rows.check_unique(labels, part["path"])
    rows.check_unique(labels, part["image_id"])
    image_files.check_present(labels, folder, part["path"])
    notes |= {"expert_splits": [], "label_files": {"": labels.path.name}}
    if spare:
        notes["findings_by_their_values"] = list(spare)
    return rows.assemble([part], [*known, *spare], "folder", folder, notes)


def _labels(folder: Path) -> LabelFile:
    """Returns the one CSV of the folder that has a column of paths."""
    names = [name for name in image_files.listed(folder) if name.lower().endswith(".csv")]
    read = [label_file.read(folder / name) for name in names]
    fitting = [labels for labels in read if labels.column(*HEADERS["path"])]
    if len(fitting) != 1:
        raise InputError(
            f"{folder}: must hold one CSV with a column of image paths "
            f"({', '.join(HEADERS['path'])}). Received: {len(fitting)} among {names}"
        )
    return fitting[0]


def _finding_columns(labels: LabelFile) -> tuple[dict[str, str], dict[str, str]]:
    """Returns headers by finding: those known by name, and those known by their values."""
    known = labels.findings()
    taken = {header for choices in HEADERS.values() if (header := labels.column(*choices))}
    spare = {
        header: header
        for header in labels.frame.columns
        if header not in taken and header not in known.values() and _are_states(labels, header)
    }
    if not known and not spare:
        raise InputError(
            f"{labels.path}: must have a column for a finding, with 1, 0, -1 or blank. "
            f"Received: {', '.join(labels.frame.columns)}"
        )
    return known, spare


def _are_states(labels: LabelFile, header: str) -> bool:
    values = set(labels.frame[header].str.strip().unique())
    return values <= {"", "1", "0", "-1", "1.0", "0.0", "-1.0"} and values != {""}


def _who(labels: LabelFile, path: pd.Series) -> tuple[pd.Series, pd.Series, dict[str, Any]]:
    """Returns patients, studies and what is to be noted of them."""
    parts = [identifiers.parse(one) for one in path]
    notes: dict[str, Any] = {}
    if labels.column(*HEADERS["patient_id"]):
        patient = labels.text(*HEADERS["patient_id"])
    elif all(parts):
        patient = pd.Series([one.patient for one in parts if one], index=path.index)
    else:
        patient = path
        notes["patients"] = "no column names them: each image counts as a patient of its own"
    if labels.column(*HEADERS["study_id"]):
        study = patient + "/" + labels.text(*HEADERS["study_id"])
    elif all(parts):
        study = pd.Series([one.study for one in parts if one], index=path.index)
    else:
        study = path
    return patient, study, notes


def _mapped(labels: LabelFile, what: str, convert: Any, expected: str) -> np.ndarray:
    header = labels.column(*HEADERS[what])
    if header is None:
        return np.full(len(labels.frame), "", dtype=object)
    return labels.mapped(header, convert, expected)


def _view(text: str) -> str:
    if text and not views.view(text):
        raise ValueError(text)
    return views.view(text)


DATASET = DataSet(
    title="Any folder with one CSV of image paths and findings",
    source="your own",
    terms="your own",
    recognise=recognise,
    read=read,
    fallback=True,
)
