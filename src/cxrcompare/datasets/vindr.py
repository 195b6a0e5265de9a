"""VinDr-CXR (Nguyen et al. 2022): image_labels_train.csv and image_labels_test.csv, as published.

Three radiologists labelled each training image independently. The labels of each reader are mapped
to findings, then combined by majority vote; a tie is uncertain. The test images have consensus
labels. Images are DICOM files in `train/` and `test/`, or JPEG or PNG files of the same names. The
data set has no patient ids, so each image counts as a separate patient.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.datasets.parsing import image_files, label_file, mapping, table_assembly
from cxrcompare.datasets.parsing.dataset import DataSet
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.datasets.parsing.mapping import Rule
from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable

MAPPING: tuple[Rule, ...] = (
    Rule("No finding", "No Finding", "none of the 27 other labels"),
    Rule("Cardiomegaly", "Cardiomegaly", "the same finding"),
    Rule("Lung Opacity", "Lung Opacity", "the same finding"),
    Rule("Infiltration", "Lung Opacity", "CheXpert's labeler counts infiltration as an opacity"),
    Rule("ILD", "Lung Opacity", "CheXpert's labeler counts interstitial lung as an opacity"),
    Rule("Nodule/Mass", "Lung Lesion", "CheXpert's labeler counts nodule and mass as a lesion"),
    Rule("Lung tumor", "Lung Lesion", "CheXpert's labeler counts tumor as a lesion"),
    Rule("Lung cavity", "Lung Lesion", "CheXpert's labeler counts a cavitary lesion as a lesion"),
    Rule("Edema", "Edema", "the same finding"),
    Rule("Consolidation", "Consolidation", "the same finding"),
    Rule("Pneumonia", "Pneumonia", "the same finding"),
    Rule("Atelectasis", "Atelectasis", "the same finding"),
    Rule("Pneumothorax", "Pneumothorax", "the same finding"),
    Rule("Pleural effusion", "Pleural Effusion", "the same finding"),
    Rule("Pleural thickening", "Pleural Other", "CheXpert's labeler counts it as Pleural Other"),
    Rule("Rib fracture", "Fracture", "CheXpert's labeler counts any fracture"),
    Rule("Clavicle fracture", "Fracture", "CheXpert's labeler counts any fracture"),
    Rule("Infiltration", "Infiltration", "the NIH finding of the same name"),
    Rule("Emphysema", "Emphysema", "the NIH finding of the same name"),
    Rule("Pulmonary fibrosis", "Fibrosis", "the NIH finding of the same name"),
    Rule("Pleural thickening", "Pleural Thickening", "the NIH finding of the same name"),
    Rule("Aortic enlargement", None, "the mediastinum can be normal"),
    Rule("Calcification", None, "no corresponding finding"),
    Rule("COPD", None, "broader than Emphysema"),
    Rule("Enlarged PA", None, "the pulmonary artery, not the mediastinum"),
    Rule(
        "Lung cyst", None, "filled with air: neither a lesion nor an opacity of CheXpert's labeler"
    ),
    Rule("Mediastinal shift", None, "a position, not a width"),
    Rule("Other lesion", None, "not specific"),
    Rule("Other diseases", None, "not specific"),
    Rule("Tuberculosis", None, "a cause with many appearances"),
)
FINDINGS: tuple[str, ...] = mapping.findings_of(MAPPING)
LABEL_FILES: dict[str, str] = {"train": "image_labels_train.csv", "test": "image_labels_test.csv"}
SPELLINGS: dict[str, tuple[str, ...]] = {"Other diseases": ("Other diseases", "Other disease")}


def recognise(folder: Path) -> bool:
    """Returns whether the folder holds the label files of VinDr-CXR."""
    return any(_label_path(folder, split) is not None for split in LABEL_FILES)


def read(folder: Path) -> ImageTable:
    """Returns the images of VinDr-CXR.

    Raises:
        InputError: Label files or images are not as published; the message names file and row.
    """
    parts: dict[str, pd.DataFrame] = {}
    sources: dict[str, str] = {}
    for split in LABEL_FILES:
        path = _label_path(folder, split)
        if path is not None:
            parts[split] = _part(folder, split, label_file.read(path))
            sources[split] = path.relative_to(folder).as_posix()
    if not parts:
        raise InputError(f"{folder}: must hold {LABEL_FILES['train']}. Received: no such file")
    notes = {
        "expert_splits": list(parts),
        "blank": "unknown",
        "label_files": sources,
        "patients": "not published: each image counts as a separate patient",
    }
    return table_assembly.assemble(list(parts.values()), FINDINGS, "vindr", folder, notes)


def majority(votes: np.ndarray, images: np.ndarray, count: int) -> np.ndarray:
    """Returns the majority vote of the readers of each image, (count, F) in {1, 0, -1, NaN}.

    Missing answers do not vote. A tie is uncertain (-1); without votes, the state is NaN.

    Args:
        votes: One row per reader and image, (R, F) in {1, 0, NaN}.
        images: The index of each row's image, (R,) int in [0, count).
        count: Number of images.
    """
    result = np.empty((count, votes.shape[1]))
    for column, answers in enumerate(votes.T):
        positive = np.bincount(images, answers == 1, count)
        negative = np.bincount(images, answers == 0, count)
        result[:, column] = np.select(
            [positive > negative, negative > positive, positive > 0], [1.0, 0.0, -1.0], np.nan
        )
    return result


def _label_path(folder: Path, split: str) -> Path | None:
    paths = (folder / "annotations" / LABEL_FILES[split], folder / LABEL_FILES[split])
    return next((path for path in paths if path.is_file()), None)


def _part(folder: Path, split: str, labels: LabelFile) -> pd.DataFrame:
    """Returns the rows of a split, one per image, from one row per reader and image."""
    image = image_files.inside(labels, labels.text("image_id"))
    reader = " read by " + labels.text("rad_id") if labels.column("rad_id") else ""
    table_assembly.check_unique(labels, image + reader, "reading")
    answers = {}
    for label in {rule.label for rule in MAPPING}:
        header = labels.text(*SPELLINGS.get(label, (label,))).name
        answers[label] = labels.mapped(str(header), _answer, "1, 0 or blank").astype(np.float64)
    votes = mapping.combine(MAPPING, answers)
    codes, ids = pd.factorize(image)
    merged = majority(np.stack([votes[name] for name in FINDINGS], axis=1), codes, len(ids))
    states = mapping.blank_parents(dict(zip(FINDINGS, merged.T, strict=True)))
    first_rows = image.index[np.unique(codes, return_index=True)[1]]
    columns: dict[str, Any] = {"image_id": ids, "patient_id": ids, "study_id": ids}
    part = pd.DataFrame({**columns, **states}, index=first_rows)
    part["view"], part["split"] = "frontal PA", split
    part["path"] = image_files.by_stem(labels, folder, split, part["image_id"])
    return part


def _answer(text: str) -> float:
    return {"": np.nan, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}[text]


DATASET = DataSet(
    title="VinDr-CXR: 18,000 radiographs, each labelled by radiologists (Nguyen et al. 2022)",
    source="https://physionet.org/content/vindr-cxr",
    terms="PhysioNet credentialed access: training, data use agreement, no redistribution",
    recognise=recognise,
    read=read,
)
