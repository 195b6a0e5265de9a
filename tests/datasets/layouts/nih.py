"""A tiny data set in the layout of NIH ChestX-ray14."""

from __future__ import annotations

from cxrcompare import findings

from .layout import Layout, expected_rows, text_frame


def layout() -> Layout:
    """Returns a few images of the data set."""
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
        files={file: text_frame(rows, columns)},
        images=[
            "images_001/images/00000001_000.png",
            "images_001/images/00000001_001.png",
            "images_002/images/00000002_000.png",
        ],
        expected=expected_rows(expected),
        path=(file, "Image Index"),
        state=(file, "Finding Labels"),
        wrong="Cardiomegaly|Gout",
        texts={
            "train_val_list.txt": "00000001_000.png\n00000001_001.png\n00000003_000.png\n",
            "test_list.txt": "00000002_000.png",
        },
    )
