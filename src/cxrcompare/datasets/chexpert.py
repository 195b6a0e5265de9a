"""CheXpert (Irvin et al. 2019): train.csv, valid.csv and the labels of the test set, as released.

The folder is the release (`CheXpert-v1.0-small`, `CheXpert-v1.0`) or its parent. `Path` values
begin with the name of the release; it is removed, so the folder can have any name and location. Ids
are those of `identifiers.parse` and are the same in every release. Test labels name images or
studies; the images of a study are then found on disk. The full release can be read as it is
downloaded, in batches (`CheXpert-v1.0 batch 1 (validate & csv)` etc.).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare import identifiers
from cxrcompare.datasets.parsing import image_files, label_file, table_assembly
from cxrcompare.datasets.parsing.dataset import DataSet
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.findings import CHEXPERT
from cxrcompare.image_table import ImageTable

LABEL_FILES: dict[str, tuple[str, ...]] = {
    "train": ("train.csv",),
    "valid": ("valid.csv", "valid_labels.csv", "val_labels.csv"),
    "test": ("test.csv", "test_labels.csv", "groundtruth.csv", "test/groundtruth.csv"),
}
FOLDERS: dict[str, tuple[str, ...]] = {
    "train": ("train",),
    "valid": ("valid", "val"),
    "test": ("test",),
}
EXPERT_SPLITS: tuple[str, ...] = ("valid", "test")
"""Splits in which radiologists labelled every finding; a blank is not a negative there."""


def recognise(folder: Path) -> bool:
    """Returns whether the folder, or one folder in it, holds label files of CheXpert."""
    return len(_releases(folder)) == 1


def read(folder: Path) -> ImageTable:
    """Returns the images of a release of CheXpert.

    Args:
        folder: The release's folder, or its parent.

    Raises:
        InputError: Label files or images are not as released; the message names file and row.
    """
    releases = _releases(folder)
    if len(releases) != 1:
        raise InputError(
            f"{folder}: must be or hold one release of CheXpert (a folder with train.csv, valid.csv"
            f" or the test set's labels). Received: {len(releases)} of them"
        )
    root = releases[0]
    parts: dict[str, pd.DataFrame] = {}
    sources: dict[str, str] = {}
    for split in LABEL_FILES:
        labels = _labels_of(root, split)
        if labels is not None:
            parts[split] = _part(root, split, labels)
            sources[split] = labels.path.relative_to(root).as_posix()
    notes: dict[str, Any] = {
        "expert_splits": [split for split in EXPERT_SPLITS if split in parts],
        "label_files": sources,
    }
    sample = root / "sample.json"
    description = files.read_json(sample) if sample.is_file() else None
    if isinstance(description, dict) and description.get("synthetic") is True:
        notes |= {"synthetic": True, "sample": description}
    return table_assembly.assemble(list(parts.values()), CHEXPERT, "chexpert", root, notes)


def _releases(folder: Path) -> list[Path]:
    if _is_release(folder):
        return [folder]
    return [
        folder / name
        for name in image_files.listed(folder)
        if (folder / name).is_dir() and _is_release(folder / name)
    ]


def _is_release(root: Path) -> bool:
    """Returns whether a split has a label file with CheXpert's columns and a folder of images."""
    labels = _label_folder(root)
    return any(
        {"path", "study"} & set(label_file.header(labels / name)) and _folders(root, split)
        for split, names in LABEL_FILES.items()
        for name in names
    )


def _label_folder(root: Path) -> Path:
    """Returns the folder of the label files: the first batch if the release is in batches."""
    first = (name for name in image_files.listed(root) if "batch 1" in name)
    return root if (root / "train.csv").is_file() else root / next(first, "")


def _folders(root: Path, split: str) -> list[str]:
    """Returns the existing folders of a split's patients, relative to the release."""
    inside = _label_folder(root).relative_to(root).as_posix()
    names = [*FOLDERS[split], *(f"{inside}/{name}" for name in FOLDERS[split])]
    existing = [name for name in names if (root / name).is_dir()]
    return existing or (_batches(root) if split == "train" else [])


def _batches(root: Path) -> list[str]:
    return [name for name in image_files.listed(root) if re.search(r"batch.*\(train \d+\)$", name)]


def _labels_of(root: Path, split: str) -> LabelFile | None:
    """Returns the split's first label file that has findings.

    The public `test.csv` of some releases has image paths but no labels.
    """
    for name in LABEL_FILES[split]:
        path = _label_folder(root) / name
        if path.is_file():
            labels = label_file.read(path)
            if labels.findings() or split == "train":
                return labels
    return None


def _part(root: Path, split: str, labels: LabelFile) -> pd.DataFrame:
    """Returns the rows of a split, one per image."""
    known = labels.findings()
    missing = [name for name in CHEXPERT if name not in known]
    if missing and split != "test":
        raise InputError(
            f"{labels.path}: must have a column for each of CheXpert's 14 findings. "
            f"Received: none for {', '.join(missing)}"
        )
    columns: dict[str, Any] = {
        name: labels.states(known[name]) for name in CHEXPERT if name in known
    }
    columns["sex"] = labels.sex("Sex")
    age = labels.age("Age")
    columns["age"] = np.where(age == 0, np.nan, age)  # adults only: 0 means unknown
    columns["ap_pa"] = _column(labels, "AP/PA")
    columns["plane"] = _column(labels, "Frontal/Lateral")
    named = pd.DataFrame(columns, index=labels.frame.index)
    part = _with_images(root, split, labels, named)
    table_assembly.check_unique(labels, part["image_id"])
    image_files.check_present(labels, root, part["path"])
    part["view"] = _views(labels, part)
    part["split"] = split
    return part


def _column(labels: LabelFile, name: str) -> np.ndarray:
    header = labels.column(name)
    if header is None:
        return np.full(len(labels.frame), "", dtype=object)
    return labels.frame[header].str.strip().to_numpy(object)


def _with_images(root: Path, split: str, labels: LabelFile, named: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows with ids and paths; the row of a study becomes one row per image."""
    paths = image_files.inside(labels, labels.text("Path", "Study"))
    existing = _folders(root, split)
    batch = {
        patient: name for name in _batches(root) for patient in image_files.listed(root / name)
    }
    folders: dict[str, str] = {}
    found: list[tuple[int, str, str, str, str]] = []
    for index, path in enumerate(paths.tolist()):
        parts = identifiers.parse(path)
        if parts is None:
            labels.complain(
                paths.index[index],
                "must be like CheXpert-v1.0/train/patient00001/study1/view1_frontal.jpg",
                path,
            )
        above = path[: path.lower().rfind(parts.patient.lower() + "/")].strip("/")
        if above not in folders:
            folders[above] = _folder(root, above, existing, split)
        folder = batch.get(parts.patient, folders[above])
        images = [parts.image] if parts.image else list(_images_of(root, folder, parts))
        if not images:
            labels.complain(
                paths.index[index], f"must name a study with images below {root / folder}", path
            )
        found += [
            (index, image, f"{folder}/{image}", parts.patient, parts.study) for image in images
        ]
    indices, *ids = zip(*found, strict=True)
    part = named.iloc[list(indices)].copy()
    for column, values in zip(("image_id", "path", "patient_id", "study_id"), ids, strict=True):
        part[column] = list(values)
    return part


def _folder(root: Path, above: str, existing: Sequence[str], split: str) -> str:
    """Returns the folder of the patients, relative to the release.

    Args:
        root: The release's folder.
        above: The part of a path before the patient: `CheXpert-v1.0/train`.
        existing: The existing folders of the split.
        split: The split of the label file.
    """
    after_release = above.partition("/")[2]
    named = (name for name in (after_release, above) if name and (root / name).is_dir())
    return next(named, next(iter(existing), split))


def _images_of(root: Path, folder: str, parts: identifiers.PathParts) -> Iterator[str]:
    for name in image_files.images_in(root / folder / parts.study):
        yield f"{parts.study}/{name}"


def _views(labels: LabelFile, part: pd.DataFrame) -> np.ndarray:
    """Returns the view of each image, from the columns or, if they are blank, the file name."""
    plane = part["plane"].str.lower()
    invalid = ~plane.isin(["frontal", "lateral", ""])
    if invalid.any():
        row = part.index[int(np.argmax(invalid))]
        labels.complain(row, "`Frontal/Lateral` must be Frontal or Lateral", part["plane"][row])
    name = part["image_id"].str.rpartition("/")[2].str.lower()
    lateral = (plane == "lateral") | ((plane == "") & name.str.contains("lateral"))
    frontal = (plane == "frontal") | ((plane == "") & name.str.contains("frontal"))
    projection = part["ap_pa"].str.upper()
    return np.select(
        [lateral, frontal & (projection == "AP"), frontal & (projection == "PA"), frontal],
        ["lateral", "frontal AP", "frontal PA", "frontal"],
        "",
    ).astype(object)


DATASET = DataSet(
    title="CheXpert: 224,316 radiographs of 65,240 patients, 14 findings (Irvin et al. 2019)",
    source="https://stanfordaimi.azurewebsites.net (search CheXpert)",
    terms="Stanford's research-use agreement: non-commercial, no redistribution",
    recognise=recognise,
    read=read,
)
