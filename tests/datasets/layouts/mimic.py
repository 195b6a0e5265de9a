"""A tiny data set in the layout of MIMIC-CXR-JPG."""

from __future__ import annotations

from cxrcompare import findings

from .layout import Layout, expected_rows, text_frame


def layout() -> Layout:
    """Returns a few images of the data set."""
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
            name.format("metadata"): text_frame(images, metadata),
            name.format("chexpert"): text_frame(
                labels, ["subject_id", "study_id", *findings.CHEXPERT]
            ),
            name.format("split"): text_frame(
                splits, ["dicom_id", "study_id", "subject_id", "split"]
            ),
        },
        images=[
            f"files/p10/p10000032/s50414267/{one}.jpg",
            f"files/p10/p10000032/s50414267/{two}.jpg",
            f"files/p11/p11000032/s53189527/{three}.jpg",
        ],
        expected=expected_rows(expected),
        path=(name.format("metadata"), "dicom_id"),
        state=(name.format("chexpert"), "Edema"),
        wrong="yes",
    )
