"""Cells that a spreadsheet would run are text in the files, and unchanged after reading."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.filesystem import csv_table, spreadsheet_cells
from cxrcompare.predictions import read_predictions, write_predictions

UNSAFE = ["=1+1", "@SUM(A1)", "+1+2", "-2+3", "\t=1", "'=1", "''@x", '=HYPERLINK("a","b")']
SAFE = ["", "-", "-1.5", "+2", "-1e-7", "-inf", "a=b", "resnet50", "'quoted'", "it's"]


@pytest.mark.parametrize("cell", UNSAFE)
def test_unsafe_cells_begin_with_an_apostrophe(cell):
    assert spreadsheet_cells.as_text(cell) == f"'{cell}"
    assert spreadsheet_cells.original(f"'{cell}") == cell


@pytest.mark.parametrize("cell", SAFE)
def test_other_cells_are_as_they_were(cell):
    assert spreadsheet_cells.as_text(cell) == cell
    assert spreadsheet_cells.original(cell) == cell


@given(st.text(alphabet="'=+-@a1.e\t", max_size=6))
def test_reading_reverses_writing(cell):
    written = spreadsheet_cells.as_text(cell)
    assert spreadsheet_cells.original(written) == cell
    assert not written.startswith(("=", "@"))


def test_tables_are_written_and_read(tmp_path):
    table = pd.DataFrame({"=name": UNSAFE, "plain": range(len(UNSAFE)), "x": [None] * len(UNSAFE)})
    path = tmp_path / "table.csv"
    path.write_text(spreadsheet_cells.csv_text(table), newline="")
    found = csv_table.read(path)
    assert found.header == ["=name", "plain", "x"]
    assert found.columns[0] == UNSAFE
    assert found.columns[1] == [str(n) for n in range(len(UNSAFE))]
    for line in path.read_text().splitlines():
        assert line[0] == "'" or line.startswith("\"'"), line
    assert table["=name"].tolist() == UNSAFE, "the caller's table is not changed"


@pytest.mark.parametrize("rows", [3, 5000])
def test_ids_of_predictions(tmp_path, rows):
    ids = [f"=id{n}" for n in range(rows)]
    path = tmp_path / "m.csv"
    write_predictions(path, ["@Edema"], [[0.25]] * rows, image_ids=ids)
    assert ",'@Edema\n'=id0,0.25" in path.read_text()
    found = read_predictions(path)
    assert found.rows.ids.tolist() == ids
    assert found.findings == ("@Edema",)
