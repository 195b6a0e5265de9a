"""A tiny data set in the layout of CheXpert."""

from __future__ import annotations

from cxrcompare import findings

from .layout import Layout, expected_rows, text_frame


def layout() -> Layout:
    """Returns a few images of the data set."""
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
            "train.csv": text_frame(train, columns),
            "valid.csv": text_frame(valid, columns),
            # The columns of some released files stand in another order, and their sense with them.
            "groundtruth.csv": text_frame(test, ["Study", "Lung Lesion", "Edema"]),
        },
        images=images,
        expected=expected_rows(expected),
        path=("train.csv", "Path"),
        state=("train.csv", "Edema"),
        wrong="2.0",
    )
