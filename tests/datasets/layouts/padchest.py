"""A tiny data set in the layout of PadChest."""

from __future__ import annotations

from .layout import Layout, expected_rows, text_frame

FINDINGS = (
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


def layout() -> Layout:
    """Returns a few images of the data set."""
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
    no = dict.fromkeys(FINDINGS, 0.0)
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
        files={file: text_frame(rows, columns)},
        images=[f"13/{image}.png" for image in "abcd"],
        expected=expected_rows(expected),
        path=(file, "ImageID"),
        state=(file, "Labels"),
        wrong="cardiomegaly",
    )
