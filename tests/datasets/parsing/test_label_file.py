from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.datasets.parsing import label_file
from cxrcompare.errors import InputError


def _file(tmp_path: Path, text: str) -> label_file.LabelFile:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return label_file.read(path)


def test_rows_are_numbered_as_in_the_file_with_its_blank_lines(tmp_path):
    labels = _file(tmp_path, 'a,b\n1,2\n\n\n3,"x,\ny"\n5,6\n')
    assert labels.frame.index.tolist() == [2, 5, 6]
    assert labels.frame["b"].tolist() == ["2", "x,\ny", "6"]


def test_columns_are_found_whatever_their_case_and_spaces(tmp_path):
    labels = _file(tmp_path, " PATH ,b\nx , y\n")
    assert labels.text("Path").tolist() == ["x"]
    with pytest.raises(InputError, match="must have a column Study or Image"):
        labels.text("Study", "Image")


def test_text_like_na_stays_text(tmp_path):
    labels = _file(tmp_path, "a,b\nNA,None\nnull,nan\n")
    assert labels.frame.to_numpy().tolist() == [["NA", "None"], ["null", "nan"]]


@pytest.mark.parametrize(
    ("text", "state"),
    [("1", 1), ("1.0", 1), ("0", 0), ("0.0", 0), ("-1", -1), (" -1.0 ", -1), ("", np.nan)],
)
def test_states(tmp_path, text, state):
    labels = _file(tmp_path, f"Edema,x\n{text},\n")
    np.testing.assert_array_equal(labels.states("Edema"), [state])


@pytest.mark.parametrize("text", ["2", "0.5", "nan", "NaN", "true", "1,5", "inf", "-1.00001", "١x"])
def test_other_states_are_refused_with_their_row(tmp_path, text):
    with pytest.raises(InputError, match=r"row 3: `Edema` must be 1, 0, -1 or blank\. Received"):
        _file(tmp_path, f'Edema,x\n1,\n"{text}",\n').states("Edema")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("63", 63),
        ("063Y", 63),
        ("018M", 1.5),
        ("000D", 0),
        ("63.0", 63),
        ("", np.nan),
        ("411", np.nan),
        ("85 or more", 85),
        ("120", 120),
        ("121", np.nan),
    ],
)
def test_ages(tmp_path, text, years):
    np.testing.assert_allclose(_file(tmp_path, f"Age,x\n{text},\n").age("Age"), [years])


@pytest.mark.parametrize("text", ["-3", "old", "6 3", "63X"])
def test_other_ages_are_refused(tmp_path, text):
    with pytest.raises(InputError, match="row 2: `Age` must be an age"):
        _file(tmp_path, f"Age,x\n{text},\n").age("Age")


def test_what_has_no_column_is_not_known(tmp_path):
    labels = _file(tmp_path, "a,b\n1,2\n3,4\n")
    assert labels.sex("Sex").tolist() == ["", ""]
    assert np.isnan(labels.age("Age")).all()


def test_one_finding_in_two_columns_is_refused(tmp_path):
    with pytest.raises(
        InputError, match="'Effusion' and 'pleural_effusion', both Pleural Effusion"
    ):
        _file(tmp_path, "Effusion,pleural_effusion\n1,0\n").findings()


def test_gzip_whole_and_cut_short(tmp_path):
    path = tmp_path / "labels.csv.gz"
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 5000)
    path.write_bytes(whole)
    assert len(label_file.read(path).frame) == 5000
    for damaged in (whole[: len(whole) // 2], whole[:30] + b"\xff" * 8 + whole[38:], b"a,b\n1,2\n"):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"labels.csv.gz"):
            label_file.read(path)


def test_a_file_that_is_not_there_or_not_readable(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: must be a file\. Received: no such file"):
        label_file.read(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"must be a comma-separated CSV .* Is a directory"):
        label_file.read(tmp_path)


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(
                    exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\x85"
                )
                | st.sampled_from(',"\n '),
                max_size=6,
            ),
            min_size=3,
            max_size=3,
        ).filter(lambda row: any(cell.strip() for cell in row)),
        min_size=1,
        max_size=8,
    )
)
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, rows):
    import csv

    path = tmp_path_factory.mktemp("round") / "labels.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(["a", "b", "c"])
        writer.writerows(rows)
    assert label_file.read(path).frame.to_numpy().tolist() == rows


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "labels.csv"
    path.write_bytes(content)
    try:
        labels = label_file.read(path)
    except InputError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)
    else:
        assert len(labels.frame) > 0
