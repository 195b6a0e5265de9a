"""PadChest (Bustos et al. 2020): PADCHEST_chest_x_ray_images_labels_160K_*.csv and its images.

`Labels` lists the labels of a report. Listed findings are positive and all others are negative,
with these exceptions:
- no label, or "exclude": all findings are unknown;
- "unchanged": the report does not repeat findings of an earlier report, so the others are unknown;
- a parent in CheXpert's hierarchy (Lung Opacity) that is not listed is unknown if a child is
  positive.
Images are in the numbered folders of the release, in one folder `images`, or in the root folder.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.datasets.parsing import image_files, label_file, mapping, table_assembly, views
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
        "pleural, without fluid or air",
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
    ("Infiltration", "infiltrates", "the NIH finding of the same name"),
    ("Mass", "pulmonary mass", "the NIH finding of the same name"),
    ("Nodule", "nodule, multiple nodules", "the NIH finding of the same name"),
    ("Emphysema", "emphysema", "the NIH finding of the same name"),
    ("Fibrosis", "pulmonary fibrosis", "the NIH finding of the same name"),
    (
        "Pleural Thickening",
        "pleural thickening, apical pleural thickening, calcified pleural thickening",
        "the NIH finding of the same name",
    ),
    ("Hernia", "hiatal hernia", "the NIH finding of the same name"),
)
_UNMAPPED: tuple[Rule, ...] = (
    Rule("pseudonodule", None, "resembles a nodule but is not one"),
    Rule("granuloma", None, "CheXpert's labeler counts it against No Finding only"),
    Rule("calcified granuloma", None, "CheXpert's labeler counts it against No Finding only"),
    Rule("mass", None, "the location is not stated"),
    Rule("volume loss", None, "has causes other than atelectasis"),
    Rule("costophrenic angle blunting", None, "may be an effusion or a scar"),
    Rule("vertebral compression", None, "not always a fracture"),
    Rule("bullas", None, "filled with air: neither a lesion nor an opacity"),
    Rule("hilar congestion", None, "congestion without edema"),
    Rule("subcutaneous emphysema", None, "not in the lung"),
)
MAPPING: tuple[Rule, ...] = (
    *(
        Rule(label, finding, reason)
        for finding, labels, reason in _GROUPS
        for label in labels.split(", ")
    ),
    *_UNMAPPED,
)
"""The mapping of labels; any other label only makes No Finding negative."""

FINDINGS: tuple[str, ...] = mapping.findings_of(MAPPING)
_EVIDENCE: dict[str, frozenset[str]] = {
    name: frozenset(rule.label for rule in MAPPING if rule.finding == name) for name in FINDINGS
}
SILENT: frozenset[str] = frozenset({"", "unchanged", "exclude", "suboptimal study"})
"""Entries of `Labels` that name no finding."""
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
    """Returns whether the folder holds PadChest's label file."""
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
        "study_id": patient + "/" + labels.text("StudyID"),  # two patients share one study id
        "view": labels.text("Projection").map(views.view),
        "sex": labels.sex("PatientSex_DICOM"),
        "age": _ages(labels),
    }
    listed = labels.mapped("Labels", states_of, "a list of labels in brackets")
    columns |= mapping.blank_parents(dict(zip(FINDINGS, listed.T, strict=True)))
    part = pd.DataFrame(columns, index=labels.frame.index)
    table_assembly.check_unique(labels, part["image_id"])
    image_files.check_present(labels, folder, part["path"])
    notes = {"expert_splits": [], "blank": "unknown", "label_files": {"": names[0]}}
    return table_assembly.assemble([part], FINDINGS, "padchest", folder, notes)


def states_of(text: str) -> np.ndarray:
    """Returns the states of the findings for one cell of `Labels`, (F,) in {1, 0, NaN}.

    Args:
        text: The cell: a list in Python syntax, blank, or nan.

    Raises:
        ValueError: The cell is not a list of labels.
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
    """Returns the state of No Finding: positive if "normal" is the only label.

    Support devices are ignored. The state is unknown for "normal" together with an abnormal label,
    and for support devices alone.
    """
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
    """Returns the year of the study minus the year of birth; NaN if one of them is unknown."""
    year = pd.to_numeric(labels.text("StudyDate_DICOM").str[:4], errors="coerce")
    birth = pd.to_numeric(labels.text("PatientBirth"), errors="coerce")
    age = (year - birth).to_numpy(np.float64)
    return np.where((age >= 0) & (age <= label_file.OLDEST), age, np.nan)


DATASET = DataSet(
    title="PadChest: 160,861 radiographs of 67,625 patients, 193 labels (Bustos et al. 2020)",
    source="https://bimcv.cipf.es/bimcv-projects/padchest",
    terms="PadChest's research-use agreement: no redistribution",
    recognise=recognise,
    read=read,
)
