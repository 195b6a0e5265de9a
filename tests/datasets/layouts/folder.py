"""A tiny data set in the layout of a user's own folder."""

from __future__ import annotations

import pandas as pd

from .layout import Layout, expected_rows


def layout() -> Layout:
    """Returns a few images of the data set."""
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
        expected=expected_rows(expected),
        path=("labels.csv", "file"),
        state=("labels.csv", "Effusion"),
        wrong="maybe",
    )
