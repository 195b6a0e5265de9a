"""Headers: ids, metadata and findings."""

import pytest

from cxrcompare.predictions import (
    read_predictions,
    read_reference,
)


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
