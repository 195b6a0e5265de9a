"""CSV files as text: what is refused, with which row, and what is read."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from cxrcompare.datasets.parsing import label_file
from cxrcompare.errors import InputError
from cxrcompare.filesystem import csv_table
from cxrcompare.predictions import read_predictions


def put(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path, end: str) -> None:
    text = end.join(["a , b", "1,2", "", f'3,"x{end}y"', "5,6", ""])
    table = csv_table.read(put(tmp_path, text))
    assert table.header == ["a", "b"]
    assert table.columns == [["1", "3", "5"], ["2", f"x{end}y", "6"]]
    assert table.rows == [2, 4, 5]


def test_columns_that_are_not_kept_still_count_as_cells(tmp_path: Path) -> None:
    table = csv_table.read(put(tmp_path, "a,b,c\n1,2,3\n"), lambda name: name != "b")
    assert (table.header, table.columns) == (["a", "c"], [["1"], ["3"]])
    with pytest.raises(InputError, match=r"row 2: must have 3 cells, .*Received: 2"):
        csv_table.read(put(tmp_path, "a,b,c\n1,2\n"), lambda name: name != "b")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "header. Received: an empty file"),
        (b"\n\n", "header. Received: an empty file"),
        (b"a,b\n\n", "at least one row after the header. Received: none"),
        (b"a,b\n1,2,3\n", "row 2: must have 2 cells, like the header. Received: 3"),
        (b'a,b\n\n1,"2"3\n', "row 3: must be comma-separated cells. Received: ',' expected"),
        (b'a,b\n1,2\n"1,2\n', "row 3: must be comma-separated cells. Received: unexpected end"),
        (b"a;b;c\n1;2;3\n", "CSV (UTF-8). Received: columns separated by semicolons"),
        (b"a\tb\n1\t2\n", "CSV (UTF-8). Received: columns separated by tabs"),
        (b"PK\x03\x04rest", "CSV (UTF-8). Received: an Excel workbook"),
        (b"a,b\n\xe4,1\n", "CSV (UTF-8). Received: a byte that is not UTF-8 in line 2"),
        ("a,b\n1,2\n".encode("utf-16"), "CSV (UTF-8). Received: text in UTF-16"),
        (b"a,b\n1," + b"2" * 200_000, "row 2: must be comma-separated cells. Received: field lar"),
    ],
)
def test_label_files_and_predictions_are_refused_alike(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = put(tmp_path, content)
    for read in (csv_table.read, label_file.read, read_predictions):
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert message in str(caught.value)


def test_gzipped_predictions_have_the_name_of_the_file_inside(tmp_path: Path) -> None:
    text = "study_id,Edema\na,0.25\nb,1\n"
    path = put(tmp_path, gzip.compress(text.encode()), "net__seed2.csv.gz")
    one = read_predictions(path)
    assert (one.name, one.seed, one.rows.ids.tolist()) == ("net", "2", ["a", "b"])
    with pytest.raises(InputError, match="Not a gzipped file"):
        read_predictions(put(tmp_path, text, "plain.csv.gz"))


def test_a_long_table_keeps_the_order_of_its_rows(tmp_path: Path) -> None:
    count = 2 * csv_table._BLOCK + 3
    text = "a,b\n" + "".join(f"{n},{n + 1}\n" for n in range(count))
    table = csv_table.read(put(tmp_path, text))
    assert table.columns == [[str(n) for n in range(count)], [str(n + 1) for n in range(count)]]
    assert table.rows == list(range(2, count + 2))


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"\xef\xbb\xbf A ,b\n1,2\n", ("A", "b")),
        (b"", ()),
        (b"\xff\xfe", ()),
        (None, ()),
    ],
)
def test_a_header_alone(tmp_path: Path, content: bytes | None, names: tuple[str, ...]) -> None:
    for name, pack in (("table.csv", bytes), ("table.csv.gz", gzip.compress)):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(pack(content))
        assert csv_table.header(path) == names


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "table.csv"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match=r"table\.csv: must be .*Received: not a regular file"):
        read_predictions(pipe)
    assert csv_table.header(pipe) == ()


def test_files_that_memory_cannot_hold_are_refused_before_they_are_read(tmp_path: Path) -> None:
    """The file of 20 GB is sparse: it takes no space on the disk."""
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.truncate(20_000_000_000)
    with pytest.raises(InputError, match=r"long\.csv: must have at most .* 20,000,000,000"):
        csv_table.read(path)


def test_a_gzip_file_that_expands_too_far_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "_LONGEST", 100_000)
    path = put(tmp_path, gzip.compress(b"a,b\n" + b"0,1\n" * 50_000), "table.csv.gz")
    with pytest.raises(InputError, match=r"more than 100,000 after decompression"):
        csv_table.read(path)
    monkeypatch.setattr(csv_table, "_LONGEST", 200_004)
    assert len(csv_table.read(path).rows) == 50_000
