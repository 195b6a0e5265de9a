from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cxrcompare import datasets
from cxrcompare.datasets import chexpert
from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT
from cxrcompare.labels import splits

from .layouts.layout import Layout

REAL = os.environ.get("CXRCOMPARE_CHEXPERT_CSV", "")


@pytest.fixture
def layout(layouts: dict[str, Callable[[], Layout]]) -> Layout:
    return layouts["chexpert"]()


def test_the_folder_may_be_the_release_or_hold_it_under_any_name(layout, tmp_path):
    inside = chexpert.read(layout.write(tmp_path / "data" / "renamed on disk"))
    above = chexpert.read(tmp_path / "data")
    assert inside.rows.equals(above.rows)
    assert above.root == tmp_path / "data" / "renamed on disk"


def test_two_releases_in_one_folder_are_not_mixed(layout, tmp_path):
    layout.write(tmp_path / "one")
    layout.write(tmp_path / "two")
    with pytest.raises(InputError, match="Received: 2 of them"):
        chexpert.read(tmp_path)


def test_the_full_release_is_read_in_its_batches(layout, tmp_path):
    layout.write(tmp_path / "flat")
    first = tmp_path / "full" / "CheXpert-v1.0 batch 1 (validate & csv)"
    first.mkdir(parents=True)
    for name in ("train.csv", "valid.csv", "valid"):
        shutil.move(tmp_path / "flat" / name, first / name)
    for batch_number, patient in ((2, "patient00001"), (3, "patient00002")):
        batch = tmp_path / "full" / f"CheXpert-v1.0 batch {batch_number} (train {batch_number - 1})"
        batch.mkdir()
        shutil.move(tmp_path / "flat" / "train" / patient, batch / patient)
    table = datasets.read(None, tmp_path / "full")
    wanted = layout.expected[layout.expected["split"] != "test"]
    assert sorted(table.rows["image_id"]) == sorted(wanted.index)
    assert all((table.root / path).is_file() for path in table.rows["path"])
    assert table.root == tmp_path / "full"


def test_ids_are_the_same_in_every_release(layout, tmp_path):
    small = chexpert.read(layout.write(tmp_path / "small"))
    frame = layout.files["train.csv"]
    full = frame.assign(Path=frame["Path"].str.replace("-small", ""))
    other = chexpert.read(layout.replaced("train.csv", full).write(tmp_path / "full"))
    assert small.rows.equals(other.rows)


def test_test_labels_by_image_without_sex_age_or_view(layout, tmp_path):
    frame = layout.files["groundtruth.csv"].rename(columns={"Study": "Path"})
    frame["Path"] = frame["Path"] + "/view2_lateral.jpg"
    table = chexpert.read(layout.replaced("groundtruth.csv", frame).write(tmp_path))
    test = table.rows[table.rows["split"] == "test"]
    assert test["image_id"].tolist() == ["patient00009/study1/view2_lateral.jpg"]
    assert test["view"].tolist() == ["lateral"]
    assert test["sex"].tolist() == [""]


@pytest.mark.parametrize("name", ["test.csv", "test_labels.csv"])
def test_the_first_test_file_with_findings_counts(layout, tmp_path, name):
    layout.write(tmp_path)
    (tmp_path / "test.csv").write_text(
        "Path\nCheXpert-v1.0/test/patient00009/study1/view1_frontal.jpg\n"
    )
    (tmp_path / name).write_text(
        "Path,Fracture\nCheXpert-v1.0/test/patient00009/study1/view1_frontal.jpg,1\n"
    )
    table = chexpert.read(tmp_path)
    assert table.notes["label_files"]["test"] == name
    test = table.rows[table.rows["split"] == "test"]
    assert test["Fracture"].tolist() == [1.0]
    assert test["Edema"].isna().all()


def test_swapped_columns_of_the_radiologists_file_are_read_by_name(layout, tmp_path):
    path = "CheXpert-v1.0/test/patient00009/study1"
    layout.write(tmp_path)
    for header, row in (("Lung Lesion,Lung Opacity", "1,0"), ("Lung Opacity,Lung Lesion", "0,1")):
        (tmp_path / "groundtruth.csv").write_text(f"Study,{header}\n{path},{row}\n")
        test = chexpert.read(tmp_path).rows.query("split == 'test'")
        assert (test["Lung Lesion"] == 1).all()
        assert (test["Lung Opacity"] == 0).all()


def test_a_study_without_images_is_named(layout, tmp_path):
    layout.write(tmp_path)
    shutil.rmtree(tmp_path / "test" / "patient00009")
    with pytest.raises(InputError, match=r"groundtruth.csv: row 2: .*patient00009/study1"):
        chexpert.read(tmp_path)


def test_splits_of_radiologists_are_noted(layout, tmp_path):
    table = chexpert.read(layout.write(tmp_path))
    assert table.notes["expert_splits"] == ["valid", "test"]
    (tmp_path / "groundtruth.csv").unlink()
    assert chexpert.read(tmp_path).notes["expert_splits"] == ["valid"]


def test_a_sample_says_that_it_is_synthetic(layout, tmp_path):
    layout.write(tmp_path)
    assert "synthetic" not in chexpert.read(tmp_path).notes
    (tmp_path / "sample.json").write_text(json.dumps({"synthetic": True, "seed": 3}))
    notes = chexpert.read(tmp_path).notes
    assert notes["synthetic"] is True
    assert notes["sample"]["seed"] == 3


def test_training_labels_must_have_all_14_columns(layout, tmp_path):
    frame = layout.files["train.csv"].rename(columns={"Fracture": "Fractura"})
    with pytest.raises(InputError, match=r"train.csv: .*none for Fracture"):
        chexpert.read(layout.replaced("train.csv", frame).write(tmp_path))


@pytest.mark.parametrize("path", ["train/study1/view1.jpg", "x.jpg", "patient00001"])
def test_a_path_that_is_not_of_chexpert_is_named(layout, tmp_path, path):
    frame = layout.files["train.csv"].copy()
    frame.loc[1, "Path"] = path
    with pytest.raises(InputError, match=r"train.csv: row 3: must be like CheXpert"):
        chexpert.read(layout.replaced("train.csv", frame).write(tmp_path))


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="CXRCOMPARE_CHEXPERT_CSV names no label file of CheXpert")
def test_the_real_label_rows(tmp_path):
    import gzip

    source = Path(REAL)
    raw = source.read_bytes()
    text = (gzip.decompress(raw) if source.suffix == ".gz" else raw).decode()
    release = tmp_path / "CheXpert-v1.0-small"
    for line in text.splitlines()[1:]:
        image = tmp_path / line.partition(",")[0]
        image.parent.mkdir(parents=True, exist_ok=True)
        image.touch()
    (release / "train.csv").write_text(text)
    table = datasets.read(None, tmp_path)
    assert len(table) == 223_414
    assert table.rows["patient_id"].nunique() == 64_540
    assert table.rows["study_id"].nunique() == 187_641
    assert table.rows["view"].str.startswith("frontal").sum() == 191_027
    states = dict(zip(CHEXPERT, table.states.T, strict=True))
    for name, counts in {
        "No Finding": (22_381, 0, 0),
        "Lung Lesion": (9_186, 1_270, 1_488),
        "Atelectasis": (33_376, 1_328, 33_739),
        "Support Devices": (116_001, 6_137, 1_079),
    }.items():
        assert tuple(int((states[name] == s).sum()) for s in (1, 0, -1)) == counts
    done = splits.assign(replace(table, rows=table.rows.assign(split="")))
    splits.check_disjoint(done)
    positive = done.states == 1.0
    for name, share in splits.FRACTIONS.items():
        inside = (done.rows["split"] == name).to_numpy()
        assert abs(inside.mean() - share) < 0.001
        np.testing.assert_allclose(positive[inside].sum(0) / positive.sum(0), share, atol=0.002)
