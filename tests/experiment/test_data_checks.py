"""The checks of splits, classes and metadata, and the rehearsed comparison."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.comparison.compare import Options
from cxrcompare.errors import InputError
from cxrcompare.experiment import data_checks
from cxrcompare.image_table import COLUMNS, ImageTable
from cxrcompare.labels.policy import Policy

POLICY = Policy()
SPLITS = ["train"] * 4 + ["valid"] * 4 + ["test"] * 4


def table(states, notes=None, splits=SPLITS, **columns):
    """Twelve images of as many patients; `states` are of Edema."""
    count = len(splits)
    rows = pd.DataFrame(
        {
            "image_id": [f"i{n}" for n in range(count)],
            "path": [f"i{n}.png" for n in range(count)],
            "patient_id": [f"p{n}" for n in range(count)],
            "study_id": [f"s{n}" for n in range(count)],
            "view": "",
            "sex": "",
            "age": np.nan,
            "split": splits,
        }
    )[list(COLUMNS)].assign(**columns)
    return ImageTable(rows.assign(Edema=states), ("Edema",), "folder", "x", notes or {})


def test_splits_are_described_with_images_and_patients():
    notes = {"splits": {"train": "derived"}}
    assert data_checks.split_line(table([1.0, 0.0] * 6, notes)) == (
        "splits: train 4 images of 4 patients (derived); valid 4 images of 4 patients (official); "
        "test 4 images of 4 patients (official); no patient in two"
    )


def test_splits_of_unknown_patients_are_not_called_disjoint_by_patient():
    line = data_checks.split_line(table([1.0, 0.0] * 6, {"patients_known": False}))
    assert "of 4 patients" not in line
    assert line.endswith("patients are not known")


def test_a_missing_split_or_a_patient_in_two_is_refused():
    with pytest.raises(InputError, match="none for valid"):
        data_checks.split_line(table([1.0, 0.0] * 4, splits=["train"] * 4 + ["test"] * 4))
    with pytest.raises(InputError, match="a patient must be in one split"):
        data_checks.split_line(table([1.0, 0.0] * 6, patient_id="p"))


def test_classes_are_counted_in_each_split():
    # Blank is negative; uncertain is neither in valid and test.
    states = [1, 0, np.nan, -1, 1, 0, 0, -1, 1, 1, 0, np.nan]
    assert data_checks.class_lines(table(states), ["Edema"], POLICY, True) == [
        "Edema: positive/negative images train 1/2, valid 1/2, test 2/2"
    ]


def test_one_class_in_validation_is_refused_only_if_its_auroc_is_needed():
    states = [1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0]
    with pytest.raises(InputError, match=r"valid split .* Received: Edema 4 and 0"):
        data_checks.class_lines(table(states), ["Edema"], POLICY, True)
    (line,) = data_checks.class_lines(table(states), ["Edema"], POLICY, False)
    assert line.endswith("valid 4/0, test 2/2; no AUROC: one class in valid")


def test_one_class_in_the_test_set_is_refused():
    with pytest.raises(InputError, match="test split must have positives and negatives"):
        data_checks.class_lines(table([1, 0] * 4 + [0] * 4), ["Edema"], POLICY, True)


def test_no_known_training_label_is_refused():
    states = [np.nan] * 4 + [1, 0] * 4
    with pytest.raises(InputError, match="at least one training label must be known"):
        data_checks.class_lines(table(states, {"blank": "unknown"}), ["Edema"], POLICY, True)


@given(st.lists(st.sampled_from([1.0, 0.0, -1.0, np.nan]), min_size=12, max_size=12))
def test_counts_are_those_of_a_plain_loop(states):
    def count(start, label):
        part = states[start : start + 4]
        return sum(x == label or (label == 0 and np.isnan(x)) for x in part)

    both = [(count(start, 1), count(start, 0)) for start in (0, 4, 8)]
    names = ("train", "valid", "test")
    if all(both[1]) and all(both[2]):
        (line,) = data_checks.class_lines(table(states), ["Edema"], POLICY, True)
        shown = [f"{name} {p}/{n}" for name, (p, n) in zip(names, both, strict=True)]
        assert line == f"Edema: positive/negative images {', '.join(shown)}"
    else:
        with pytest.raises(InputError, match="split must have"):
            data_checks.class_lines(table(states), ["Edema"], POLICY, True)


def test_known_metadata_of_the_test_set_is_counted():
    ages = [np.nan] * 9 + [50.0] * 3
    line = data_checks.metadata_line(table([1.0, 0.0] * 6, age=ages, sex=["F"] * 9 + [""] * 3))
    assert line == "metadata known, of 4 test images: sex 1, age 3, view 0"


def test_a_comparison_that_works_is_rehearsed_without_a_trace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = Options(replicates=100, findings=("Edema",))
    data_checks.rehearse(table([1.0, 0.0] * 6), ("Edema",), POLICY, options, ["a", "b"])
    assert list(tmp_path.iterdir()) == []


def test_ensembles_of_seeds_are_rehearsed_with_seeds():
    options = Options(replicates=100, findings=("Edema",), ensemble=("seeds", "a,b", "best"))
    images = table([1.0, 0.0] * 6)
    data_checks.rehearse(images, ("Edema",), POLICY, options, ["a", "b"], [3, 5, 8])
    with pytest.raises(InputError, match="several seeds for seeds"):
        data_checks.rehearse(images, ("Edema",), POLICY, options, ["a", "b"], [3])


def test_an_error_of_the_comparison_is_found_before_the_training():
    """Two studies of one patient are in validation and test: the comparison refuses them."""
    torn = table([1.0, 0.0] * 6, patient_id=[f"p{n}" for n in range(11)] + ["p4"])
    options = Options(replicates=100, findings=("Edema",))
    with pytest.raises(InputError, match=r"comparison/reference-valid.csv: .* share no patients"):
        data_checks.rehearse(torn, ("Edema",), POLICY, options, ["a"])
