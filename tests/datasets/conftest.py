"""Tiny data sets in the published layouts, and the expected table of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from cxrcompare import findings


@dataclass
class Layout:
    """The files of a data set as text, its images, and the expected table.

    `path` and `state` name a file and a column of it: the one that names images and one that holds
    label states. `wrong` is a value that the column of states must refuse.
    """

    files: dict[str, pd.DataFrame]
    images: list[str]
    expected: pd.DataFrame
    path: tuple[str, str]
    state: tuple[str, str]
    wrong: str
    texts: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path, encoding: str = "utf-8", newline: str = "\n") -> Path:
        for name, frame in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            text = frame.to_csv(index=False, lineterminator=newline)
            file.write_bytes(text.encode(encoding))
        for name, text in self.texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        for name in self.images:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(b"")
        return folder

    def replaced(self, file: str, frame: pd.DataFrame) -> Layout:
        return dataclasses.replace(self, files={**self.files, file: frame})


def _text(rows: list[dict[str, str]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame([[row.get(name, "") for name in columns] for row in rows], columns=columns)


def _expected(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows).set_index("image_id").sort_index()


def chexpert() -> Layout:
    columns = ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *findings.CHEXPERT]
    release = "CheXpert-v1.0-small"

    def row(path: str, *who: str, **states: str) -> dict[str, str]:
        named = {name.replace("_", " "): value for name, value in states.items()}
        keys = ("Sex", "Age", "Frontal/Lateral", "AP/PA")
        return {"Path": f"{release}/{path}", **dict(zip(keys, who, strict=True)), **named}

    one, two, five = (f"patient0000{n}/study1" for n in (1, 2, 5))
    train = [
        row(f"train/{one}/view1_frontal.jpg", "Female", "68", "Frontal", "AP", Edema="1.0"),
        row(f"train/{one}/view2_lateral.jpg", "Female", "68", "Lateral", "", Edema="1.0"),
        row(
            f"train/{two}/view1_frontal.jpg",
            "Male",
            "87",
            "Frontal",
            "PA",
            Edema="-1.0",
            Lung_Lesion="0.0",
        ),
    ]
    clean = dict.fromkeys((name.replace(" ", "_") for name in findings.CHEXPERT), "0.0")
    valid = [
        row(
            f"valid/{five}/view1_frontal.jpg",
            "Unknown",
            "0",
            "Frontal",
            "LL",
            **{**clean, "Fracture": "1.0"},
        ),
    ]
    test = [{"Study": "CheXpert-v1.0/test/patient00009/study1", "Lung Lesion": "1", "Edema": "0"}]
    images = [r["Path"].removeprefix(f"{release}/") for r in train + valid]
    nine = "patient00009/study1"
    images += [f"test/{nine}/view1_frontal.jpg", f"test/{nine}/view2_lateral.jpg"]
    expected: list[dict[str, object]] = [
        {
            "image_id": f"{one}/view1_frontal.jpg",
            "patient_id": "patient00001",
            "study_id": one,
            "view": "frontal AP",
            "sex": "F",
            "age": 68.0,
            "split": "train",
            "Edema": 1.0,
        },
        {
            "image_id": f"{one}/view2_lateral.jpg",
            "patient_id": "patient00001",
            "study_id": one,
            "view": "lateral",
            "sex": "F",
            "age": 68.0,
            "split": "train",
            "Edema": 1.0,
        },
        {
            "image_id": f"{two}/view1_frontal.jpg",
            "patient_id": "patient00002",
            "study_id": two,
            "view": "frontal PA",
            "sex": "M",
            "age": 87.0,
            "split": "train",
            "Edema": -1.0,
            "Lung Lesion": 0.0,
        },
        {
            "image_id": f"{five}/view1_frontal.jpg",
            "patient_id": "patient00005",
            "study_id": five,
            "view": "frontal",
            "sex": "",
            "split": "valid",
            **dict.fromkeys(findings.CHEXPERT, 0.0),
            "Fracture": 1.0,
        },
        *(
            {
                "image_id": f"{nine}/view{k}.jpg",
                "patient_id": "patient00009",
                "study_id": nine,
                "view": k[2:],
                "sex": "",
                "split": "test",
                "Lung Lesion": 1.0,
                "Edema": 0.0,
            }
            for k in ("1_frontal", "2_lateral")
        ),
    ]
    return Layout(
        files={
            "train.csv": _text(train, columns),
            "valid.csv": _text(valid, columns),
            # Some released files have their columns in another order.
            "groundtruth.csv": _text(test, ["Study", "Lung Lesion", "Edema"]),
        },
        images=images,
        expected=_expected(expected),
        path=("train.csv", "Path"),
        state=("train.csv", "Edema"),
        wrong="2.0",
    )


def nih() -> Layout:
    columns = [
        "Image Index",
        "Finding Labels",
        "Follow-up #",
        "Patient ID",
        "Patient Age",
        "Patient Gender",
        "View Position",
        "OriginalImage[Width",
        "Height]",
        "OriginalImagePixelSpacing[x",
        "y]",
    ]

    def row(name: str, labels: str, follow_up: str, age: str, view: str) -> dict[str, str]:
        values = [
            name,
            labels,
            follow_up,
            str(int(name[:8])),
            age,
            "M",
            view,
            "2682",
            "2749",
            "0.143",
            "0.143",
        ]
        return dict(zip(columns, values, strict=True))

    rows = [
        row("00000001_000.png", "Cardiomegaly|Effusion", "0", "58", "PA"),
        row("00000001_001.png", "No Finding", "1", "059Y", "AP"),
        row("00000002_000.png", "Pleural_Thickening", "0", "411", "PA"),
    ]
    none = dict.fromkeys(findings.NIH, 0.0)
    expected = [
        {
            "image_id": "00000001_000.png",
            "patient_id": "00000001",
            "study_id": "00000001_000",
            "view": "frontal PA",
            "sex": "M",
            "age": 58.0,
            "split": "train",
            **none,
            "Cardiomegaly": 1.0,
            "Pleural Effusion": 1.0,
        },
        {
            "image_id": "00000001_001.png",
            "patient_id": "00000001",
            "study_id": "00000001_001",
            "view": "frontal AP",
            "sex": "M",
            "age": 59.0,
            "split": "train",
            **none,
        },
        {
            "image_id": "00000002_000.png",
            "patient_id": "00000002",
            "study_id": "00000002_000",
            "view": "frontal PA",
            "sex": "M",
            "split": "test",
            **none,
            "Pleural Thickening": 1.0,
        },
    ]
    file = "Data_Entry_2017_v2020.csv"
    return Layout(
        files={file: _text(rows, columns)},
        images=[
            "images_001/images/00000001_000.png",
            "images_001/images/00000001_001.png",
            "images_002/images/00000002_000.png",
        ],
        expected=_expected(expected),
        path=(file, "Image Index"),
        state=(file, "Finding Labels"),
        wrong="Cardiomegaly|Gout",
        texts={
            "train_val_list.txt": "00000001_000.png\n00000001_001.png\n00000003_000.png\n",
            "test_list.txt": "00000002_000.png",
        },
    )


def mimic() -> Layout:
    one, two, three = "02aa-7bc1", "174a-7911", "2a22-82c5"
    metadata = ["dicom_id", "subject_id", "study_id", "ViewPosition", "Rows"]
    images = [
        {"dicom_id": one, "subject_id": "10000032", "study_id": "50414267", "ViewPosition": "PA"},
        {
            "dicom_id": two,
            "subject_id": "10000032",
            "study_id": "50414267",
            "ViewPosition": "LATERAL",
        },
        {
            "dicom_id": three,
            "subject_id": "11000032",
            "study_id": "53189527",
            "ViewPosition": "SWIMMERS",
        },
    ]
    labels = [
        {"subject_id": "10000032", "study_id": "50414267", "Edema": "-1.0", "Fracture": "1.0"},
        {"subject_id": "11000032", "study_id": "53189527", "No Finding": "1.0"},
    ]
    splits = [
        {"dicom_id": one, "study_id": "50414267", "subject_id": "10000032", "split": "validate"},
        {"dicom_id": two, "study_id": "50414267", "subject_id": "10000032", "split": "validate"},
        {"dicom_id": three, "study_id": "53189527", "subject_id": "11000032", "split": "train"},
    ]
    known = {
        "patient_id": "10000032",
        "study_id": "50414267",
        "split": "valid",
        "Edema": -1.0,
        "Fracture": 1.0,
    }
    expected: list[dict[str, object]] = [
        {"image_id": one, "view": "frontal PA", **known},
        {"image_id": two, "view": "lateral", **known},
        {
            "image_id": three,
            "patient_id": "11000032",
            "study_id": "53189527",
            "split": "train",
            "No Finding": 1.0,
        },
    ]
    name = "mimic-cxr-2.0.0-{}.csv"
    return Layout(
        files={
            name.format("metadata"): _text(images, metadata),
            name.format("chexpert"): _text(labels, ["subject_id", "study_id", *findings.CHEXPERT]),
            name.format("split"): _text(splits, ["dicom_id", "study_id", "subject_id", "split"]),
        },
        images=[
            f"files/p10/p10000032/s50414267/{one}.jpg",
            f"files/p10/p10000032/s50414267/{two}.jpg",
            f"files/p11/p11000032/s53189527/{three}.jpg",
        ],
        expected=_expected(expected),
        path=(name.format("metadata"), "dicom_id"),
        state=(name.format("chexpert"), "Edema"),
        wrong="yes",
    )


VINDR = (
    "Aortic enlargement",
    "Atelectasis",
    "Calcification",
    "Cardiomegaly",
    "Clavicle fracture",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Enlarged PA",
    "ILD",
    "Infiltration",
    "Lung Opacity",
    "Lung cavity",
    "Lung cyst",
    "Mediastinal shift",
    "Nodule/Mass",
    "Pleural effusion",
    "Pleural thickening",
    "Pneumothorax",
    "Pulmonary fibrosis",
    "Rib fracture",
    "Other lesion",
    "COPD",
    "Lung tumor",
    "Pneumonia",
    "Tuberculosis",
    "Other diseases",
    "No finding",
)
VINDR_FINDINGS = (
    "No Finding",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Infiltration",
    "Emphysema",
    "Fibrosis",
    "Pleural Thickening",
)


def vindr() -> Layout:
    none = dict.fromkeys(VINDR, "0")

    def row(image: str, reader: str, *labels: str) -> dict[str, str]:
        return {"image_id": image, "rad_id": reader, **none, **dict.fromkeys(labels, "1")}

    train = [
        # Two of three readers mark a lesion, with different labels; only one marks an opacity.
        row("aa", "R1", "Nodule/Mass", "ILD"),
        row("aa", "R2", "Lung tumor"),
        row("aa", "R3"),
        # All readers mark consolidation and none an opacity: the parent is unknown.
        *(row("bb", reader, "Consolidation", "Rib fracture") for reader in ("R1", "R4", "R5")),
    ]
    test = {"image_id": "cc", **none, "No finding": "1"}
    test["Other disease"] = test.pop("Other diseases")  # the spelling of the test file
    no = dict.fromkeys(VINDR_FINDINGS, 0.0)
    expected = [
        {
            "image_id": "aa",
            "patient_id": "aa",
            "study_id": "aa",
            "view": "frontal PA",
            "split": "train",
            **no,
            "Lung Lesion": 1.0,
            "Lung Opacity": float("nan"),
        },
        {
            "image_id": "bb",
            "patient_id": "bb",
            "study_id": "bb",
            "view": "frontal PA",
            "split": "train",
            **no,
            "Consolidation": 1.0,
            "Lung Opacity": float("nan"),
            "Fracture": 1.0,
        },
        {
            "image_id": "cc",
            "patient_id": "cc",
            "study_id": "cc",
            "view": "frontal PA",
            "split": "test",
            **no,
            "No Finding": 1.0,
        },
    ]
    file = "annotations/image_labels_train.csv"
    return Layout(
        files={
            file: _text(train, ["image_id", "rad_id", *VINDR]),
            "annotations/image_labels_test.csv": _text([test], list(test)),
        },
        images=["train/aa.dicom", "train/bb.dicom", "test/cc.dicom"],
        expected=_expected(expected),
        path=(file, "image_id"),
        state=(file, "Pneumonia"),
        wrong="-1",
    )


PADCHEST_FINDINGS = (
    "No Finding",
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Support Devices",
    "Infiltration",
    "Mass",
    "Nodule",
    "Emphysema",
    "Fibrosis",
    "Pleural Thickening",
    "Hernia",
)


def padchest() -> Layout:
    columns = [
        "",
        "ImageID",
        "ImageDir",
        "StudyDate_DICOM",
        "StudyID",
        "PatientID",
        "PatientBirth",
        "PatientSex_DICOM",
        "Projection",
        "Report",
        "Labels",
    ]

    def row(image: str, patient: str, birth: str, projection: str, labels: str) -> dict[str, str]:
        values = [
            "0",
            f"{image}.png",
            "13",
            "20140915",
            "9",
            patient,
            birth,
            "F",
            projection,
            "sin hallazgos, , normal",
            labels,
        ]
        return dict(zip(columns, values, strict=True))

    rows = [
        row("a", "7", "1930.0", "AP_horizontal", "['cardiomegaly', ' infiltrates', 'goiter']"),
        row("b", "7", "1930.0", "L", "['normal']"),
        row("c", "8", "", "COSTAL", "['unchanged', 'pneumonia']"),
        row("d", "9", "2020.0", "PA", "['exclude']"),
    ]
    no = dict.fromkeys(PADCHEST_FINDINGS, 0.0)
    unknown = float("nan")

    def known(image: str, patient: str, view: str) -> dict[str, object]:
        return {
            "image_id": f"{image}.png",
            "patient_id": patient,
            "study_id": f"{patient}/9",
            "view": view,
            "sex": "F",
        }

    expected: list[dict[str, object]] = [
        {
            **known("a", "7", "frontal AP"),
            "age": 84.0,
            **no,
            "Cardiomegaly": 1.0,
            "Enlarged Cardiomediastinum": unknown,
            "Lung Opacity": 1.0,
            "Infiltration": 1.0,
        },
        {**known("b", "7", "lateral"), "age": 84.0, **no, "No Finding": 1.0},
        {**known("c", "8", ""), "Pneumonia": 1.0, "No Finding": 0.0},
        known("d", "9", "frontal PA"),
    ]
    file = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
    return Layout(
        files={file: _text(rows, columns)},
        images=[f"13/{image}.png" for image in "abcd"],
        expected=_expected(expected),
        path=(file, "ImageID"),
        state=(file, "Labels"),
        wrong="cardiomegaly",
    )


def brax() -> Layout:
    columns = [
        "",
        "DicomPath",
        "PngPath",
        "PatientID",
        "PatientSex",
        "PatientAge",
        "AccessionNumber",
        "StudyDate",
        *findings.CHEXPERT,
        "ViewPosition",
        "Rows",
        "Columns",
        "Manufacturer",
    ]

    def row(image: str, who: tuple[str, str, str], view: str, **states: str) -> dict[str, str]:
        keys = ("PatientID", "PatientSex", "PatientAge")
        return {
            "PngPath": image,
            "DicomPath": f"Anonymized_DICOMs/{image}",
            "ViewPosition": view,
            "AccessionNumber": "77",
            **dict(zip(keys, who, strict=True)),
            **states,
        }

    one, two = (
        "images/id_1/Study_1/Series_1/image-1.png",
        "images/id_2/Study_2/Series_1/image-1.png",
    )
    rows = [
        row(one, ("id_1", "M", "85 or more"), "RL", Edema="-1.0", Pneumonia="0.0"),
        row(two, ("id_2", "O", "40"), "RLO", **{"No Finding": "1.0"}),
    ]
    expected = [
        {
            "image_id": one,
            "patient_id": "id_1",
            "study_id": "id_1/77",
            "view": "lateral",
            "sex": "M",
            "age": 85.0,
            "Edema": -1.0,
            "Pneumonia": 0.0,
        },
        {
            "image_id": two,
            "patient_id": "id_2",
            "study_id": "id_2/77",
            "view": "",
            "sex": "",
            "age": 40.0,
            "No Finding": 1.0,
        },
    ]
    file = "master_spreadsheet_update.csv"
    return Layout(
        files={file: _text(rows, columns)},
        images=[one, two],
        expected=_expected(expected),
        path=(file, "PngPath"),
        state=(file, "Edema"),
        wrong="0.5",
    )


def folder() -> Layout:
    columns = [
        "file",
        "patient",
        "Gender",
        "age",
        "projection",
        "subset",
        "fold",
        "comment",
        "Effusion",
        "Tuberculosis",
    ]
    rows = [
        ["a.png", "1", "female", "33", "AP", "val", "7", "clear", "1", "0"],
        ["deep/b.png", "1", "", "", "lateral", "val", "8", "", "", "-1"],
        ["c..png", "2", "M", "061Y", "", "test", "9", "a, b", "0", ""],
    ]
    expected = [
        {
            "image_id": "a.png",
            "patient_id": "1",
            "study_id": "a.png",
            "view": "frontal AP",
            "sex": "F",
            "age": 33.0,
            "split": "valid",
            "Pleural Effusion": 1.0,
            "Tuberculosis": 0.0,
        },
        {
            "image_id": "deep/b.png",
            "patient_id": "1",
            "study_id": "deep/b.png",
            "view": "lateral",
            "sex": "",
            "split": "valid",
            "Tuberculosis": -1.0,
        },
        {
            "image_id": "c..png",
            "patient_id": "2",
            "study_id": "c..png",
            "view": "",
            "sex": "M",
            "age": 61.0,
            "split": "test",
            "Pleural Effusion": 0.0,
        },
    ]
    return Layout(
        files={"labels.csv": pd.DataFrame(rows, columns=columns)},
        images=[row[0] for row in rows],
        expected=_expected(expected),
        path=("labels.csv", "file"),
        state=("labels.csv", "Effusion"),
        wrong="maybe",
    )


LAYOUTS: dict[str, Callable[[], Layout]] = {
    "brax": brax,
    "chexpert": chexpert,
    "folder": folder,
    "mimic": mimic,
    "nih": nih,
    "padchest": padchest,
    "vindr": vindr,
}


@pytest.fixture
def layouts() -> dict[str, Callable[[], Layout]]:
    """A writer for each data set, by its name."""
    return LAYOUTS
