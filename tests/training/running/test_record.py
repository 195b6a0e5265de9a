"""Tests of the files that a run writes of itself."""

from __future__ import annotations

import csv
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.errors import InputError
from cxrcompare.predictions import read_predictions
from cxrcompare.training.feeding.run_data import Data, open_data
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.running import record, run_network
from cxrcompare.training.train import train

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


def test_tensorboard_logs_are_written_if_enabled(config, tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    train(config(epochs=1, tensorboard=True), tmp_path / "r")
    assert list((tmp_path / "r" / "tensorboard").glob("events*"))
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(InputError, match="needs the package tensorboard"):
        train(config(epochs=1, tensorboard=True), tmp_path / "other")


def test_settings_may_change_before_the_first_epoch(config, tmp_path, monkeypatch):
    def fails(*_: object) -> None:
        raise InputError("no weights")

    with monkeypatch.context() as patch:
        patch.setattr(run_network, "start", fails)
        with pytest.raises(InputError, match="no weights"):
            train(config(epochs=1), tmp_path / "r")
    assert (tmp_path / "r" / "config.json").exists()
    train(config(epochs=1, seed=3), tmp_path / "r")
    assert json.loads((tmp_path / "r" / "config.json").read_text())["seed"] == 3


def written(out: Path, config: RunConfig, **resolved: Any) -> dict[str, Any]:
    """Writes the configuration of a run, and returns what the file has."""
    settings = config.settings(False)
    record.write_config(out, config, settings, open_data(config, settings), resolved)
    return json.loads((out / "config.json").read_text())


def test_a_config_has_every_choice_and_what_only_the_start_could_tell(config, tmp_path):
    found = written(tmp_path, config(seed=3, epochs=5), backend="torch", pretrained=False)
    assert (found["seed"], found["epochs"], found["backend"]) == (3, 5, "torch")
    assert found["findings"] == ["Edema", "Cardiomegaly", "Fracture"]
    assert set(config().settings(False).model_dump()) <= set(found)


def test_until_anything_is_learnt_a_config_may_change_and_then_not(config, tmp_path):
    assert not record.has_started(tmp_path)
    written(tmp_path, config(seed=3))
    assert not record.has_started(tmp_path)
    written(tmp_path, config(seed=4))
    record.write_history(tmp_path, [])
    assert record.has_started(tmp_path)
    assert written(tmp_path, config(seed=4))["seed"] == 4
    with pytest.raises(InputError, match=r"`seed` was 4\. Received: 5; choose another folder"):
        written(tmp_path, config(seed=5))


def test_a_store_that_was_moved_and_logs_for_tensorboard_make_no_other_run(config, tiny, tmp_path):
    one = tiny.write_store(tmp_path / "one")
    (tmp_path / "r").mkdir()
    written(tmp_path / "r", config(store=one))
    record.write_history(tmp_path / "r", [])
    moved = one.rename(tmp_path / "moved")
    written(tmp_path / "r", config(store=moved, tensorboard=True))


def test_a_finished_run_is_checked_without_its_precision(config, tmp_path):
    written(tmp_path, config(epochs=2), pretrained=False, weights_loaded="none")
    record.check_finished(tmp_path, config(epochs=2, precision="auto"))
    with pytest.raises(InputError, match=r"`epochs` was 2\. Received: 3"):
        record.check_finished(tmp_path, config(epochs=3))


def test_an_environment_is_that_of_the_beginning(tmp_path):
    record.write_environment(tmp_path, "torch", "")
    record.write_environment(tmp_path, "jax", "H100")  # nothing is learnt yet
    found = json.loads((tmp_path / "environment.json").read_text())
    assert (found["backend"], found["hardware"]["gpu"]) == ("jax", "H100")
    record.write_history(tmp_path, [])
    record.write_environment(tmp_path, "torch", "")
    assert json.loads((tmp_path / "environment.json").read_text()) == found


def test_a_history_is_read_back_row_by_row(tmp_path):
    rows = [
        dict(
            zip(record.HISTORY, [n, "frozen", 0.5, 0.25, float("nan"), 1e-3, 2.0, 9.0], strict=True)
        )
        for n in (1, 2)
    ]
    record.write_history(tmp_path, rows)
    with (tmp_path / "history.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["epoch"] for row in found] == ["1", "2"]
    assert tuple(found[0]) == record.HISTORY
    assert found[0]["valid_auroc"] == "nan"
    assert b"\r" not in (tmp_path / "history.csv").read_bytes()
    with pytest.raises(ValueError, match="extra"):
        record.write_history(tmp_path, [{**rows[0], "extra": 1}])
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 3  # as it was


def test_the_sigmoid_by_hand():
    # 1 / (1 + e^-2) = 0.880797; beyond float32's reach it is 0 or 1
    logits = np.array([[0.0, 2.0, -2.0, 1000.0, -1000.0]], np.float32)
    found = record.probabilities(logits)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[0.5, 0.880797, 0.119203, 1, 0]], atol=1e-6)


@given(st.lists(st.floats(-80, 80, width=32), min_size=2, max_size=20))
def test_the_sigmoid_keeps_the_order_of_logits(values):
    logits = np.sort(np.array(values, np.float32))[:, None]
    found = record.probabilities(logits)
    assert (np.diff(found[:, 0]) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(record.probabilities(-logits), 1 - found, atol=1e-6)


def data(config: RunConfig) -> Data:
    return open_data(config, config.settings(False))


@pytest.mark.parametrize("known", [True, False])
def test_predictions_have_ids_and_patients_where_these_are_known(config, tmp_path, known):
    opened = data(config())
    part = opened.test
    notes = {} if known else {"patients_known": False, "patients": "not known"}
    part = dataclasses.replace(part, table=dataclasses.replace(part.table, notes=notes))
    logits = np.zeros((len(part.rows), 3), np.float32)
    record.write_split(tmp_path / "p" / "test.csv", part, opened.findings, logits)
    header, first, *_ = (tmp_path / "p" / "test.csv").read_text().splitlines()
    assert ("patient_id" in header.split(",")) == known
    assert first.endswith("0.5,0.5,0.5")
    found = read_predictions(tmp_path / "p" / "test.csv")
    assert found.rows.ids.tolist() == part.table.rows["image_id"].tolist()
    assert found.findings == opened.findings
