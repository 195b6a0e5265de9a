"""Headers: ids, metadata and findings."""

import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import (
    read_predictions,
    read_reference,
)
from cxrcompare.predictions.columns import finding_columns, is_text, key, parse_header


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
def test_findings_have_one_name(put, header, name):
    one = read_predictions(put("model.csv", f"Study,{header}\na,0.5\n"))
    assert one.findings == (name,)


@pytest.mark.parametrize("column", ["study_id", "Study", "STUDY ID", "study-id"])
def test_study_columns(put, column):
    assert read_predictions(put("model.csv", f"{column},Edema\na,0.5\n")).rows.level == "study"


@pytest.mark.parametrize("column", ["image_id", "Path", "Image Index", "image index"])
def test_image_columns(put, column):
    rows = read_predictions(put("model.csv", f"{column},Edema\na.png,0.5\n")).rows
    assert rows.level == "image"
    assert rows.studies.tolist() == [""]
    assert rows.patients.tolist() == [""]


def test_chexpert_metadata_columns_are_no_findings(put):
    text = "Path,Sex,Age,Frontal/Lateral,AP/PA,Edema\npatient1/study1/view1.jpg,F,50,Frontal,AP,1\n"
    assert read_reference(put("model.csv", text)).findings == ("Edema",)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Image Index", "image index"),
        (" AP/PA ", "ap pa"),
        ("Follow-up #", "follow up"),
        ("study__id", "study id"),
    ],
)
def test_a_header_is_compared_without_case_and_signs(header, expected):
    assert key(header) == expected
    assert is_text(header)
    assert not is_text("Edema")


def test_an_image_column_goes_before_a_study_column():
    found = parse_header("m.csv", ["Edema", "study_id", "Path", "patient", "Sex"])
    assert (found.level, found.id, found.study, found.patient) == ("image", 2, 1, 3)
    assert found.others == {0: "Edema", 4: "Sex"}
    assert finding_columns("m.csv", found) == {0: "Edema"}
    alone = parse_header("m.csv", ["study_id", "Edema"])
    assert (alone.level, alone.id, alone.study, alone.patient) == ("study", 0, None, None)


@pytest.mark.parametrize(
    ("header", "match"),
    [
        (["Edema", "Mass"], r"^m\.csv: row 1: .*id column.*Received: 'Edema', 'Mass'$"),
        ([], r"Received: no columns$"),
        (["Path", "Sex"], r"at least one finding column\. Received: none$"),
        (["Path", "oedema", "Edema"], r"one column\. Received: 'oedema' and 'Edema'$"),
    ],
)
def test_a_header_without_roles_is_refused(header, match):
    with pytest.raises(InputError, match=match):
        finding_columns("m.csv", parse_header("m.csv: row 1", header))
