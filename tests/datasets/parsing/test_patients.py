"""Tests of patients and studies of a user's own label file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxrcompare.datasets.parsing import label_file, patients
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.datasets.parsing.patients import Identity
from cxrcompare.errors import InputError


def labels(tmp_path: Path, text: str) -> LabelFile:
    (tmp_path / "labels.csv").write_text(text)
    return label_file.read(tmp_path / "labels.csv")


def identify(
    read: LabelFile,
    patient: str | None = None,
    study: str | None = None,
    image_is_patient: bool = False,
) -> Identity:
    """Returns the patients of a file whose paths are in `file`."""
    path = read.text("file")
    return patients.identify(read, path, patient, study, image_is_patient, ["file", "Edema"])


COLUMN = "file,PatientID,exam,Edema\na.png,1,x,1\nb.png,1,y,0\nc.png,2,x,0\n"


def test_a_column_of_a_known_name_gives_patients_and_each_image_is_a_study(tmp_path):
    found = identify(labels(tmp_path, COLUMN))
    assert found.patient.tolist() == ["1", "1", "2"]
    assert found.study.tolist() == ["a.png", "b.png", "c.png"]
    assert found.known
    assert found.source == "column PatientID"
    assert found.patient.index.tolist() == [2, 3, 4]


def test_a_study_is_one_of_its_patient(tmp_path):
    # exam x of patient 1 and exam x of patient 2 are two studies
    found = identify(labels(tmp_path, COLUMN), study="exam")
    assert found.study.tolist() == ["1/x", "1/y", "2/x"]


def test_the_named_column_comes_before_a_known_name(tmp_path):
    text = "file,patient,mrn,Edema\na.png,1,x,1\nb.png,2,x,0\n"
    found = identify(labels(tmp_path, text), patient="mrn")
    assert found.patient.tolist() == ["x", "x"]
    assert found.source == "column mrn"


PATHS = (
    "file,Edema\npatient1/study1/a.png,1\nD\\patient1\\study2\\b.png,0\npatient2/study1/c.png,1\n"
)


def test_paths_give_patients_and_studies(tmp_path):
    found = identify(labels(tmp_path, PATHS))
    assert found.patient.tolist() == ["patient1", "patient1", "patient2"]
    assert found.study.tolist() == ["patient1/study1", "patient1/study2", "patient2/study1"]
    assert found.known
    assert found.source == "the paths, such as patient1/study1/a.png"


def test_a_column_comes_before_the_paths_which_still_give_studies(tmp_path):
    text = PATHS.replace("file,", "file,subject_id,").replace(".png,", ".png,7,")
    found = identify(labels(tmp_path, text))
    assert found.patient.tolist() == ["7", "7", "7"]
    assert found.study.tolist() == ["patient1/study1", "patient1/study2", "patient2/study1"]


def test_one_path_that_names_no_patient_is_not_enough(tmp_path):
    with pytest.raises(InputError, match="patients must be known"):
        identify(labels(tmp_path, PATHS + "d.png,0\n"))


def test_each_image_or_each_study_counts_as_a_patient_where_the_user_says_so(tmp_path):
    read = labels(tmp_path, "file,exam,Edema\na.png,x,1\nb.png,x,0\n")
    alone = identify(read, image_is_patient=True)
    assert alone.patient.tolist() == alone.study.tolist() == ["a.png", "b.png"]
    together = identify(read, study="exam", image_is_patient=True)
    assert together.patient.tolist() == together.study.tolist() == ["x", "x"]
    assert not alone.known
    assert not together.known
    assert alone.source == "each image counts as a separate patient"
    assert together.source == "each study counts as a separate patient"


def test_columns_that_may_hold_patients_are_listed_the_likeliest_first(tmp_path):
    # 40 images: `scan` repeats as ids do, `case_no` has the name of an id; `site` has two values,
    # `hash` has one per image, `gap` has a blank cell, `pat` one value
    lines = ["file,Edema,scan,site,hash,gap,pat,case_no"]
    for row in range(40):
        gap = "" if row == 3 else row // 2
        lines.append(f"{row}.png,1,s{row // 2},{row % 2},{row},{gap},same,{row // 3}")
    read = labels(tmp_path, "\n".join(lines))
    assert patients.candidates(read, ["file", "Edema"]) == ["case_no", "scan"]
    with pytest.raises(
        InputError, match=r"'case_no' \(14 values\), 'scan' \(20 values\), for 40 images"
    ):
        identify(read)


def test_no_more_than_five_are_listed(tmp_path):
    header = ",".join(f"id{number}_pat" for number in range(8))
    rows = "\n".join(f"{row}.png," + ",".join([str(row // 2)] * 8) for row in range(6))
    read = labels(tmp_path, f"file,{header}\n{rows}\n")
    with pytest.raises(InputError, match=r"'id4_pat' \(3 values\) and 3 more, for 6 images$"):
        identify(read)


@pytest.mark.parametrize(
    "header",
    ["patient", "Patients", "pat_id", "PatNr", "PATNR", "MRN", "mrnNumber", "subj-no", "caseID"],
)
def test_names_of_persons_and_cases(tmp_path, header):
    read = labels(tmp_path, f"file,{header}\na.png,1\nb.png,2\n")
    assert patients.candidates(read, ["file"]) == [header]


@pytest.mark.parametrize("header", ["pathology", "patch", "suspected", "point", "casein", "spid"])
def test_names_that_only_contain_such_a_name(tmp_path, header):
    read = labels(tmp_path, f"file,{header}\na.png,1\nb.png,2\n")
    assert patients.candidates(read, ["file"]) == []


def test_spaces_around_ids_do_not_make_other_patients(tmp_path):
    found = identify(labels(tmp_path, "file,patient,Edema\na.png, 1,1\nb.png,1 ,0\n"))
    assert found.patient.tolist() == ["1", "1"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "file,patient,Edema\na.png,1,1\n\nb.png, ,0\n",
            {},
            "labels.csv: row 4: `patient` must name a patient. Received: ''",
        ),
        (
            "file,patient,exam,Edema\na.png,1,,1\n",
            {"study": "exam"},
            "row 2: `exam` must name a study",
        ),
        (
            "file,patient,Edema\na.png,1,1\n",
            {"image_is_patient": True},
            "must not be given if a column names patients. Received: the column 'patient'",
        ),
        (
            "file,patient,PatientID,Edema\na.png,1,x,1\nb.png,2,x,0\n",
            {},
            "one patient column; name it with --patient-column NAME. Received: patient, PatientID",
        ),
        ("file,Edema\na.png,1\n", {}, "no possible patient column among file, Edema"),
    ],
)
def test_patients_that_are_not_clear_are_one_line(tmp_path, text, options, message):
    with pytest.raises(InputError) as caught:
        identify(labels(tmp_path, text), **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
