"""A label file with any column names and values is read as configured, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cxrcompare import datasets
from cxrcompare.datasets import folder
from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.errors import InputError
from cxrcompare.experiment import load, load_columns

HEADER = "Bild,PatNr,Auftrag,Aufnahme,Geschlecht,Alter,Teil,effusion_yn,tb,Edema"
ROWS = (
    "a.png,7,1,PA,F,40,train,Yes,yes,0",
    "b.png,7,2,AP,F,41,train,no,?,",
    "c.png,8,1,lateral,M,50,test,n/a,2.0,1",
)
TOML = """
[columns]
path = "Bild"
patient = "PatNr"
study = "Auftrag"
view = "Aufnahme"
sex = "Geschlecht"
age = "Alter"
split = "Teil"

[columns.findings]
"Effusion" = "effusion_yn"
"Tuberculosis" = "tb"

[columns.values]
positive = ["yes"]
negative = ["no", 2]
uncertain = ["?"]
unmentioned = ["n/a"]
"""


def write(tmp_path: Path, rows: Sequence[str] = ROWS, header: str = HEADER) -> Path:
    (tmp_path / "labels.csv").write_text("\n".join([header, *rows]) + "\n")
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).touch()
    return tmp_path


def own(tmp_path: Path, text: str = TOML) -> OwnColumns:
    file = tmp_path / "own.toml"
    file.write_text(text)
    return load_columns(file, {})


def test_every_column_and_word_is_what_the_owner_says(tmp_path):
    table = folder.read(write(tmp_path), own(tmp_path))
    rows = table.rows
    assert rows["path"].tolist() == ["a.png", "b.png", "c.png"]
    assert rows["patient_id"].tolist() == ["7", "7", "8"]
    assert rows["study_id"].tolist() == ["7/1", "7/2", "8/1"]
    assert rows["view"].tolist() == ["frontal PA", "frontal AP", "lateral"]
    assert rows["sex"].tolist() == ["F", "F", "M"]
    assert rows["age"].tolist() == [40.0, 41.0, 50.0]
    assert rows["split"].tolist() == ["train", "train", "test"]
    assert table.findings == ("Pleural Effusion", "Tuberculosis", "Edema")
    nan = np.nan
    np.testing.assert_array_equal(table.states, [[1, 1, 0], [0, -1, nan], [nan, 0, 1]])
    assert table.notes["columns_left_out"] == []
    assert table.notes["columns"]["path"] == "Bild"


def test_the_columns_are_the_same_in_an_experiment(tmp_path):
    file = tmp_path / "e.toml"
    file.write_text(f"data = '{tmp_path}'\n{TOML}")
    assert load(file, {}).columns == load_columns(file, {}) == own(tmp_path)
    assert load(file, {"columns.patient": "Fall"}).columns.patient == "Fall"


def test_a_mapped_column_beats_one_of_a_known_name_which_is_left_out_and_said(tmp_path):
    text = TOML.replace('"Tuberculosis"', '"Edema"')
    table = folder.read(write(tmp_path), own(tmp_path, text))
    assert table.findings == ("Pleural Effusion", "Edema")
    assert table.rows["Edema"].tolist() == [1.0, -1.0, 0.0]
    assert "columns left out: Edema" in datasets.decisions(table)
    assert "findings: Pleural Effusion (column effusion_yn), Edema (column tb)" in (
        datasets.decisions(table)
    )


def test_one_of_two_columns_of_a_finding_may_be_named(tmp_path):
    header, text = "path,patient,Effusion,pleural_effusion", ["a.png,1,0,1", "b.png,2,1,0"]
    write(tmp_path, text, header)
    with pytest.raises(InputError, match="both Pleural Effusion"):
        folder.read(tmp_path)
    table = folder.read(tmp_path, OwnColumns(findings={"Pleural Effusion": "Effusion"}))
    assert table.rows["Pleural Effusion"].tolist() == [0.0, 1.0]
    assert table.notes["columns_left_out"] == ["pleural_effusion"]


def test_a_value_may_be_given_another_meaning(tmp_path):
    values = OwnColumns.model_validate({"values": {"unmentioned": ["0"], "negative": ["2"]}})
    text = ["a.png,1,0", "b.png,2,2", "c.png,3,1"]
    table = folder.read(write(tmp_path, text, "path,patient,Edema"), values)
    np.testing.assert_array_equal(table.rows["Edema"], [np.nan, 0, 1])


def test_true_and_false_of_a_table_program_are_values(tmp_path):
    text = TOML.replace('["yes"]', "[true]").replace('["no", 2]', "[false]")
    rows = [row.replace("Yes,yes", "True,TRUE").replace("no,", "False,") for row in ROWS]
    rows[2] = rows[2].replace("2.0", "False")
    table = folder.read(write(tmp_path, rows), own(tmp_path, text))
    assert table.rows["Tuberculosis"].tolist() == [1.0, -1.0, 0.0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('path = "Bild"', 'pfad = "Bild"', r"unknown key `columns\.pfad`; the choices are path, "),
        ('"yes"', '"yes", "NO"', "must give each value one meaning. Received twice: 'no'"),
        ("[columns]", "[column]", r"must have a table \[columns\]. Received: column"),
        ('sex = "Geschlecht"', "sex = 3", r"`columns\.sex`: .*valid string.*Received: 3"),
        ('"Tuberculosis"', '"Pleural Effusion"', "must name each finding once"),
        ("positive", "positiv", r"unknown key `columns\.values\.positiv`; .*positive, negative"),
        (
            'split = "Teil"',
            "image_is_patient = true",
            r"`columns`: must have `patient` or `image_is_patient`, not both",
        ),
    ],
)
def test_a_wrong_table_is_named_with_its_file_and_choices(tmp_path, old, new, message):
    text = TOML.replace(old, new)
    if new == "[column]":
        text = "[column]\npath = 'Bild'\n"
    with pytest.raises(InputError, match=message) as caught:
        own(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert "own.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"Bild"', '"Foto"', r"one CSV with a column of image paths \(Foto; "),
        ('"Alter"', '"Jahre"', r"`\[columns\] age` must be one of its columns: Bild, .*'Jahre'"),
        ('"tb"', '"tbc"', r"`\[columns.findings\]` must name columns among Bild.*Received: 'tbc'"),
        ('"tb"', '"Teil"', r"each column one meaning. Received twice: 'Teil'"),
        ('"Auftrag"', '"PatNr"', r"each column one meaning. Received twice: 'PatNr'"),
        ('["?"]', "[]", r"row 3: `tb` must be 1, 0, -1 or blank, or be in .*Received: '\?'"),
    ],
)
def test_a_table_that_does_not_fit_the_file_is_refused(tmp_path, old, new, message):
    with pytest.raises(InputError, match=message):
        folder.read(write(tmp_path), own(tmp_path, TOML.replace(old, new)))
