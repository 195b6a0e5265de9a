from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cxrcompare import datasets
from cxrcompare.datasets import nih
from cxrcompare.errors import InputError
from cxrcompare.labels import splits

from .layouts.layout import Layout

SHARED = Path(os.environ.get("CXRCOMPARE_SHARED", Path(__file__).parents[2] / "../shared"))
REAL = SHARED / "data" / "nih-1000"
real = pytest.mark.skipif(not REAL.is_dir(), reason="the 1,000 real NIH images are not here")


@pytest.fixture
def layout(layouts: dict[str, Callable[[], Layout]]) -> Layout:
    return layouts["nih"]()


def test_one_flat_folder_of_images(layout, tmp_path):
    layout.images = [f"images/{Path(name).name}" for name in layout.images]
    table = nih.read(layout.write(tmp_path))
    assert sorted(table.rows["path"]) == sorted(layout.images)


def test_other_folders_of_images_are_left_alone(layout, tmp_path):
    layout.write(tmp_path)
    other = tmp_path / "images-1024"
    other.mkdir()
    (other / "00000001_000.png").touch()
    assert sorted(nih.read(tmp_path).rows["path"]) == sorted(layout.images)


def test_an_image_in_two_folders_is_refused(layout, tmp_path):
    layout.write(tmp_path)
    (tmp_path / "images_002/images/00000001_000.png").touch()
    with pytest.raises(
        InputError, match=r"00000001_000.png in images_001/images and in images_002"
    ):
        nih.read(tmp_path)


def test_an_image_folder_itself_limits_the_rows(layout, tmp_path):
    layout.write(tmp_path)
    other = tmp_path / "images-1024"
    other.mkdir()
    (other / "00000002_000.png").touch()
    table = datasets.read(None, other)
    assert table.rows["path"].tolist() == ["images-1024/00000002_000.png"]
    assert table.notes["rows_left_out"] == 2
    (other / "00000002_000.png").unlink()
    with pytest.raises(InputError, match="must hold images"):
        nih.read(other)


def test_an_image_folder_within_a_folder(layout, tmp_path):
    table = datasets.read(None, layout.write(tmp_path) / "images_001" / "images")
    assert sorted(table.rows["path"]) == sorted(layout.images[:2])


def test_a_folder_of_another_name_below_nih_is_not_nih(layout, tmp_path):
    layout.write(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "labels.csv").write_text("file,patient,Edema\na.png,1,1\n")
    (tmp_path / "mine" / "a.png").touch()
    assert datasets.read(None, tmp_path / "mine").dataset == "folder"


def test_without_lists_there_is_no_split(layout, tmp_path):
    layout.texts = {}
    assert (nih.read(layout.write(tmp_path)).rows["split"] == "").all()


def test_an_image_on_both_lists_is_refused(layout, tmp_path):
    layout.texts["test_list.txt"] += "\n00000001_001.png"
    with pytest.raises(InputError, match=r"test_list.txt: .*00000001_001.png"):
        nih.read(layout.write(tmp_path))


def test_lists_with_windows_line_ends(layout, tmp_path):
    layout.write(tmp_path)
    for name in layout.texts:
        (tmp_path / name).write_bytes(layout.texts[name].replace("\n", "\r\n").encode("utf-8-sig"))
    assert nih.read(tmp_path).rows["split"].tolist() == ["train", "train", "test"]


@pytest.mark.parametrize("text", ["No Finding|Hernia", "", "Hernia|", "hernia;mass"])
def test_contradictory_or_unknown_findings_are_refused(layout, tmp_path, text):
    file, column = layout.state
    frame = layout.files[file].copy()
    frame.loc[1, column] = text
    with pytest.raises(InputError, match="row 3: `Finding Labels`"):
        nih.read(layout.replaced(file, frame).write(tmp_path))


@pytest.mark.parametrize("column", ["Finding Labels", "View Position", "Patient ID"])
def test_a_renamed_column_is_named_in_one_line(layout, tmp_path, column):
    file, _ = layout.state
    frame = layout.files[file].rename(columns={column: "Diagnoses"})
    with pytest.raises(InputError, match=f"must have a column {column}"):
        nih.read(layout.replaced(file, frame).write(tmp_path))


@real
def test_the_real_thousand():
    table = datasets.read(None, REAL)
    assert table.dataset == "nih"
    assert len(table) == 1000
    assert table.rows["patient_id"].nunique() == 682
    assert table.rows["view"].value_counts().to_dict() == {"frontal AP": 567, "frontal PA": 433}
    states = dict(zip(table.findings, table.states.T, strict=True))
    assert states["Pneumonia"].sum() == 500
    assert (table.states.sum(axis=1) == 0).sum() == 500
    assert ((table.states == 1).sum(axis=1) >= 2).sum() == 384
    assert not np.isnan(table.rows["age"]).any()


@real
def test_the_real_larger_images_are_a_table_of_their_own():
    table = datasets.read(None, REAL / "images-1024")
    assert len(table) == 24
    assert table.notes["rows_left_out"] == 976


@real
def test_the_real_thousand_are_split_by_patient_and_in_proportion():
    done = splits.assign(datasets.read("nih", REAL))
    splits.check_disjoint(done)
    shares = done.rows["split"].value_counts(normalize=True)
    positive = done.states == 1.0
    for name, share in splits.FRACTIONS.items():
        assert abs(shares[name] - share) < 0.005
        inside = (done.rows["split"] == name).to_numpy()
        common = positive.sum(axis=0) >= 90
        np.testing.assert_allclose(
            (positive[inside].sum(axis=0) / positive.sum(axis=0))[common], share, atol=0.02
        )
