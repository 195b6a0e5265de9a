"""What the reader of tables takes, and what it refuses with one line."""

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import (
    read_metadata,
    read_predictions,
    read_reference,
    run_name,
)

HEADER = "study_id,Edema,Cardiomegaly\n"


def test_reads_a_plain_table(put):
    one = read_predictions(put("model.csv", HEADER + "a,0.1,0.2\nb,0,1\n"))
    assert one.name == "model"
    assert one.seed == ""
    assert one.findings == ("Edema", "Cardiomegaly")
    assert one.rows.level == "study"
    assert one.rows.ids.tolist() == ["a", "b"]
    np.testing.assert_array_equal(one.values, [[0.1, 0.2], [0, 1]])


def test_an_image_may_carry_study_and_patient(put):
    text = "patient_id,Edema,study_id,image_id\np1,0.5,s1,i1\n"
    rows = read_predictions(put("model.csv", text)).rows
    assert (rows.ids[0], rows.studies[0], rows.patients[0]) == ("i1", "s1", "p1")


def test_chexpert_paths_say_patient_and_study_whatever_the_release(put):
    text = (
        "Path,Edema\nCheXpert-v1.0-small/valid/patient64541/study1/view1_frontal.jpg,0.5\n"
        "CheXpert-v1.0\\valid\\patient64542\\study2\\view1_lateral.jpg,0.5\n"
    )
    rows = read_predictions(put("model.csv", text)).rows
    assert rows.level == "image"
    assert rows.ids[0] == "patient64541/study1/view1_frontal.jpg"
    assert rows.studies.tolist() == ["patient64541/study1", "patient64542/study2"]
    assert rows.patients.tolist() == ["patient64541", "patient64542"]


@pytest.mark.parametrize("column", ["Study", "Path"])
def test_a_chexpert_study_path_is_a_study(put, column):
    text = f"{column},Edema\nCheXpert-v1.0/test/patient64741/study1,0.5\n"
    rows = read_predictions(put("model.csv", text)).rows
    assert rows.level == "study"
    assert rows.ids.tolist() == rows.studies.tolist() == ["patient64741/study1"]


def test_nih_file_names_say_the_patient(put):
    rows = read_predictions(put("model.csv", "Image Index,Mass\n00000013_005.png,0.5\n")).rows
    assert rows.patients.tolist() == ["00000013"]


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
def test_refuses(put, refused, text, parts):
    message = refused(put("model.csv", text))
    for part in parts:
        assert part in message


def test_refuses_a_study_column_with_paths_of_images(put, refused):
    text = "Study,Edema\nCheXpert-v1.0/test/patient64741/study1/view1_frontal.jpg,0.5\n"
    assert "must be a study" in refused(put("model.csv", text))


def test_refuses_paths_of_images_and_studies_mixed(put, refused):
    text = "Path,Edema\npatient1/study1/view1.jpg,0.5\npatient2/study1,0.5\n"
    assert "row 3" in refused(put("model.csv", text))


def test_scores_are_admitted_where_asked_for_but_must_be_finite(put):
    path = put("model.csv", HEADER + "a,-7.5,12\n")
    np.testing.assert_array_equal(read_predictions(path, scores=True).values, [[-7.5, 12]])
    path = put("model.csv", HEADER + "a,-7.5,inf\n")
    with pytest.raises(InputError, match=r"finite.*inf"):
        read_predictions(path, scores=True)


def test_a_reference_is_1_0_or_blank(put):
    one = read_reference(put("model.csv", HEADER + "a,1,0\nb,,1.0\n"))
    np.testing.assert_array_equal(one.values, [[1, 0], [np.nan, 1]])


@pytest.mark.parametrize("value", ["-1", "0.5", "2", "nan", "yes", "True", "inf"])
def test_a_reference_with_anything_else_is_refused(put, refused, value):
    message = refused(put("model.csv", HEADER + f"a,1,0\nb,{value},1\n"), read_reference)
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


def test_metadata_keeps_text_and_leaves_findings_out(put):
    text = "image_id,sex,age,Edema,view\na,F,071,1,PA\nb,,60,0,\n"
    one = read_metadata(put("model.csv", text))
    assert sorted(one.columns) == ["age", "sex", "view"]
    assert one.columns["sex"].tolist() == ["F", ""]
    assert one.columns["age"].tolist() == ["071", "60"]


def test_metadata_without_a_column_is_refused(put, refused):
    assert "metadata" in refused(put("model.csv", "image_id,Edema\na,1\n"), read_metadata)
