"""Tests of the image store: what it returns, and how it detects changes."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import open_store, prepare
from cxrcompare.images.store import read_rows, table_text

from .conftest import table_of

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(TEXT, min_size=1, max_size=8, unique=True),
    st.lists(st.sampled_from([1.0, 0.0, -1.0, np.nan]), min_size=8, max_size=8),
    st.floats(0, 120) | st.just(np.nan),
)
def test_any_text_state_and_age_comes_back_exactly(tmp_path_factory, names, states, age):
    table = table_of(tmp_path_factory.getbasetemp(), names)
    rows = table.rows.assign(
        image_id=names, patient_id=names, study_id=names, age=age, Edema=states[: len(names)]
    )
    table = ImageTable(rows, table.findings, "folder", table.root)
    path = tmp_path_factory.getbasetemp() / "table.csv"
    path.write_text(table_text(table), encoding="utf-8", newline="\n")
    pd.testing.assert_frame_equal(read_rows(path, table.findings), table.rows, check_exact=True)


def test_the_csv_is_what_pandas_would_write(folder_of):
    table = folder_of(5)
    assert table_text(table) == table.rows.to_csv(index=False, lineterminator="\n")


def test_the_pixels_are_read_only(folder_of, tmp_path):
    store = prepare(folder_of(2), tmp_path / "store", 16)
    with pytest.raises(ValueError, match="read-only"):
        store.pixels[0][0, 0] = 1


def test_a_changed_table_is_noticed(folder_of, tmp_path):
    prepare(folder_of(2), tmp_path / "store", 16)
    path = tmp_path / "store/table.csv"
    path.write_text(path.read_text().replace("train/000", "train/009"))
    with pytest.raises(InputError, match=r"table\.csv: must be as `prepare` wrote it"):
        open_store(tmp_path / "store")


def test_no_folder_another_format_and_no_json(folder_of, tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        open_store(tmp_path / "none")
    prepare(folder_of(2), tmp_path / "store", 16)
    path = tmp_path / "store/store.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(InputError, match=r"Received: 99, .* run `prepare` again"):
        open_store(tmp_path / "store")
    path.write_text("{")
    with pytest.raises(InputError, match="JSON"):
        open_store(tmp_path / "store")
