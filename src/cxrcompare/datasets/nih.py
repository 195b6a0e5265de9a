"""NIH ChestX-ray14 (Wang et al. 2017): Data_Entry_2017*.csv and its image folders, as published.

Images are in `images/`, in `images_001/` to `images_012/`, or in a subfolder `images` of each of
these. The folder may also be one of the image folders: the label file is then searched in its
parents, and only the images of that folder are read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare import findings
from cxrcompare.datasets.parsing import image_files, label_file, table_assembly
from cxrcompare.datasets.parsing.dataset import DataSet
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable

LISTS: dict[str, str] = {"train_val_list.txt": "train", "test_list.txt": "test"}
"""The official split, which has no validation set; `labels.splits` derives one from training."""
COLUMNS: tuple[str, ...] = (
    "Image Index",
    "Finding Labels",
    "Follow-up #",
    "Patient ID",
    "Patient Age",
    "Patient Gender",
    "View Position",
)
VIEWS: dict[str, str] = {"AP": "frontal AP", "PA": "frontal PA", "": "frontal"}


def recognise(folder: Path) -> bool:
    """Returns whether the folder, or a parent of an image folder, holds NIH's label file."""
    return bool(_label_files(folder)) or _above(folder) is not None


def read(folder: Path) -> ImageTable:
    """Returns the images of NIH ChestX-ray14. A finding that is not listed is negative.

    Args:
        folder: The folder of the label file, or an image folder in it.

    Raises:
        InputError: Label file or images are not as published; the message names file and row.
    """
    root = folder if _label_files(folder) else _above(folder)
    if root is None or len(_label_files(root)) != 1:
        raise InputError(
            f"{folder}: must hold one label file Data_Entry_2017_v2020.csv (or Data_Entry_2017.csv)"
            f". Received: {len(_label_files(root)) if root else 0} of them"
        )
    labels = label_file.read(root / _label_files(root)[0], COLUMNS)
    part = _part(labels)
    table_assembly.check_unique(labels, part["image_id"])
    notes: dict[str, Any] = {
        "expert_splits": [],
        "blank": "unknown",
        "label_files": {"": labels.path.name},
    }
    if root == folder:
        part["path"] = _paths(labels, root, part["image_id"])
    else:
        inside = folder.relative_to(root).as_posix()
        present = part["image_id"].isin(image_files.images_in(folder)).to_numpy()
        notes["rows_left_out"] = int((~present).sum())
        part = part[present].assign(path=lambda kept: f"{inside}/" + kept["image_id"])
        if part.empty:
            raise InputError(f"{folder}: must hold images that {labels.path} names. Received: none")
    part["split"] = _splits(root, part["image_id"])
    return table_assembly.assemble([part], findings.NIH, "nih", root, notes)


def _label_files(folder: Path) -> list[str]:
    names = image_files.listed(folder)
    return [name for name in names if re.fullmatch(r"Data_Entry_2017.*\.csv(\.gz)?", name)]


def _above(folder: Path) -> Path | None:
    """Returns the parent or grandparent of an image folder that holds the label file."""
    if not folder.name.startswith("images") or not folder.is_dir():
        return None
    return next((above for above in folder.parents[:2] if _label_files(above)), None)


def _part(labels: LabelFile) -> pd.DataFrame:
    image = image_files.inside(labels, labels.text("Image Index"))
    patient = labels.text("Patient ID").str.zfill(8)
    columns: dict[str, Any] = {
        "image_id": image,
        "patient_id": patient,
        "study_id": patient + "_" + labels.text("Follow-up #").str.zfill(3),
        "view": labels.mapped("View Position", lambda text: VIEWS[text.upper()], "AP or PA"),
        "sex": labels.sex("Patient Gender"),
        "age": labels.age("Patient Age"),
    }
    listed = labels.mapped("Finding Labels", _listed, "findings of NIH separated by |")
    for index, name in enumerate(findings.NIH):
        columns[name] = listed[:, index]
    return pd.DataFrame(columns, index=labels.frame.index)


def _listed(text: str) -> np.ndarray:
    """Returns the label states of NIH's findings: 1 if the text lists the finding, otherwise 0."""
    names = {findings.canonical(name) for name in text.split("|")}
    if not names <= {*findings.NIH, "No Finding"} or ("No Finding" in names and len(names) > 1):
        raise ValueError(text)
    return np.array([float(name in names) for name in findings.NIH])


def _paths(labels: LabelFile, root: Path, images: pd.Series) -> pd.Series:
    """Returns the path of each image, found in the image folders."""
    folders = []
    for name in image_files.listed(root):
        if re.fullmatch(r"images(_\d+)?", name) and (root / name).is_dir():
            inner = root / name / "images"
            folders.append(f"{name}/images" if inner.is_dir() else name)
    folder_of: dict[str, str] = {}
    for folder in folders:
        for name in image_files.listed(root / folder):
            if name in folder_of:
                raise InputError(
                    f"{root}: each image must be in one folder. "
                    f"Received: {name} in {folder_of[name]} and in {folder}"
                )
            folder_of[name] = folder
    absent = ~images.isin(folder_of.keys()).to_numpy()
    if absent.any():
        first = int(np.argmax(absent))
        searched = ", ".join(folders) or "images/, images_001/, ... (no such folder exists)"
        labels.complain(
            images.index[first],
            f"must name an image in {searched} below {root}; {absent.sum():,} of {len(images):,} "
            "are missing",
            images.iloc[first],
        )
    return images.map(folder_of) + "/" + images


def _splits(root: Path, images: pd.Series) -> np.ndarray:
    """Returns the official split of each image; blank if no list contains it."""
    split = np.full(len(images), "", dtype=object)
    for name, part in LISTS.items():
        if not (root / name).is_file():
            continue
        try:
            text = (root / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{root / name}: must be a text file. Received: {error}") from error
        on_list = images.isin({line.strip() for line in text.splitlines()}).to_numpy()
        if (on_list & (split != "")).any():
            both = images.iloc[int(np.argmax(on_list & (split != "")))]
            raise InputError(f"{root / name}: must not list an image of the other list: {both}")
        split[on_list] = part
    return split


DATASET = DataSet(
    title="NIH ChestX-ray14: 112,120 radiographs, 30,805 patients, 14 findings (Wang et al. 2017)",
    source="https://nihcc.app.box.com/v/ChestXray-NIHCC",
    terms="no restriction; link to the source, cite the paper, acknowledge the NIH Clinical Center",
    recognise=recognise,
    read=read,
)
