"""BRAX (Reis et al. 2022): master_spreadsheet_update.csv with CheXpert's 14 findings, and images.

Labels were extracted from reports in Portuguese with CheXpert's method, so no mapping is needed.
Ages are given in steps of five years; "85 or more" is read as 85. There is no official split.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cxrcompare.datasets.parsing import image_files, label_file, table_assembly, views
from cxrcompare.datasets.parsing.dataset import DataSet
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT
from cxrcompare.image_table import ImageTable

LABEL_FILES: tuple[str, ...] = ("master_spreadsheet_update.csv", "master_spreadsheet.csv")


def recognise(folder: Path) -> bool:
    """Returns whether the folder holds BRAX's spreadsheet."""
    return _label_path(folder) is not None


def read(folder: Path) -> ImageTable:
    """Returns the images of BRAX: the PNG files, or the DICOM files if there are no PNG files.

    Raises:
        InputError: Label file or images are not as published; the message names file and row.
    """
    path = _label_path(folder)
    if path is None:
        raise InputError(f"{folder}: must hold {LABEL_FILES[0]}. Received: no such file")
    labels = label_file.read(path)
    known = labels.findings()
    missing = [name for name in CHEXPERT if name not in known]
    if missing:
        raise InputError(f"{path}: must have columns for {', '.join(missing)}. Received: none")
    patient = labels.text("PatientID")
    image = image_files.inside(labels, _image_column(folder, labels))
    columns: dict[str, Any] = {
        "image_id": image,
        "path": image,
        "patient_id": patient,
        # Accession numbers are random, so a study is identified only together with the patient.
        "study_id": patient + "/" + labels.text("AccessionNumber"),
        "view": labels.text("ViewPosition").map(views.view),
        "sex": labels.sex("PatientSex"),
        "age": labels.age("PatientAge"),
    }
    columns |= {name: labels.states(known[name]) for name in CHEXPERT}
    part = pd.DataFrame(columns, index=labels.frame.index)
    table_assembly.check_unique(labels, part["image_id"])
    image_files.check_present(labels, folder, part["path"])
    notes = {"expert_splits": [], "label_files": {"": path.name}}
    return table_assembly.assemble([part], CHEXPERT, "brax", folder, notes)


def _label_path(folder: Path) -> Path | None:
    existing = (folder / name for name in LABEL_FILES if (folder / name).is_file())
    return next(existing, None)


def _image_column(folder: Path, labels: LabelFile) -> pd.Series:
    """Returns the column of PNG paths, or that of DICOM paths if the PNG folder does not exist."""
    png = labels.text("PngPath")
    if labels.column("DicomPath") is None or _top_folder(folder, png).is_dir():
        return png
    dicom_paths = labels.text("DicomPath")
    return dicom_paths if _top_folder(folder, dicom_paths).is_dir() else png


def _top_folder(folder: Path, paths: pd.Series) -> Path:
    """Returns the folder in which the first path begins, below `folder`."""
    return folder / str(paths.iloc[0]).replace("\\", "/").split("/")[0]


DATASET = DataSet(
    title="BRAX: 40,967 radiographs of 24,959 studies, CheXpert's 14 findings (Reis et al. 2022)",
    source="https://physionet.org/content/brax",
    terms="PhysioNet credentialed access: training, data use agreement, no redistribution",
    recognise=recognise,
    read=read,
)
