"""Tables as text: the same CSV as pandas writes, and the JSON of the columns."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.filesystem import files, table_text
from cxrcompare.filesystem.spreadsheet_cells import csv_text

WORDS = st.text(alphabet="a=+-'\"\n\r,é 1;", max_size=5)
NUMBERS = st.one_of(
    st.floats(),
    st.sampled_from([0.1, 1e16, 1e-5, 123456789.125, -0.0, math.nan, math.inf, -math.inf]),
)


@given(
    st.lists(st.tuples(NUMBERS, WORDS, st.integers(-(2**62), 2**62), st.booleans()), max_size=8),
    WORDS,
)
def test_a_table_is_written_as_pandas_writes_it(rows, name):
    frame = pd.DataFrame(rows, columns=["x", f"{name}.", "=n", "b"])
    found = table_text.of_frame(frame)
    assert found.csv == csv_text(frame)
    assert found.json == files.json_line({name: frame[name].tolist() for name in frame})


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"seed": [0, "all", None, 2.5, math.nan], "y": [1.0, None, 3.0, 4.0, 5.0]}),
        pd.DataFrame({"only": ["", "a", None]}),
        pd.DataFrame({"only": [0.5]}),
        pd.DataFrame({"x": np.array([0.1], dtype=np.float32), "y": [1]}),
        pd.DataFrame({"x": [], "y": []}),
        pd.DataFrame([[1, "a"], [2, "b"]], columns=["same", "same"]),
        pd.DataFrame(),
    ],
)
def test_unusual_tables_are_written_as_pandas_writes_them(frame):
    assert table_text.of_frame(frame).csv == csv_text(frame)


def test_numbers_that_are_not_finite_are_null_in_json():
    frame = pd.DataFrame({"x": [1.5, math.nan, math.inf], "words": ["é", "<", "nan"]})
    found = table_text.of_frame(frame).json
    assert found == '{"x":[1.5,null,null],"words":["é","<","nan"]}'
    assert json.loads(files.compact_json_text({"t": found}))["t"]["x"] == [1.5, None, None]


def test_a_long_table_is_written_in_blocks(monkeypatch):
    frame = pd.DataFrame({"x": np.arange(23) / 7, "words": ["a,b", "c"] * 11 + ["=d"]})
    monkeypatch.setattr(table_text, "_BLOCK", 5)
    found = table_text.of_frame(frame)
    assert found.csv == csv_text(frame)
    assert found.json is None


def test_a_table_of_words_is_written_as_pandas_writes_it():
    head, body = ("Model", "=AUROC"), [["a,b", "0.9 (0.8 to 1)"], ['"q"', ""], ["@x", "−1"]]
    expected = csv_text(pd.DataFrame(body, columns=list(head)))
    assert table_text.of_words(head, body) == expected
