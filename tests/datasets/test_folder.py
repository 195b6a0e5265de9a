from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from cxrcompare import datasets
from cxrcompare.datasets import folder
from cxrcompare.datasets.parsing import label_file, patients
from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.errors import InputError
from cxrcompare.labels import splits


def _write(tmp_path: Path, text: str, images: Sequence[str] = ("a.png", "b.png")) -> Path:
    (tmp_path / "labels.csv").write_text(text)
    for name in images:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


IMAGE_IS_PATIENT = OwnColumns(image_is_patient=True)


def _hospital(tmp_path: Path, header: str = "PatNr", images: int = 60) -> Path:
    """Writes three images of each of twenty patients, ordered by time, so patients alternate."""
    names = [f"{n:02}.png" for n in range(images)]
    lines = [
        f"{name},{n % 20},{n % 4},{n % 2},{n % 3 % 2},{n % 3 // 2}" for n, name in enumerate(names)
    ]
    text = f"file,{header},ward,Edema,Effusion,deceased\n" + "\n".join(lines)
    return _write(tmp_path, text, names)


@pytest.mark.parametrize(
    "header", ["PatNr", "Pat-No", "mrn", "CASE", "person", "pseudonym", "SubjectNumber"]
)
def test_a_patient_column_of_another_name_must_be_named(tmp_path, header):
    folder_ = _hospital(tmp_path, header)
    with pytest.raises(InputError, match=f"'{header}' \\(20 values\\).*for 60 images") as caught:
        folder.read(folder_)
    message = str(caught.value)
    assert "--patient-column NAME" in message
    assert "--image-is-patient" in message
    assert "\n" not in message
    assert "deceased" not in message


@pytest.mark.parametrize("header", ["path_of_report", "pathology", "compatible", "showcase"])
def test_a_name_that_only_holds_a_hint_is_no_patient_column(tmp_path, header):
    text = f"file,{header},Edema\na.png,x,1\nb.png,y,0\n"
    labels = label_file.read(_write(tmp_path, text) / "labels.csv")
    assert patients.candidates(labels, ["file", "Edema"]) == []


def test_the_named_patient_column_keeps_patients_in_one_split(tmp_path):
    table = datasets.read(None, _hospital(tmp_path), OwnColumns(patient="patnr"))
    assert table.rows["patient_id"].nunique() == 20
    assert table.patients_known
    assert datasets.decisions(table)[0] == "patients: 20 (column PatNr)"
    done = splits.assign(table, {"train": 0.5, "valid": 0.2, "test": 0.3})
    assert done.rows.groupby("patient_id")["split"].nunique().max() == 1
    checked = splits.disjointness(done)
    assert sum(checked.patients.values()) == 20
    assert sum(checked.images.values()) == 60


def test_each_image_is_a_patient_if_the_user_declares_it(tmp_path):
    table = folder.read(_write(tmp_path, "Path,Edema\na.png,1\nb.png,0\n"), IMAGE_IS_PATIENT)
    assert table.rows["patient_id"].tolist() == ["a.png", "b.png"]
    assert not table.patients_known
    assert "separate patient" in table.notes["patients"]
    assert datasets.decisions(table)[0].startswith("patients: unknown")
    assert splits.disjointness(table).patients is None


def test_a_possible_patient_column_is_reported_if_images_count_as_patients(tmp_path):
    table = datasets.read(None, _hospital(tmp_path), IMAGE_IS_PATIENT)
    assert "but PatNr may name patients" in datasets.decisions(table)[0]


def test_without_patients_the_images_of_a_study_stay_together(tmp_path):
    text = "Path,study,Edema\na.png,s1,1\nb.png,s1,0\n"
    table = folder.read(_write(tmp_path, text), IMAGE_IS_PATIENT)
    assert table.rows["patient_id"].tolist() == ["s1", "s1"]
    assert "each study counts" in table.notes["patients"]


@pytest.mark.parametrize(
    ("text", "own", "message"),
    [
        ("Path,Edema\na.png,1\nb.png,0\n", OwnColumns(), "no possible patient column"),
        ("Path,patient,Edema\na.png,1,1\nb.png,,0\n", OwnColumns(), "row 3: `patient` must name"),
        (
            "Path,patient,study,Edema\na.png,1,s,1\nb.png,1,,0\n",
            OwnColumns(),
            "row 3: `study` must name a study",
        ),
        (
            "Path,patient,Edema\na.png,1,1\nb.png,1,0\n",
            IMAGE_IS_PATIENT,
            "must not be given if a column names patients. Received: the column 'patient'",
        ),
        (
            "Path,patient,subject_id,Edema\na.png,1,1,1\nb.png,2,1,0\n",
            OwnColumns(),
            "must have one patient column; .*Received: patient, subject_id",
        ),
        (
            "Path,PatNr,Edema\na.png,1,1\nb.png,2,1\n",
            OwnColumns(patient="PatNo"),
            "`--patient-column` must be one of its columns: Path, PatNr, Edema. Received: 'PatNo'",
        ),
    ],
)
def test_patients_are_never_guessed(tmp_path, text, own, message):
    with pytest.raises(InputError, match=message):
        folder.read(_write(tmp_path, text), own)


def test_two_patient_columns_that_agree_are_one(tmp_path):
    text = "Path,patient,subject_id,Edema\na.png,1,x,1\nb.png,2,y,0\n"
    assert folder.read(_write(tmp_path, text)).rows["patient_id"].tolist() == ["1", "2"]


def test_columns_are_not_given_for_a_data_set_whose_columns_are_known(tmp_path, layouts):
    layouts["nih"]().write(tmp_path)
    with pytest.raises(InputError, match=r"known \(nih\).*Received: image_is_patient"):
        datasets.read(None, tmp_path, IMAGE_IS_PATIENT)


def test_patients_come_from_a_chexpert_like_path(tmp_path):
    paths = ["patient1/study1/a.png", "patient1/study2/b.png"]
    table = folder.read(
        _write(tmp_path, "Path,Edema\n" + "\n".join(f"{p},1" for p in paths), paths)
    )
    assert table.rows["patient_id"].tolist() == ["patient1", "patient1"]
    assert table.rows["study_id"].tolist() == ["patient1/study1", "patient1/study2"]
    assert table.patients_known
    assert "the paths" in table.notes["patients"]


SILICOSIS = "Path,patient,Edema,Silicosis,grade,empty\na.png,1,1,-1,3,\nb.png,2,,1,1,\n"


def test_a_column_with_a_name_that_is_not_known_is_left_out_and_noted(tmp_path):
    table = folder.read(_write(tmp_path, SILICOSIS))
    assert table.findings == ("Edema",)
    assert table.notes["columns_left_out"] == ["Silicosis", "grade", "empty"]
    assert table.notes["columns_like_findings"] == ["Silicosis"]
    lines = datasets.decisions(table)
    assert lines[1] == "findings: Edema"
    assert lines[2] == "columns left out: Silicosis, grade, empty"
    assert lines[3].startswith("left out, but with values of findings: Silicosis; --findings")


@pytest.mark.parametrize(
    ("own", "findings"),
    [
        (OwnColumns(all_columns=True), "all"),
        (OwnColumns(other_findings=("silicosis",)), "all"),
        (OwnColumns(), "Edema, silicosis"),
        (OwnColumns(), ("silicosis",)),
    ],
)
def test_a_finding_that_is_not_known_is_one_where_it_is_named(tmp_path, own, findings):
    table = datasets.read("folder", _write(tmp_path, SILICOSIS), own, findings)
    assert table.findings == ("Edema", "Silicosis")
    assert table.notes["finding_columns"] == {"Edema": "Edema", "Silicosis": "Silicosis"}
    assert table.notes["columns_left_out"] == ["grade", "empty"]


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (OwnColumns(other_findings=("grade",)), "row 2: `grade` must be 1, 0, -1 or blank"),
        (OwnColumns(other_findings=("gade",)), "names among Edema, Silicosis. Received: gade"),
        (OwnColumns(all_columns=True), "row 3: `Silicosis` must be 1, 0, -1 .*Received: 'yes'"),
        (
            OwnColumns(other_findings=("Silicosis",)),
            r"row 3: `Silicosis` must be 1, 0, -1 or blank, or be in `\[columns.values\]`",
        ),
    ],
)
def test_a_cell_that_is_no_label_is_an_error_and_no_vanished_finding(tmp_path, own, message):
    text = "Path,patient,Edema,Silicosis,grade\na.png,1,1,1,3\nb.png,2,,yes,1\nc.png,3,,0,2\n"
    with pytest.raises(InputError, match=message):
        folder.read(_write(tmp_path, text, ("a.png", "b.png", "c.png")), own)


def test_possible_findings_are_named_if_no_finding_is_known(tmp_path):
    text = "Path,patient,Silicosis\na.png,1,1\nb.png,2,0\n"
    with pytest.raises(InputError, match=r"--findings \(Silicosis\) or use --all-columns"):
        folder.read(_write(tmp_path, text))


def test_another_csv_without_paths_does_no_harm_and_one_with_does(tmp_path):
    _write(tmp_path, "Path,patient,Edema\na.png,1,1\nb.png,1,0\n")
    (tmp_path / "scores.csv").write_text("model,auroc\nx,0.9\n")
    assert len(datasets.read(None, tmp_path)) == 2
    (tmp_path / "more.csv").write_text("file,Edema\na.png,1\n")
    with pytest.raises(InputError, match="Received: 2 among"):
        folder.read(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Path,age\na.png,3\n", "must have a column for a finding"),
        ("name,Edema\na.png,1\n", "must hold one CSV with a column of image paths"),
        ("Path,patient,Edema,view\na.png,1,1,sideways\n", "row 2: `view` must be AP"),
        ("Path,patient,Edema,split\na.png,1,1,holdout\n", "row 2: `split` must be train"),
        ("Path,patient,Edema,sex\na.png,1,1,xx\n", "row 2: `sex` must be F"),
        (
            "Path,patient,Edema,image_id\na.png,1,1,q\nb.png,1,1,q\n",
            "row 3: each image must have one row; row 2",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        folder.read(_write(tmp_path, text))


def test_patients_that_differ_only_in_spelling_are_said(tmp_path):
    rows = "a.png,P07,1\nb.png,p7,0\nc.png,unknown,1\nd.png,P8,0\n"
    folder = _write(tmp_path, "file,patient,Edema\n" + rows, ("a.png", "b.png", "c.png", "d.png"))
    lines = datasets.decisions(datasets.read("folder", folder))
    assert "patients: 'unknown' counts as one patient" in lines
    (line,) = [line for line in lines if "differ" in line]
    assert line.startswith("patients: 1 ids differ")
    assert line.endswith("such as 'P07' and 'p7'")
