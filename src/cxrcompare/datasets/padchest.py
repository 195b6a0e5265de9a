"""PadChest (Bustos et al. 2020): PADCHEST_chest_x_ray_images_labels_160K_*.csv and its images.

`Labels` lists what a report names. What is listed is positive and the rest negative, but for these:
- no label at all, or "exclude": nothing is known of the image;
- "unchanged": the report leaves out what an earlier one named, so the rest is not known;
- a parent in CheXpert's hierarchy (Lung Opacity) is not known where a child is positive and it is
  not listed itself.
Images lie in the numbered folders of the release, or all in one folder `images`, or in the root.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.datasets.parsing import image_files, label_file, mapping, rows, views
from cxrcompare.datasets.parsing.dataset import DataSet
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.datasets.parsing.mapping import Rule
from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable

_GROUPS: tuple[tuple[str, str, str], ...] = (
    ("No Finding", "normal", "the report calls the image normal"),
    (
        "Enlarged Cardiomediastinum",
        "mediastinal enlargement, superior mediastinal enlargement",
        "a wide mediastinum",
    ),
    ("Cardiomegaly", "cardiomegaly", "the same finding"),
    (
        "Lung Opacity",
        "infiltrates, increased density, interstitial pattern, reticular interstitial pattern, "
        "reticulonodular interstitial pattern",
        "CheXpert's labeler counts these words as an opacity",
    ),
    (
        "Lung Opacity",
        "alveolar pattern, ground glass pattern, miliary opacities",
        "opacities by definition (Fleischner Society glossary, Hansell et al. 2008)",
    ),
    (
        "Lung Lesion",
        "nodule, multiple nodules, pulmonary mass, cavitation, lung metastasis, "
        "lepidic adenocarcinoma",
        "CheXpert's labeler counts nodule, mass, cavitary lesion, carcinoma and tumor as a lesion",
    ),
    ("Edema", "pulmonary edema", "the same finding"),
    ("Edema", "heart insufficiency", "CheXpert's labeler counts heart failure as Edema"),
    ("Consolidation", "consolidation", "the same finding"),
    ("Consolidation", "air bronchogram", "a sign of consolidation, its child in PadChest's tree"),
    ("Pneumonia", "pneumonia, atypical pneumonia", "the same finding"),
    (
        "Atelectasis",
        "atelectasis, laminar atelectasis, lobar atelectasis, segmental atelectasis, "
        "total atelectasis, round atelectasis, atelectasis basal",
        "kinds of atelectasis",
    ),
    ("Pneumothorax", "pneumothorax, hydropneumothorax", "air in the pleural space"),
    (
        "Pleural Effusion",
        "pleural effusion, loculated pleural effusion, loculated fissural effusion, "
        "hydropneumothorax",
        "fluid in the pleural space",
    ),
    (
        "Pleural Other",
        "pleural thickening, apical pleural thickening, calcified pleural thickening, "
        "pleural plaques, calcified pleural plaques, pleural mass",
        "pleural, and no fluid or air",
    ),
    (
        "Fracture",
        "fracture, rib fracture, callus rib fracture, vertebral fracture, clavicle fracture, "
        "humeral fracture",
        "CheXpert's labeler counts any fracture, healed ones too",
    ),
    (
        "Support Devices",
        "NSG tube, endotracheal tube, tracheostomy tube, chest drain tube, gastrostomy tube, "
        "nephrostomy tube, ventriculoperitoneal drain tube, catheter, central venous catheter, "
        "central venous catheter via jugular vein, central venous catheter via subclavian vein, "
        "central venous catheter via umbilical vein, reservoir central venous catheter, "
        "pacemaker, dual chamber device, single chamber device, electrical device, dai, "
        "artificial heart valve, artificial mitral heart valve, artificial aortic heart valve, "
        "osteosynthesis material, humeral prosthesis",
        "CheXpert's labeler counts tube, catheter, pacemaker, device, defibrillator, valve, "
        "hardware and arthroplasty",
    ),
    ("Infiltration", "infiltrates", "NIH's finding of that name"),
    ("Mass", "pulmonary mass", "NIH's finding of that name"),
    ("Nodule", "nodule, multiple nodules", "NIH's finding of that name"),
    ("Emphysema", "emphysema", "NIH's finding of that name"),
    ("Fibrosis", "pulmonary fibrosis", "NIH's finding of that name"),
    (
        "Pleural Thickening",
        "pleural thickening, apical pleural thickening, calcified pleural thickening",
        "NIH's finding of that name",
    ),
    ("Hernia", "hiatal hernia", "NIH's finding of that name"),
)
_UNMAPPED: tuple[Rule, ...] = (
    Rule("pseudonodule", None, "looks like a nodule and is none"),
    Rule("granuloma", None, "CheXpert's labeler counts it against No Finding only"),
    Rule("calcified granuloma", None, "CheXpert's labeler counts it against No Finding only"),
    Rule("mass", None, "does not say where"),
    Rule("volume loss", None, "has causes other than atelectasis"),
    Rule("costophrenic angle blunting", None, "an effusion or a scar"),
    Rule("vertebral compression", None, "a shape, not always a fracture"),
    Rule("bullas", None, "air: neither a lesion nor an opacity"),
    Rule("hilar congestion", None, "a sign short of oedema"),
    Rule("subcutaneous emphysema", None, "not of the lung"),
)
MAPPING: tuple[Rule, ...] = (
    *(
        Rule(label, finding, reason)
        for finding, labels, reason in _GROUPS
        for label in labels.split(", ")
    ),
    *_UNMAPPED,
)
"""Labels that are not named here count against No Finding and for nothing else."""

FINDINGS: tuple[str, ...] = mapping.findings_of(MAPPING)
_EVIDENCE: dict[str, frozenset[str]] = {
    name: frozenset(rule.label for rule in MAPPING if rule.finding == name) for name in FINDINGS
}
SILENT: frozenset[str] = frozenset({"", "unchanged", "exclude", "suboptimal study"})
"""Entries that name nothing."""
COLUMNS: tuple[str, ...] = (
    "ImageID",
    "ImageDir",
    "StudyDate_DICOM",
    "StudyID",
    "PatientID",
    "PatientBirth",
    "PatientSex_DICOM",
    "Projection",
    "Labels",
)


def recognise(folder: Path) -> bool:
    """Says whether the folder holds PadChest's label file."""
    return bool(_label_files(folder))


def read(folder: Path) -> ImageTable:
    """Returns the images of PadChest.

    Raises:
        InputError: Label file or images are not as published; the message names file and row.
    """
    names = _label_files(folder)
    if len(names) != 1:
        raise InputError(f"{folder}: must hold one PADCHEST_*.csv. Received: {len(names)} of them")
    labels = label_file.read(folder / names[0], COLUMNS)
    image = image_files.inside(labels, labels.text("ImageID"))
    patient = labels.text("PatientID")
    columns: dict[str, Any] = {
        "image_id": image,
        "path": _paths(folder, labels, image),
        "patient_id": patient,
        "study_id": patient + "/" + labels.text("StudyID"),  # one study id has two patients
        "view": labels.text("Projection").map(views.view),
        "sex": labels.sex("PatientSex_DICOM"),
        "age": _ages(labels),
    }
    listed = labels.mapped("Labels", states_of, "a list of labels in brackets")
    columns |= mapping.blank_parents(dict(zip(FINDINGS, listed.T, strict=True)))
    part = pd.DataFrame(columns, index=labels.frame.index)
    rows.check_unique(labels, part["image_id"])
    image_files.check_present(labels, folder, part["path"])
    notes = {"expert_splits": [], "blank": "unknown", "label_files": {"": names[0]}}
    return rows.assemble([part], FINDINGS, "padchest", folder, notes)


def states_of(text: str) -> np.ndarray:
    """Returns what one field of `Labels` says of each finding, (F,) in {1, 0, NaN}.

    Args:
        text: The field: a list as Python writes it, blank or nan.

    Raises:
        ValueError: The field is no list of labels.
    """
    listed = _parsed(text)
    named = listed - SILENT
    if not named or "exclude" in listed:
        return np.full(len(FINDINGS), np.nan)
    rest = np.nan if "unchanged" in listed else 0.0
    states = [1.0 if named & _EVIDENCE[finding] else rest for finding in FINDINGS]
    states[FINDINGS.index("No Finding")] = _no_finding(named)
    return np.array(states)


def _no_finding(named: set[str]) -> float:
    """Positive for "normal" alone; support devices do not make an image abnormal, nor normal."""
    if named - {"normal"} - _EVIDENCE["Support Devices"]:
        return np.nan if "normal" in named else 0.0
    return 1.0 if "normal" in named else np.nan


def _parsed(text: str) -> set[str]:
    if text in ("", "nan"):
        return set()
    try:
        listed = ast.literal_eval(text)
    except (SyntaxError, ValueError) as error:
        raise ValueError(text) from error
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise ValueError(text)
    return {item.strip() for item in listed}


def _label_files(folder: Path) -> list[str]:
    names = image_files.listed(folder)
    return [
        name
        for name in names
        if name.startswith("PADCHEST_") and name.endswith((".csv", ".csv.gz"))
    ]


def _paths(folder: Path, labels: LabelFile, image: pd.Series) -> pd.Series:
    numbered = image_files.inside(labels, labels.text("ImageDir"))
    first = numbered.iloc[0]
    for top in ("", "images/"):
        if (folder / f"{top}{first}").is_dir():
            return top + numbered + "/" + image
    return "images/" + image if (folder / "images").is_dir() else image


def _ages(labels: LabelFile) -> np.ndarray:
    """Returns years from the year of birth to the year of the study; NaN where one is not known."""
    year = pd.to_numeric(labels.text("StudyDate_DICOM").str[:4], errors="coerce")
    birth = pd.to_numeric(labels.text("PatientBirth"), errors="coerce")
    age = (year - birth).to_numpy(np.float64)
    return np.where((age >= 0) & (age <= label_file.OLDEST), age, np.nan)


DATASET = DataSet(
    title="PadChest: 160,861 radiographs of 67,625 patients, 193 labels (Bustos et al. 2020)",
    source="https://bimcv.cipf.es/bimcv-projects/padchest",
    terms="PadChest's research-use agreement: not to be passed on",
    recognise=recognise,
    read=read,
)
