"""Tests of what a run learns from and is judged on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import open_store, prepare
from cxrcompare.labels.reference_standard import reference
from cxrcompare.training.feeding import run_data
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.train import train

from ..run_files import summary

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


def test_labels_are_masked_by_the_policy(config):
    ignoring = config(policy={"uncertain": "u-ignore", "blank": "ignore"})
    ignored = run_data.open_data(ignoring, ignoring.settings(False)).train
    store = run_data.open_data(config(), config().settings(False)).store
    states = store.table.states[ignored.rows]
    unknown = np.isnan(states) | (states == -1)
    assert unknown.any()
    assert np.array_equal(ignored.weights == 0, unknown)


def test_mean_auroc_leaves_out_what_is_not_defined():
    labels = np.array([[1, 1, np.nan], [0, 1, 1], [1, np.nan, 0]])
    logits = np.array([[2.0, 0, 0], [1.0, 1, 3], [0.0, 2, 1]])
    # finding 1: pairs (2 > 1) right, (0 < 1) wrong: 0.5; 2: no negative; 3: 3 > 1: 1 -> mean 0.75
    assert run_data.mean_auroc(labels, logits) == 0.75


def test_a_validation_split_without_both_classes_is_refused(config, tmp_path, tiny):
    folder = tiny.write_store(tmp_path / "store", images=5)  # one validation image
    with pytest.raises(InputError, match="positives and negatives"):
        train(config(store=folder), tmp_path / "r")
    train(config(store=folder, epochs=1, monitor="valid_loss"), tmp_path / "r")
    assert summary(tmp_path / "r")["best_valid_auroc"] is None


Change = Callable[[Any], Any]


@pytest.fixture
def changed(tiny: Any, tmp_path: Path) -> Callable[..., Path]:
    """Returns a function that writes the tiny store with other rows and notes."""

    def write(change: Change = lambda rows: rows, **notes: object) -> Path:
        table = open_store(tiny.write_store(tmp_path / "plain")).table
        rows = change(table.rows.copy())
        other = ImageTable(rows, table.findings, table.dataset, table.root, notes)
        return prepare(other, tmp_path / "changed", 32, workers=1).folder

    return write


def opened(config: RunConfig) -> run_data.Data:
    return run_data.open_data(config, config.settings(False))


def test_each_split_has_its_rows_in_order(config):
    found = opened(config())
    split = found.store.table.rows["split"].to_numpy()
    for part, name in ((found.train_part, "train"), (found.valid, "valid"), (found.test, "test")):
        np.testing.assert_array_equal(part.rows, np.flatnonzero(split == name))
        ids = found.store.table.rows["image_id"].to_numpy()[part.rows]
        assert part.table.rows["image_id"].tolist() == ids.tolist()
        np.testing.assert_array_equal(part.labels, reference(part.table, "negative"))
    assert found.feature_images == len(found.train.rows) + len(found.valid.rows)


def test_labels_follow_the_findings_by_name_in_the_order_of_the_store(config):
    plain = opened(config())
    turned = opened(config(findings=("Fracture", "Edema")))
    assert turned.findings == ("Edema", "Fracture")
    for one, other in (
        (plain.valid.labels, turned.valid.labels),
        (plain.train.values, turned.train.values),
    ):
        np.testing.assert_array_equal(other, one[:, [0, 2]])


def test_a_store_without_a_test_split_has_no_test(config, changed):
    store = changed(lambda rows: rows.assign(split=rows["split"].replace("test", "train")))
    assert opened(config(store=store)).test is None


@pytest.mark.parametrize("split", ["train", "valid"])
def test_a_store_without_a_needed_split_is_refused(config, changed, split):
    store = changed(lambda rows: rows.assign(split=rows["split"].replace(split, "test")))
    message = f"must have the splits train and valid. Received no {split} images"
    with pytest.raises(InputError, match=message):
        opened(config(store=store))


def test_blanks_are_no_negatives_where_every_negative_is_stated(config, changed):
    store = changed(blank="unknown")
    found = opened(config(store=store))
    blank = np.isnan(found.train_part.table.states)
    assert blank.any()
    assert not found.train.weights[blank].any()
    assert opened(config()).train.weights[blank].all()  # CheXpert's blanks are negatives


def test_no_known_label_is_refused_with_its_findings(config, changed):
    def unknown(rows: Any) -> Any:
        return rows.assign(Edema=rows["Edema"].where(rows["split"] != "train", -1.0))

    chosen = config(store=changed(unknown), findings=("Edema",), policy={"uncertain": "u-ignore"})
    with pytest.raises(InputError, match=r"must be known\. Received: none for Edema"):
        opened(chosen)


@pytest.mark.parametrize(
    ("labels", "defined"),
    [
        ([[1, 0], [0, 0]], True),
        ([[1, 0], [1, 0]], False),
        ([[1, np.nan], [np.nan, 0]], False),
        ([[np.nan, 1], [np.nan, 0]], True),
    ],
)
def test_one_finding_with_both_labels_is_enough(labels, defined):
    if defined:
        run_data.check_defined(np.array(labels), Path("s"))
        return
    with pytest.raises(InputError, match=r"^s: the validation split must have positives"):
        run_data.check_defined(np.array(labels), Path("s"))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_the_mean_auroc_is_scikit_learns_over_defined_findings(seed):
    rng = np.random.default_rng(seed)
    labels = rng.choice([0.0, 1.0, np.nan], (12, 3))
    logits = rng.integers(0, 5, (12, 3)).astype(float)
    each = []
    for finding in range(3):
        known = ~np.isnan(labels[:, finding])
        if len(set(labels[known, finding])) == 2:
            each.append(roc_auc_score(labels[known, finding], logits[known, finding]))
    expected = np.mean(each) if each else np.nan
    found = run_data.mean_auroc(labels, logits)
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(run_data.mean_auroc(labels, np.exp(logits)), found)


def test_the_data_are_of_the_store_that_is_watched(config):
    found = opened(config())
    assert dataclasses.is_dataclass(found)
    found.train.check()
