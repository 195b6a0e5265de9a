"""MIMIC-CXR-JPG (Johnson et al. 2019): its metadata, split and CheXpert label files, as published.

The metadata file lists the images, the split file their splits, and the label file CheXpert's 14
findings of each study, extracted from the report. Images of the few studies without a row of labels
are left out and counted, because blank labels would mean "not mentioned". Sex and age are in
MIMIC-IV and are not read. The manual labels of version 2.1 cover only 687 studies of the test split
and are not used.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.datasets.parsing import image_files, label_file, table_assembly, views
from cxrcompare.datasets.parsing.dataset import DataSet
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT
from cxrcompare.image_table import ImageTable

SPLITS: dict[str, str] = {"train": "train", "validate": "valid", "test": "test"}


def recognise(folder: Path) -> bool:
    """Returns whether the folder holds the metadata file of MIMIC-CXR-JPG."""
    return bool(_files(folder, "metadata"))


def read(folder: Path) -> ImageTable:
    """Returns the images of MIMIC-CXR-JPG.

    Raises:
        InputError: Files or images are not as published; the message names file and row.
    """
    metadata = _required(folder, "metadata", ("dicom_id", "subject_id", "study_id", "ViewPosition"))
    part = _images(metadata)
    table_assembly.check_unique(metadata, part["image_id"])
    image_files.check_present(metadata, folder, part["path"])
    labels = _required(folder, "chexpert", ("subject_id", "study_id", *CHEXPERT))
    images = len(part)
    part = _with_states(part, labels)
    sources = {"images": metadata.path.name, "labels": labels.path.name}
    if _files(folder, "split"):
        splits = _required(folder, "split", ("dicom_id", "split"))
        part["split"] = _splits(part["image_id"], splits)
        sources["split"] = splits.path.name
    notes = {
        "expert_splits": [],
        "label_files": sources,
        "images_without_labels": images - len(part),
    }
    return table_assembly.assemble([part], CHEXPERT, "mimic", folder, notes)


def _files(folder: Path, what: str) -> list[str]:
    """Returns the names of the files of one kind: `mimic-cxr-2.0.0-<what>.csv`, gzipped or not."""
    pattern = rf"mimic-cxr-[\d.]+-{what}\.csv(\.gz)?"
    return [name for name in image_files.listed(folder) if re.fullmatch(pattern, name)]


def _required(folder: Path, what: str, columns: tuple[str, ...]) -> LabelFile:
    names = _files(folder, what)
    if not names:
        raise InputError(
            f"{folder}: must hold mimic-cxr-2.0.0-{what}.csv or .csv.gz. Received: no such file"
        )
    return label_file.read(folder / names[0], columns)  # the plain file before the gzipped one


def _images(metadata: LabelFile) -> pd.DataFrame:
    image = image_files.inside(metadata, metadata.text("dicom_id"))
    patient = _number(metadata, "subject_id")
    study = _number(metadata, "study_id")
    path = "files/p" + patient.str[:2] + "/p" + patient + "/s" + study + "/" + image + ".jpg"
    columns = {
        "image_id": image,
        "path": path,
        "patient_id": patient,
        "study_id": study,
        "view": metadata.text("ViewPosition").map(views.view),
    }
    return pd.DataFrame(columns, index=metadata.frame.index)


def _number(labels: LabelFile, column: str) -> pd.Series:
    values = labels.text(column)
    wrong = ~values.str.fullmatch(r"\d+").to_numpy(bool)
    if wrong.any():
        row = values.index[int(np.argmax(wrong))]
        labels.complain(row, f"`{column}` must be a number", values[row])
    return values


def _with_states(part: pd.DataFrame, labels: LabelFile) -> pd.DataFrame:
    """Returns the images of labelled studies, with the labels of their study."""
    known = labels.findings()
    missing = [name for name in CHEXPERT if name not in known]
    if missing:
        raise InputError(f"{labels.path}: must have columns {', '.join(missing)}. Received: none")
    studies = _number(labels, "study_id")
    table_assembly.check_unique(labels, studies, "study")
    indices = pd.Index(studies).get_indexer(pd.Index(part["study_id"]))
    if (indices < 0).all():
        raise InputError(
            f"{labels.path}: must label a study of the metadata. Received: none of them"
        )
    states: dict[str, Any] = {
        name: labels.states(known[name])[indices[indices >= 0]] for name in CHEXPERT
    }
    return part[indices >= 0].assign(**states)


def _splits(images: pd.Series, splits: LabelFile) -> np.ndarray:
    ids = splits.text("dicom_id")
    table_assembly.check_unique(splits, ids)
    values = splits.mapped("split", lambda text: SPLITS[text], "train, validate or test")
    indices = pd.Index(ids).get_indexer(pd.Index(images))
    return np.where(indices >= 0, values[indices], "").astype(object)


DATASET = DataSet(
    title="MIMIC-CXR-JPG: 377,110 radiographs, 227,827 studies, 14 findings (Johnson et al. 2019)",
    source="https://physionet.org/content/mimic-cxr-jpg",
    terms="PhysioNet credentialed access: training, data use agreement, no redistribution",
    recognise=recognise,
    read=read,
)
