"""Tiny data sets in the published layouts, and what a reader must make of each."""

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
    """A data set's files as text, its images, and the table that must come of it.

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
        row(f"train/{two}/view1_frontal.jpg", "Male", "87", "Frontal", "PA",
            Edema="-1.0", Lung_Lesion="0.0"),
    ]  # fmt: skip
    clean = dict.fromkeys((name.replace(" ", "_") for name in findings.CHEXPERT), "0.0")
    valid = [
        row(f"valid/{five}/view1_frontal.jpg", "Unknown", "0", "Frontal", "LL",
            **{**clean, "Fracture": "1.0"}),
    ]  # fmt: skip
    test = [{"Study": "CheXpert-v1.0/test/patient00009/study1", "Lung Lesion": "1", "Edema": "0"}]
    images = [r["Path"].removeprefix(f"{release}/") for r in train + valid]
    nine = "patient00009/study1"
    images += [f"test/{nine}/view1_frontal.jpg", f"test/{nine}/view2_lateral.jpg"]
    expected: list[dict[str, object]] = [
        {"image_id": f"{one}/view1_frontal.jpg", "patient_id": "patient00001", "study_id": one,
         "view": "frontal AP", "sex": "F", "age": 68.0, "split": "train", "Edema": 1.0},
        {"image_id": f"{one}/view2_lateral.jpg", "patient_id": "patient00001", "study_id": one,
         "view": "lateral", "sex": "F", "age": 68.0, "split": "train", "Edema": 1.0},
        {"image_id": f"{two}/view1_frontal.jpg", "patient_id": "patient00002", "study_id": two,
         "view": "frontal PA", "sex": "M", "age": 87.0, "split": "train", "Edema": -1.0,
         "Lung Lesion": 0.0},
        {"image_id": f"{five}/view1_frontal.jpg", "patient_id": "patient00005", "study_id": five,
         "view": "frontal", "sex": "", "split": "valid", **dict.fromkeys(findings.CHEXPERT, 0.0),
         "Fracture": 1.0},
        *(
            {"image_id": f"{nine}/view{k}.jpg", "patient_id": "patient00009", "study_id": nine,
             "view": k[2:], "sex": "", "split": "test", "Lung Lesion": 1.0, "Edema": 0.0}
            for k in ("1_frontal", "2_lateral")
        ),
    ]  # fmt: skip
    return Layout(
        files={
            "train.csv": _text(train, columns),
            "valid.csv": _text(valid, columns),
            # The columns of some released files stand in another order, and their sense with them.
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
        "Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age",
        "Patient Gender", "View Position", "OriginalImage[Width", "Height]",
        "OriginalImagePixelSpacing[x", "y]",
    ]  # fmt: skip

    def row(name: str, labels: str, follow_up: str, age: str, view: str) -> dict[str, str]:
        values = [name, labels, follow_up, str(int(name[:8])), age, "M", view, "2682", "2749",
                  "0.143", "0.143"]  # fmt: skip
        return dict(zip(columns, values, strict=True))

    rows = [
        row("00000001_000.png", "Cardiomegaly|Effusion", "0", "58", "PA"),
        row("00000001_001.png", "No Finding", "1", "059Y", "AP"),
        row("00000002_000.png", "Pleural_Thickening", "0", "411", "PA"),
    ]
    none = dict.fromkeys(findings.NIH, 0.0)
    expected = [
        {"image_id": "00000001_000.png", "patient_id": "00000001", "study_id": "00000001_000",
         "view": "frontal PA", "sex": "M", "age": 58.0, "split": "train",
         **none, "Cardiomegaly": 1.0, "Pleural Effusion": 1.0},
        {"image_id": "00000001_001.png", "patient_id": "00000001", "study_id": "00000001_001",
         "view": "frontal AP", "sex": "M", "age": 59.0, "split": "train", **none},
        {"image_id": "00000002_000.png", "patient_id": "00000002", "study_id": "00000002_000",
         "view": "frontal PA", "sex": "M", "split": "test", **none, "Pleural Thickening": 1.0},
    ]  # fmt: skip
    file = "Data_Entry_2017_v2020.csv"
    return Layout(
        files={file: _text(rows, columns)},
        images=[
            "images_001/images/00000001_000.png", "images_001/images/00000001_001.png",
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
    )  # fmt: skip


LAYOUTS: dict[str, Callable[[], Layout]] = {"chexpert": chexpert, "nih": nih}


@pytest.fixture
def layouts() -> dict[str, Callable[[], Layout]]:
    """A writer for each data set, by its name."""
    return LAYOUTS
