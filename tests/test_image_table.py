"""Tests of the image table's checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxrcompare.errors import InputError
from cxrcompare.image_table import COLUMNS, ImageTable

FINDINGS = ("Edema", "Fracture")


def rows(**changes: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "image_id": ["a", "b", "c"],
            "path": ["a.png", "b.png", "c.png"],
            "patient_id": ["p1", "p1", "p2"],
            "study_id": ["s1", "s1", "s2"],
            "view": ["frontal PA", "lateral", ""],
            "sex": ["F", "F", ""],
            "age": [50.0, 50.0, np.nan],
            "split": ["train", "train", "test"],
            "Edema": [1.0, 0.0, np.nan],
            "Fracture": [-1.0, np.nan, 0.0],
        }
    )
    return frame.assign(**changes)


def table(tmp_path: Path, **changes: Any) -> ImageTable:
    return ImageTable(rows(**changes), FINDINGS, "test", tmp_path)


def test_states_keep_the_order_of_rows_and_findings(tmp_path):
    states = table(tmp_path).states
    np.testing.assert_array_equal(states, [[1, -1], [0, np.nan], [np.nan, 0]])


def test_take_by_position_and_by_mask_agree(tmp_path):
    whole = table(tmp_path)
    mask = np.array([True, False, True])
    pd.testing.assert_frame_equal(whole.take(mask).rows, whole.take(np.array([0, 2])).rows)
    assert list(whole.take(np.array([2, 0])).rows["image_id"]) == ["c", "a"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_id": ["a", "a", "c"]}, "unique.*a$"),
        ({"patient_id": ["p1", "p9", "p2"]}, "one patient.*s1 with 2"),
        ({"view": ["sideways", "", ""]}, "view.*'sideways'"),
        ({"split": ["train", "dev", ""]}, "split.*'dev'"),
        ({"sex": ["F", "X", ""]}, "sex.*'X'"),
        ({"Edema": [2.0, 0.0, 0.0]}, "label states"),
        ({"study_id": ["s1", "", "s2"]}, "`study_id` is empty in row 2"),
        ({"spare": 1}, "columns must be"),
    ],
)
def test_invalid_values_are_named(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        table(tmp_path, **changes)


def test_no_rows_is_an_error(tmp_path):
    with pytest.raises(InputError, match="at least one image"):
        ImageTable(rows().iloc[:0], FINDINGS, "test", tmp_path)


def test_columns_come_before_findings():
    assert list(rows().columns) == [*COLUMNS, *FINDINGS]
