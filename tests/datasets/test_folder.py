from __future__ import annotations

import pytest

from cxrcompare import datasets
from cxrcompare.datasets import folder
from cxrcompare.errors import InputError


def _write(tmp_path, text, images=("a.png", "b.png")):
    (tmp_path / "labels.csv").write_text(text)
    for name in images:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_without_patients_each_image_is_one_and_it_is_said(tmp_path):
    table = folder.read(_write(tmp_path, "Path,Edema\na.png,1\nb.png,0\n"))
    assert table.rows["patient_id"].tolist() == ["a.png", "b.png"]
    assert "patient of its own" in table.notes["patients"]


def test_patients_come_from_a_chexpert_like_path(tmp_path):
    paths = ["patient1/study1/a.png", "patient1/study2/b.png"]
    table = folder.read(
        _write(tmp_path, "Path,Edema\n" + "\n".join(f"{p},1" for p in paths), paths)
    )
    assert table.rows["patient_id"].tolist() == ["patient1", "patient1"]
    assert table.rows["study_id"].tolist() == ["patient1/study1", "patient1/study2"]
    assert "patients" not in table.notes


def test_findings_known_by_their_values_are_noted(tmp_path):
    table = folder.read(
        _write(tmp_path, "Path,Edema,Silicosis,grade,empty\na.png,1,-1,3,\nb.png,,1,1,\n")
    )
    assert table.findings == ("Edema", "Silicosis")
    assert table.notes["findings_by_their_values"] == ["Silicosis"]


def test_another_csv_without_paths_does_no_harm_and_one_with_does(tmp_path):
    _write(tmp_path, "Path,Edema\na.png,1\nb.png,0\n")
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
        ("Path,Edema,view\na.png,1,sideways\n", "row 2: `view` must be AP"),
        ("Path,Edema,split\na.png,1,holdout\n", "row 2: `split` must be train"),
        ("Path,Edema,sex\na.png,1,xx\n", "row 2: `sex` must be F"),
        (
            "Path,Edema,image_id\na.png,1,q\nb.png,1,q\n",
            "row 3: each image must have one row; row 2",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        folder.read(_write(tmp_path, text))
