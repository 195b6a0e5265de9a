"""What the reader of tables takes, and what it refuses with one line."""

import csv
import sys

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import raw as raw_module
from cxrcompare.predictions import (
    read_metadata,
    read_predictions,
    read_reference,
    run_name,
    write_predictions,
)

HEADER = "study_id,Edema,Cardiomegaly\n"


def put(folder, text, name="model.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(path, read=read_predictions):
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_reads_a_plain_table(tmp_path):
    one = read_predictions(put(tmp_path, HEADER + "a,0.1,0.2\nb,0,1\n"))
    assert one.name == "model"
    assert one.seed == ""
    assert one.findings == ("Edema", "Cardiomegaly")
    assert one.rows.level == "study"
    assert one.rows.ids.tolist() == ["a", "b"]
    np.testing.assert_array_equal(one.values, [[0.1, 0.2], [0, 1]])


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Effusion", "Pleural Effusion"),
        ("pleural_effusion", "Pleural Effusion"),
        ("PLEURAL  EFFUSION", "Pleural Effusion"),
        ("Pleural-Thickening", "Pleural Thickening"),
        ("Pleural_Thickening", "Pleural Thickening"),
        ("oedema", "Edema"),
        ("Airspace Opacity", "Lung Opacity"),
        ("Scoliosis", "Scoliosis"),
    ],
)
def test_findings_have_one_name(tmp_path, header, name):
    one = read_predictions(put(tmp_path, f"Study,{header}\na,0.5\n"))
    assert one.findings == (name,)


@pytest.mark.parametrize("column", ["study_id", "Study", "STUDY ID", "study-id"])
def test_study_columns(tmp_path, column):
    assert read_predictions(put(tmp_path, f"{column},Edema\na,0.5\n")).rows.level == "study"


@pytest.mark.parametrize("column", ["image_id", "Path", "Image Index", "image index"])
def test_image_columns(tmp_path, column):
    rows = read_predictions(put(tmp_path, f"{column},Edema\na.png,0.5\n")).rows
    assert rows.level == "image"
    assert rows.studies.tolist() == [""]
    assert rows.patients.tolist() == [""]


def test_an_image_may_carry_study_and_patient(tmp_path):
    text = "patient_id,Edema,study_id,image_id\np1,0.5,s1,i1\n"
    rows = read_predictions(put(tmp_path, text)).rows
    assert (rows.ids[0], rows.studies[0], rows.patients[0]) == ("i1", "s1", "p1")


def test_chexpert_paths_say_patient_and_study_whatever_the_release(tmp_path):
    text = (
        "Path,Edema\nCheXpert-v1.0-small/valid/patient64541/study1/view1_frontal.jpg,0.5\n"
        "CheXpert-v1.0\\valid\\patient64542\\study2\\view1_lateral.jpg,0.5\n"
    )
    rows = read_predictions(put(tmp_path, text)).rows
    assert rows.level == "image"
    assert rows.ids[0] == "patient64541/study1/view1_frontal.jpg"
    assert rows.studies.tolist() == ["patient64541/study1", "patient64542/study2"]
    assert rows.patients.tolist() == ["patient64541", "patient64542"]


@pytest.mark.parametrize("column", ["Study", "Path"])
def test_a_chexpert_study_path_is_a_study(tmp_path, column):
    text = f"{column},Edema\nCheXpert-v1.0/test/patient64741/study1,0.5\n"
    rows = read_predictions(put(tmp_path, text)).rows
    assert rows.level == "study"
    assert rows.ids.tolist() == rows.studies.tolist() == ["patient64741/study1"]


def test_nih_file_names_say_the_patient(tmp_path):
    rows = read_predictions(put(tmp_path, "Image Index,Mass\n00000013_005.png,0.5\n")).rows
    assert rows.patients.tolist() == ["00000013"]


def test_chexpert_metadata_columns_are_no_findings(tmp_path):
    text = "Path,Sex,Age,Frontal/Lateral,AP/PA,Edema\npatient1/study1/view1.jpg,F,50,Frontal,AP,1\n"
    assert read_reference(put(tmp_path, text)).findings == ("Edema",)


def test_a_byte_order_mark_and_quotes_and_windows_lines_are_fine(tmp_path):
    path = tmp_path / "m.csv"
    path.write_bytes(b'\xef\xbb\xbf"study_id","Edema"\r\n"a, b",0.5\r\n')
    one = read_predictions(path)
    assert one.rows.ids.tolist() == ["a, b"]
    assert one.findings == ("Edema",)


def test_blank_lines_do_not_count_but_keep_row_numbers_right(tmp_path):
    message = refused(put(tmp_path, HEADER + "a,0.1,0.2\n\nb,0.1,7\n\n"))
    assert "row 4" in message
    assert "'Cardiomegaly'" in message
    assert "7" in message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["empty"]),
        ("\n\n", ["empty"]),
        (HEADER, ["at least one row"]),
        ("Edema,Cardiomegaly\n0.1,0.2\n", ["row 1", "id column"]),
        ("study_id;Edema\na;0,2\n", ["comma-separated CSV", "separated by semicolons"]),
        ('"study_id"\t"Edema"\n"a"\t"0,2"\n', ["comma-separated CSV", "separated by tabs"]),
        ("study_id,Sex\na,F\n", ["row 1", "finding"]),
        ("study_id,Effusion,Pleural Effusion\na,0.1,0.1\n", ["row 1", "Effusion", "one column"]),
        (HEADER + "a,0.1,0.2\na,0.1,0.2\n", ["row 3", "'study_id'", "row 2", "'a'"]),
        (HEADER + "a,0.1,0.2\n,0.1,0.2\n", ["row 3", "'study_id'", "an empty cell"]),
        (HEADER + "a,0.1,0.2\n  ,0.1,0.2\n", ["row 3", "'study_id'", "an empty cell"]),
        (HEADER + "a,0.1\n", ["row 2", "3 cells", "2"]),
        (HEADER + "a,0.1,0.2,0.3\n", ["row 2", "3 cells", "4"]),
        (HEADER + "a,0.1,\n", ["row 2", "'Cardiomegaly'", "an empty cell"]),
        (HEADER + "a,0.1,nan\n", ["row 2", "'Cardiomegaly'", "number", "nan"]),
        (HEADER + "a,0.1,high\n", ["row 2", "'Cardiomegaly'", "number", "'high'"]),
        (HEADER + "a,0.1,1_0\n", ["row 2", "number", "'1_0'"]),
        (HEADER + "a,0.1,inf\n", ["row 2", "[0, 1]", "inf"]),
        (HEADER + "a,0.1,1.5\nb,0.1,-3\n", ["row 3", "-3", "most extreme of 2", "--scores"]),
        ('study_id,Edema\n"a,0.5\n', ["comma-separated"]),
    ],
)
def test_refuses(tmp_path, text, parts):
    message = refused(put(tmp_path, text))
    for part in parts:
        assert part in message


def test_refuses_what_is_no_file(tmp_path):
    assert "no such file" in refused(tmp_path / "absent.csv")
    assert "folder" in refused(tmp_path)


def test_refuses_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "model.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff\xfe" * 50)
    refused(path)


@pytest.mark.parametrize("name", ["model.xlsx", "model.csv"])
@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_refuses_an_excel_workbook(tmp_path, name, start):
    path = tmp_path / name
    path.write_bytes(start + b"\x00" * 50)
    message = "must be a comma-separated CSV (UTF-8). Received: an Excel workbook; save it as CSV"
    assert message in refused(path)


def test_refuses_a_study_column_with_paths_of_images(tmp_path):
    text = "Study,Edema\nCheXpert-v1.0/test/patient64741/study1/view1_frontal.jpg,0.5\n"
    assert "must be a study" in refused(put(tmp_path, text))


def test_refuses_paths_of_images_and_studies_mixed(tmp_path):
    text = "Path,Edema\npatient1/study1/view1.jpg,0.5\npatient2/study1,0.5\n"
    assert "row 3" in refused(put(tmp_path, text))


def test_scores_are_admitted_where_asked_for_but_must_be_finite(tmp_path):
    path = put(tmp_path, HEADER + "a,-7.5,12\n")
    np.testing.assert_array_equal(read_predictions(path, scores=True).values, [[-7.5, 12]])
    path = put(tmp_path, HEADER + "a,-7.5,inf\n")
    with pytest.raises(InputError, match=r"finite.*inf"):
        read_predictions(path, scores=True)


def test_a_reference_is_1_0_or_blank(tmp_path):
    one = read_reference(put(tmp_path, HEADER + "a,1,0\nb,,1.0\n"))
    np.testing.assert_array_equal(one.values, [[1, 0], [np.nan, 1]])


@pytest.mark.parametrize("value", ["-1", "0.5", "2", "nan", "yes", "True", "inf"])
def test_a_reference_with_anything_else_is_refused(tmp_path, value):
    message = refused(put(tmp_path, HEADER + f"a,1,0\nb,{value},1\n"), read_reference)
    assert "row 3" in message
    assert "'Edema'" in message


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("resnet50.csv", ("resnet50", "")),
        ("resnet50__seed3.csv", ("resnet50", "3")),
        ("resnet50__seed03.csv", ("resnet50", "3")),
        ("my__seedling.csv", ("my__seedling", "")),
        ("a__seed1__seed2.csv", ("a__seed1", "2")),
        ("runs/resnet50__seed1/predictions/test.csv", ("resnet50", "1")),
        ("runs/resnet50/predictions/valid.csv", ("resnet50", "")),
        ("predictions/resnet50.csv", ("resnet50", "")),
        ("runs/test.csv", ("test", "")),
        ("m__seed4.parquet", ("m", "4")),
    ],
)
def test_names_and_seeds(tmp_path, path, expected):
    assert run_name(tmp_path / path) == expected


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
def test_the_fast_way_reads_what_the_slow_way_reads(tmp_path, cell, read, monkeypatch):
    path = put(tmp_path, long_table(30, {} if cell is None else {17: cell}))
    fast, slow = both_ways(path, read, monkeypatch)
    if isinstance(slow, str):
        assert fast == slow
    else:
        assert fast[:2] == slow[:2]
        np.testing.assert_array_equal(fast[2], slow[2])


def test_the_fast_way_keeps_ids_as_they_are_written(tmp_path, monkeypatch):
    text = "study_id,patient_id,Edema\n001,0007,0.5\nNA,nan,0.5\n1e3,None,0.5\n"
    path = put(tmp_path, text)
    for limit in (2, sys.maxsize):
        monkeypatch.setattr(raw_module, "_LONG", limit)
        rows = read_predictions(path).rows
        assert rows.ids.tolist() == ["001", "NA", "1e3"]
        assert rows.patients.tolist() == ["0007", "nan", "None"]


def test_written_predictions_read_back_exactly_in_float32(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.random((700, 2)).astype(np.float32)
    ids = [f"i{n}" for n in range(700)]
    path = tmp_path / "net__seed2.csv"
    write_predictions(
        path, ["Edema", "Mass"], values, image_ids=ids, study_ids=ids, patient_ids=["p"] * 700
    )
    one = read_predictions(path)
    np.testing.assert_array_equal(one.values.astype(np.float32), values)
    assert (one.name, one.seed) == ("net", "2")
    assert one.rows.patients.tolist() == ["p"] * 700


@pytest.mark.parametrize(
    ("values", "ids", "match"),
    [
        (np.full((2, 1), 0.5), None, "image_ids"),
        (np.full((2, 2), 0.5), ["a", "b"], "shape"),
        (np.full((2, 1), 1.5), ["a", "b"], r"\[0, 1\]"),
        (np.full((2, 1), np.nan), ["a", "b"], r"\[0, 1\]"),
        (np.full((2, 1), 0.5), ["a"], "2 long"),
    ],
)
@pytest.mark.filterwarnings("ignore:All-NaN")
def test_writing_refuses(tmp_path, values, ids, match):
    with pytest.raises(ValueError, match=match):
        write_predictions(tmp_path / "m.csv", ["Edema"], values, study_ids=ids)
    assert not (tmp_path / "m.csv").exists()


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


def test_a_broken_parquet_file_is_refused(tmp_path):
    pytest.importorskip("pyarrow")
    assert "Parquet" in refused(put(tmp_path, "PAR1 nothing", "m.parquet"))


def test_metadata_keeps_text_and_leaves_findings_out(tmp_path):
    text = "image_id,sex,age,Edema,view\na,F,071,1,PA\nb,,60,0,\n"
    one = read_metadata(put(tmp_path, text))
    assert sorted(one.columns) == ["age", "sex", "view"]
    assert one.columns["sex"].tolist() == ["F", ""]
    assert one.columns["age"].tolist() == ["071", "60"]


def test_metadata_without_a_column_is_refused(tmp_path):
    assert "metadata" in refused(put(tmp_path, "image_id,Edema\na,1\n"), read_metadata)


def test_a_long_field_is_refused_not_a_crash(tmp_path):
    text = 'study_id,Edema\n"' + "x" * (csv.field_size_limit() + 10) + '",0.5\n'
    refused(put(tmp_path, text))
