"""CSV and Parquet files as columns of cells."""

import csv
import sys

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import raw as raw_module
from cxrcompare.predictions import (
    read_predictions,
    read_reference,
)

HEADER = "study_id,Edema,Cardiomegaly\n"


def test_a_byte_order_mark_and_quotes_and_windows_lines_are_fine(tmp_path):
    path = tmp_path / "m.csv"
    path.write_bytes(b'\xef\xbb\xbf"study_id","Edema"\r\n"a, b",0.5\r\n')
    one = read_predictions(path)
    assert one.rows.ids.tolist() == ["a, b"]
    assert one.findings == ("Edema",)


def test_blank_lines_do_not_count_but_keep_row_numbers_right(put, refused):
    message = refused(put("model.csv", HEADER + "a,0.1,0.2\n\nb,0.1,7\n\n"))
    assert "row 4" in message
    assert "'Cardiomegaly'" in message
    assert "7" in message


def test_refuses_what_is_no_file(refused, tmp_path):
    assert "no such file" in refused(tmp_path / "absent.csv")
    assert "folder" in refused(tmp_path)


def test_refuses_a_file_that_is_no_text(refused, tmp_path):
    path = tmp_path / "model.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff\xfe" * 50)
    refused(path)


@pytest.mark.parametrize("name", ["model.xlsx", "model.csv"])
@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_refuses_an_excel_workbook(refused, tmp_path, name, start):
    path = tmp_path / name
    path.write_bytes(start + b"\x00" * 50)
    message = "must be a comma-separated CSV (UTF-8). Received: an Excel workbook; save it as CSV"
    assert message in refused(path)


def long_table(rows, cells):
    lines = [f"s{row},{row / rows:.17g},{1 - row / rows:.9g}" for row in range(rows)]
    for row, cell in cells.items():
        lines[row] = f"s{row},{cell},0.5"
    return HEADER + "\n".join(lines) + "\n"


def both_ways(path, read, monkeypatch):
    """Reads with the fast way and without it; each gives a table or an error's text."""
    found = []
    for limit in (2, sys.maxsize):
        monkeypatch.setattr(raw_module, "_LONG", limit)
        try:
            table = read(path)
            found.append((table.findings, table.rows.ids.tolist(), table.values))
        except InputError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize(
    "cell", [None, "nan", "inf", "1.5", "", "True", "x", " 0.25 ", "1_0", '"0.5"']
)
@pytest.mark.parametrize("read", [read_predictions, read_reference])
def test_the_fast_way_reads_what_the_slow_way_reads(put, cell, read, monkeypatch):
    path = put("model.csv", long_table(30, {} if cell is None else {17: cell}))
    fast, slow = both_ways(path, read, monkeypatch)
    if isinstance(slow, str):
        assert fast == slow
    else:
        assert fast[:2] == slow[:2]
        np.testing.assert_array_equal(fast[2], slow[2])


def test_the_fast_way_keeps_ids_as_they_are_written(put, monkeypatch):
    text = "study_id,patient_id,Edema\n001,0007,0.5\nNA,nan,0.5\n1e3,None,0.5\n"
    path = put("model.csv", text)
    for limit in (2, sys.maxsize):
        monkeypatch.setattr(raw_module, "_LONG", limit)
        rows = read_predictions(path).rows
        assert rows.ids.tolist() == ["001", "NA", "1e3"]
        assert rows.patients.tolist() == ["0007", "nan", "None"]


def test_parquet_reads_as_csv_does(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pa.table({"study_id": [1, 2], "Edema": [0.25, 1.0], "Mass": [0, 1]})
    parquet.write_table(table, tmp_path / "net__seed1.parquet")
    one = read_predictions(tmp_path / "net__seed1.parquet")
    assert one.rows.ids.tolist() == ["1", "2"]
    assert (one.name, one.seed) == ("net", "1")
    np.testing.assert_array_equal(one.values, [[0.25, 0], [1, 1]])
    parquet.write_table(
        pa.table({"study_id": ["a", "b"], "Edema": [1.0, None]}), tmp_path / "reference.parquet"
    )
    np.testing.assert_array_equal(
        read_reference(tmp_path / "reference.parquet").values, [[1], [np.nan]]
    )


def test_a_broken_parquet_file_is_refused(put, refused):
    pytest.importorskip("pyarrow")
    assert "Parquet" in refused(put("m.parquet", "PAR1 nothing"))


def test_a_long_field_is_refused_not_a_crash(put, refused):
    text = 'study_id,Edema\n"' + "x" * (csv.field_size_limit() + 10) + '",0.5\n'
    refused(put("model.csv", text))


def test_cells_are_text_or_numbers(put):
    table = raw_module.read_raw(put("m.csv", "study_id,Edema\n a ,0.5\n\nb,\n"))
    assert table.header == ["study_id", "Edema"]
    assert table.lines == [2, 4]
    assert table.text(0) == ["a", "b"]
    np.testing.assert_array_equal(table.numbers(1), [0.5, np.nan])
    with pytest.raises(InputError, match=r"m\.csv: row 2, column 'study_id': must be a number"):
        table.numbers(0)


def test_numbers_are_written_as_text_without_a_loss(tmp_path):
    column = np.array([1.0, np.nan, 0.1])
    table = raw_module.RawTable(tmp_path / "m.csv", ["Edema"], [column], [2, 3, 4])
    assert table.text(0) == ["1", "", "0.1"]
    assert str(table.error(2, 0, "must be 1", 0.1)).endswith(
        "m.csv: row 4, column 'Edema': must be 1. Received: 0.1"
    )


@pytest.mark.parametrize("word", ["true", "False", "TRUE"])
def test_words_for_booleans_are_no_numbers_in_a_long_table(put, refused, word):
    rows = [f"s{row},0.5,{word if row == 590 else 0.25}\n" for row in range(600)]
    message = refused(put("model.csv", HEADER + "".join(rows)))
    assert "row 592, column 'Cardiomegaly': must be a number" in message
    ids = [f"{word}{row},0.5,0.25\n" for row in range(600)]
    assert len(read_predictions(put("ids.csv", HEADER + "".join(ids))).rows.ids) == 600
