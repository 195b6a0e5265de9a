"""The protocol describes the splits as they were checked, with counts of the data."""

import csv
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError
from cxrcompare.experiment import references
from cxrcompare.image_table import COLUMNS, ImageTable
from cxrcompare.labels.policy import Policy

POLICY = Policy()


def table(notes, sex="", age=np.nan, view=""):
    """Three images of p1 in training, one of p2 in validation, two of p3 and p4 in the test set."""
    patients = ["p1", "p1", "p1", "p2", "p3", "p4"]
    rows = pd.DataFrame(
        {
            "image_id": [f"i{n}" for n in range(6)],
            "path": [f"i{n}.png" for n in range(6)],
            "patient_id": patients,
            "study_id": [f"s{n}" for n in range(6)],
            "view": view,
            "sex": sex,
            "age": age,
            "split": ["train"] * 3 + ["valid"] + ["test"] * 2,
        }
    )[list(COLUMNS)]
    return ImageTable(rows.assign(Edema=1.0), ("Edema",), "folder", "x", notes)


def store_of(table, **described):
    hashes = np.arange(16 * len(table), dtype=np.uint8).reshape(-1, 16)
    description = {"dataset": "folder", "source": "x", "images": 6, "rejected": 0}
    return SimpleNamespace(
        table=table, hashes=hashes, description=description | {"near_duplicates": 0} | described
    )


def split_of(table):
    return references.context(store_of(table), ("Edema",), POLICY)["split"]


def test_known_patients_are_counted_on_each_side():
    assert split_of(table({})) == (
        "test, official, disjoint by patient and image (patients: train 1, valid 1, test 2, none "
        "in two; images: train 3, valid 1, test 2)"
    )


def test_a_patient_in_two_splits_is_refused_and_not_described():
    torn = table({})
    torn.rows.loc[5, "patient_id"] = "p1"
    with pytest.raises(InputError, match="a patient must be in one split"):
        split_of(torn)


@pytest.mark.parametrize(
    "notes",
    [
        {"patients_known": False, "patients": "each image"},
        {"patients": "each image"},  # as in VinDr-CXR
    ],
)
def test_patients_that_are_not_known_are_not_called_disjoint(notes):
    description = split_of(table(notes))
    assert "by patient" not in description
    assert "disjoint by image; patients are not known (each image)" in description


def header(file):
    with file.open() as opened:
        return next(csv.reader(opened))


def test_a_patient_that_is_not_known_is_not_written(tmp_path):
    unknown = table({"patients_known": False, "patients": "each image"}, sex="F")
    references.write_reference(unknown, ("Edema",), POLICY, "test", tmp_path / "a.csv")
    references.write_subgroups(unknown, ("Edema",), POLICY, tmp_path / "b.csv")
    references.write_reference(table({}), ("Edema",), POLICY, "test", tmp_path / "c.csv")
    assert header(tmp_path / "a.csv") == ["image_id", "study_id", "Edema"]
    assert header(tmp_path / "b.csv") == ["image_id", "study_id", "sex", "Edema"]
    assert header(tmp_path / "c.csv") == ["image_id", "study_id", "patient_id", "Edema"]


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ({}, ("sex", "age", "view")),
        ({"sex": "F"}, ("age", "view")),
        ({"age": 50.0, "view": "lateral"}, ("sex",)),
        ({"sex": ["F"] * 4 + ["", ""]}, ("sex", "age", "view")),  # of no test image
        ({"sex": ["", "", "", "", "M", "F"], "age": 3.0, "view": "frontal"}, ()),
    ],
)
def test_metadata_that_no_test_image_has_is_no_column(tmp_path, known, unknown):
    file = tmp_path / "subgroups.csv"
    assert references.write_subgroups(table({}, **known), ("Edema",), POLICY, file) == unknown
    assert file.exists() == (len(unknown) < 3)
    if file.exists():
        assert not set(unknown) & set(header(file))
    notes = references.without_metadata(unknown)
    assert len(notes) == bool(unknown)
    assert all(name in note.message for note in notes for name in unknown)


def cohort():
    """60 validation and 60 test images of as many patients; Edema is commoner with age."""
    rng = np.random.default_rng(0)
    count = 120
    age = rng.integers(10, 95, count).astype(float)
    age[::17] = np.nan
    rows = pd.DataFrame(
        {
            "image_id": [f"i{n}" for n in range(count)],
            "path": [f"i{n}.png" for n in range(count)],
            "patient_id": [f"p{n}" for n in range(count)],
            "study_id": [f"s{n}" for n in range(count)],
            "view": rng.choice(["frontal AP", "lateral"], count),
            "sex": rng.choice(["F", "M", ""], count),
            "age": age,
            "split": ["valid", "test"] * (count // 2),
        }
    )[list(COLUMNS)]
    positive = np.nan_to_num(age, nan=50) + rng.normal(0, 20, count) > 55
    return ImageTable(rows.assign(Edema=positive.astype(float)), ("Edema",), "folder", "x", {})


def test_run_and_compare_fit_the_metadata_baseline_on_the_same_covariates(tmp_path):
    data = cohort()
    for split in ("valid", "test"):
        file = tmp_path / f"{split}.csv"
        references.write_reference(data, ("Edema",), POLICY, split, file)
        (tmp_path / split).mkdir()
        scores = pd.read_csv(file).assign(Edema=lambda part: np.linspace(0, 1, len(part)))
        scores.to_csv(tmp_path / split / "a.csv", index=False)
    references.write_subgroups(data, ("Edema",), POLICY, tmp_path / "of-run.csv")
    data.rows.drop(columns=["path", "split", "Edema"]).to_csv(tmp_path / "of-user.csv", index=False)
    of_run, of_user = (
        compare(
            [tmp_path / "test" / "a.csv"],
            tmp_path / "test.csv",
            validation=[tmp_path / "valid" / "a.csv"],
            validation_reference=tmp_path / "valid.csv",
            subgroups=tmp_path / name,
            options=Options(replicates=100, minimum_cell=3),
        )
        for name in ("of-run.csv", "of-user.csv")
    )
    by_id = {
        name: found.metrics.query("model == 'metadata alone'").sort_values(
            ["metric", "finding", "subgroup"], ignore_index=True
        )
        for name, found in (("run", of_run), ("user", of_user))
    }
    assert len(by_id["run"])
    pd.testing.assert_frame_equal(by_id["run"], by_id["user"], check_exact=False, rtol=1e-6)
    groups = set(of_run.metrics["subgroup"])
    assert groups == set(of_user.metrics["subgroup"])
    assert "age=60 to 79" in groups


def test_the_context_has_patients_columns_rejected_files_and_near_duplicates():
    notes = {
        "patients": "column PatNr",
        "patients_known": True,
        "finding_columns": {"Edema": "oedema"},
        "columns_left_out": ["deceased", "Ward"],
        "columns_like_findings": ["deceased"],
    }
    found = references.context(
        store_of(table(notes), rejected=2, near_duplicates=1), ("Edema",), POLICY
    )
    assert found["patients_source"] == "4 (column PatNr)"
    assert found["finding_columns"].startswith(
        "findings: Edema (column oedema); columns left out: deceased, Ward; "
    )
    assert found["rejected_files"] == "2 of 8"
    assert found["near_duplicates"].startswith("1 pair of nearly equal images")
    assert found["starting_weights"] is None
    assert found["device"] is None


def test_weights_and_devices_are_those_that_the_runs_recorded(tmp_path):
    runs = []
    for name, weights, gpu in (
        ("a__seed0", "imagenet", "H200"),
        ("a__seed1", "imagenet", "H200"),
        ("b__seed0", "old/model.keras, trained for Edema", None),
    ):
        folder = tmp_path / name
        folder.mkdir()
        trained = {
            "hardware": {"gpu": gpu, "processor": "EPYC"},
            "backend": "tensorflow",
            "versions": {"tensorflow-cpu": "2.21"},
        }
        (folder / "summary.json").write_text(json.dumps({"weights": weights}))
        (folder / "environment.json").write_text(json.dumps(trained))
        runs.append(folder)
    found = references.context(store_of(table({})), ("Edema",), POLICY, runs)
    assert found["starting_weights"] == "a: imagenet; b: old/model.keras, trained for Edema"
    assert found["device"] == "H200, tensorflow 2.21; EPYC, tensorflow 2.21"


@pytest.mark.parametrize("pairs", [0, 3])
def test_near_duplicates_are_a_warning_of_the_comparison(pairs):
    notes = references.near_duplicates_note(store_of(table({}), near_duplicates=pairs))
    assert [note.code for note in notes] == ["near_duplicates"] * bool(pairs)
    assert all(note.message.startswith("3 pairs") for note in notes)


def test_a_very_long_list_of_columns_is_cut():
    notes = {"columns_left_out": [f"column {n}" for n in range(5000)]}
    found = references.context(store_of(table(notes)), ("Edema",), POLICY)
    assert len(found["finding_columns"]) < 10_000
    assert found["finding_columns"].endswith(" ...")


def test_training_images_are_written_with_their_labels(tmp_path, monkeypatch):
    file = tmp_path / "subgroups.csv"
    references.write_subgroups(table({}, sex="F"), ("Edema",), POLICY, file)
    written = pd.read_csv(file)
    assert written["image_id"].tolist() == [f"i{n}" for n in range(6)]
    assert written["Edema"].tolist()[:3] == [1, 1, 1]
    assert written["Edema"][3:].isna().all()  # the labels of validation and test are elsewhere
    monkeypatch.setattr(references, "TRAINING_IMAGES", 2)
    references.write_subgroups(table({}, sex="F"), ("Edema",), POLICY, file)
    assert (len(pd.read_csv(file)), pd.read_csv(file)["Edema"].sum()) == (5, 2)
