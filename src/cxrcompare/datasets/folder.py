"""Any folder with one CSV that has a column of image paths and columns of findings.

Findings are the columns whose names are in the vocabulary, and those that the user names. Other
columns are recognised by these or similar names: patient_id, study_id, view, sex, age, split;
`OwnColumns` assigns columns with other names. Patients must be known, from a column or from
CheXpert-like paths, or the user must declare that each image is of another patient. The notes of
the table list how the columns were interpreted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.datasets.parsing import (
    finding_columns,
    image_files,
    label_file,
    patients,
    table_assembly,
    views,
)
from cxrcompare.datasets.parsing.dataset import DataSet
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable

HEADERS: dict[str, tuple[str, ...]] = {
    "path": ("path", "image_path", "filepath", "file_path", "file", "filename", "image"),
    "image": ("image_id",),
    "patient": patients.NAMES,
    "study": ("study_id", "study", "StudyID"),
    "view": ("view", "projection", "ViewPosition", "View Position"),
    "sex": ("sex", "gender", "PatientSex"),
    "age": ("age", "PatientAge"),
    "split": ("split", "subset"),
}
"""Known column names, by the field of `OwnColumns` that overrides them."""

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
    """Returns whether the folder holds a CSV; its columns are checked when it is read."""
    return any(name.lower().endswith(".csv") for name in image_files.listed(folder))


def read(folder: Path, own: OwnColumns = OwnColumns()) -> ImageTable:  # noqa: B008
    """Returns the images that the folder's CSV names.

    Args:
        folder: The folder of the CSV and the images.
        own: The columns that the user assigns.

    Raises:
        InputError: Not exactly one CSV has a path column, patients are not known, there is no
            finding, a column that the user names does not exist, or a row is invalid.
    """
    labels = _labels(folder, own)
    headers = _headers(labels, own)
    taken = [header for header in headers.values() if header]
    found = finding_columns.choose(labels, own, taken)
    path = image_files.inside(labels, labels.text(*_one(headers["path"])))
    identity = patients.identify(
        labels,
        path,
        headers["patient"] if own.patient else None,
        headers["study"],
        own.image_is_patient,
        [*taken, *found.headers.values(), *found.like_findings],
    )
    columns: dict[str, Any] = {
        "image_id": labels.text(headers["image"]) if headers["image"] else path,
        "path": path,
        "patient_id": identity.patient,
        "study_id": identity.study,
        "sex": labels.sex(*_one(headers["sex"])),
        "age": labels.age(*_one(headers["age"])),
        "view": _mapped(labels, headers["view"], _view, "AP, PA, frontal, lateral or blank"),
        "split": _mapped(labels, headers["split"], _split, "train, valid, test or blank"),
    }
    states = own.values.states()
    columns |= {name: labels.states(header, states) for name, header in found.headers.items()}
    part = pd.DataFrame(columns, index=labels.frame.index)
    table_assembly.check_unique(labels, part["path"])
    table_assembly.check_unique(labels, part["image_id"])
    image_files.check_present(labels, folder, part["path"])
    notes = {
        "expert_splits": [],
        "label_files": {"": labels.path.name},
        "patients": identity.source,
        "patients_known": identity.known,
        "columns": {name: header for name, header in headers.items() if header},
        "finding_columns": found.headers,
        "columns_left_out": list(found.left_out),
        "columns_like_findings": list(found.like_findings),
    }
    return table_assembly.assemble([part], list(found.headers), "folder", folder, notes)


def _labels(folder: Path, own: OwnColumns) -> LabelFile:
    """Returns the only CSV of the folder that has a column of paths."""
    names = [name for name in image_files.listed(folder) if name.lower().endswith(".csv")]
    choices = HEADERS["path"] if own.path is None else (own.path,)
    read = [label_file.read(folder / name) for name in names]
    fitting = [labels for labels in read if labels.column(*choices)]
    if len(fitting) != 1:
        raise InputError(
            f"{folder}: must hold one CSV with a column of image paths ({', '.join(choices)}; "
            f"for another name, set `[columns] path`). Received: {len(fitting)} among {names}"
        )
    return fitting[0]


def _headers(labels: LabelFile, own: OwnColumns) -> dict[str, str | None]:
    """Returns the column of each role: the one that the user names, or one with a known name."""
    headers: dict[str, str | None] = {}
    for role, known in HEADERS.items():
        name = getattr(own, role)
        headers[role] = labels.column(*known if name is None else (name,))
        if name is not None and headers[role] is None:
            option = "--patient-column" if role == "patient" else f"[columns] {role}"
            raise InputError(
                f"{labels.path}: `{option}` must be one of its columns: "
                f"{', '.join(labels.frame.columns)}. Received: {name!r}"
            )
    named = [*(headers[role] for role in HEADERS if getattr(own, role)), *_columns_of(labels, own)]
    twice = next((header for header in named if header and named.count(header) > 1), None)
    if twice is not None:
        raise InputError(
            f"{labels.path}: `[columns]` must give each column one meaning. "
            f"Received twice: {twice!r}"
        )
    return headers


def _columns_of(labels: LabelFile, own: OwnColumns) -> list[str | None]:
    return [labels.column(header) for header in own.findings.values()]


def _one(header: str | None) -> tuple[str, ...]:
    return () if header is None else (header,)


def _mapped(labels: LabelFile, header: str | None, convert: Any, expected: str) -> np.ndarray:
    if header is None:
        return np.full(len(labels.frame), "", dtype=object)
    return labels.mapped(header, convert, expected)


def _split(text: str) -> str:
    return SPLITS[text.lower()]


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
    own_columns=True,
)
