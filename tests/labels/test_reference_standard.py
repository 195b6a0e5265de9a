from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable
from cxrcompare.labels.reference_standard import reference

NAN = np.nan


def _table(splits: Any, states: Any, notes: Any) -> ImageTable:
    rows = pd.DataFrame(
        {
            "image_id": [f"i{n}" for n in range(len(splits))],
            "path": [f"i{n}.png" for n in range(len(splits))],
            "patient_id": [f"p{n}" for n in range(len(splits))],
            "study_id": [f"s{n}" for n in range(len(splits))],
            "view": "",
            "sex": "",
            "age": NAN,
            "split": splits,
            "Edema": states,
        }
    )
    return ImageTable(rows, ("Edema",), "chexpert", Path("x"), notes)


STATES = [1.0, 0.0, -1.0, NAN]


@pytest.mark.parametrize(
    ("split", "notes", "blank", "expected"),
    [
        ("train", {}, "negative", [1, 0, NAN, 0]),
        ("train", {}, "ignore", [1, 0, NAN, NAN]),
        ("test", {"expert_splits": ["test"]}, "negative", [1, 0, NAN, NAN]),
        ("test", {"expert_splits": ["test"]}, "ignore", [1, 0, NAN, NAN]),
        ("test", {"expert_splits": ["valid"]}, "negative", [1, 0, NAN, 0]),
        ("", {"expert_splits": ["valid", "test"]}, "negative", [1, 0, NAN, 0]),
        ("train", {"expert_splits": [], "blank": "unknown"}, "negative", [1, 0, NAN, NAN]),
    ],
)
def test_every_state_under_every_rule(split, notes, blank, expected):
    labels = reference(_table([split] * 4, STATES, notes), blank)
    np.testing.assert_array_equal(labels[:, 0], expected)
    assert labels.dtype == np.float64


def test_splits_in_one_table_are_distinguished():
    table = _table(["train", "test"], [NAN, NAN], {"expert_splits": ["test"]})
    np.testing.assert_array_equal(reference(table, "negative")[:, 0], [0, NAN])


def test_the_table_is_left_as_it_was():
    table = _table(["train"] * 4, STATES, {})
    reference(table, "negative")
    np.testing.assert_array_equal(table.states[:, 0], STATES)


def test_an_unknown_rule_is_refused():
    with pytest.raises(InputError, match="negative, ignore"):
        reference(_table(["train"] * 4, STATES, {}), "positive")
