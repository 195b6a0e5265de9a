"""A tiny data set in the layout of BRAX."""

from __future__ import annotations

from cxrcompare import findings

from .layout import Layout, expected_rows, text_frame


def layout() -> Layout:
    """Returns a few images of the data set."""
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
        files={file: text_frame(rows, columns)},
        images=[one, two],
        expected=expected_rows(expected),
        path=(file, "PngPath"),
        state=(file, "Edema"),
        wrong="0.5",
    )
