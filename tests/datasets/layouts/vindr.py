"""A tiny data set in the layout of VinDr-CXR."""

from __future__ import annotations

from .layout import Layout, expected_rows, text_frame

LABELS = (
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
FINDINGS = (
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


def layout() -> Layout:
    """Returns a few images of the data set."""
    none = dict.fromkeys(LABELS, "0")

    def row(image: str, reader: str, *labels: str) -> dict[str, str]:
        return {"image_id": image, "rad_id": reader, **none, **dict.fromkeys(labels, "1")}

    train = [
        # Two of three see a lesion, each under a name of its own; one alone sees an opacity.
        row("aa", "R1", "Nodule/Mass", "ILD"),
        row("aa", "R2", "Lung tumor"),
        row("aa", "R3"),
        # All see consolidation and none an opacity: the parent is not known.
        *(row("bb", reader, "Consolidation", "Rib fracture") for reader in ("R1", "R4", "R5")),
    ]
    test = {"image_id": "cc", **none, "No finding": "1"}
    test["Other disease"] = test.pop("Other diseases")  # so it is spelt in the test file
    no = dict.fromkeys(FINDINGS, 0.0)
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
            file: text_frame(train, ["image_id", "rad_id", *LABELS]),
            "annotations/image_labels_test.csv": text_frame([test], list(test)),
        },
        images=["train/aa.dicom", "train/bb.dicom", "test/cc.dicom"],
        expected=expected_rows(expected),
        path=(file, "image_id"),
        state=(file, "Pneumonia"),
        wrong="-1",
    )
