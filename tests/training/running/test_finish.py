"""Tests of the end of a run: its best network, its predictions and its summary."""

from __future__ import annotations

import json

import pytest

from cxrcompare.predictions import read_predictions
from cxrcompare.training.feeding import run_data
from cxrcompare.training.train import train

from ..run_files import history, summary

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


def test_the_saved_network_is_the_best_epochs(config, tmp_path):
    run = tmp_path / "r"
    train(config(epochs=6, learning_rate=0.05), run)
    opened = run_data.open_data(config(), config().settings(False))
    predicted = read_predictions(run / "predictions" / "valid.csv").values
    best = [float(row["valid_auroc"]) for row in history(run)]
    assert run_data.mean_auroc(opened.valid.labels, predicted) == pytest.approx(max(best))
    assert summary(run)["best_epoch"] == best.index(max(best)) + 1


@pytest.mark.parametrize(
    "settings",
    [
        {"policy": {"uncertain": "u-multiclass"}, "loss": "focal"},
        {"loss": "weighted-bce", "loss_options": {"limit": 5}},
    ],
    ids=["third class", "weighted"],
)
def test_objectives_report_one_logit_per_finding(config, tmp_path, settings):
    import keras

    run = tmp_path / "r"
    train(config(epochs=1, **settings), run)
    model = keras.saving.load_model(run / "model.keras", compile=False, safe_mode=True)
    assert model.output_shape == (None, 3)
    rows = history(run)
    opened = run_data.open_data(config(), config().settings(False))
    predicted = read_predictions(run / "predictions" / "valid.csv").values
    assert run_data.mean_auroc(opened.valid.labels, predicted) == pytest.approx(
        float(rows[0]["valid_auroc"])
    )


def test_a_summary_of_numbers_and_nothing_of_the_checkpoint(config, tmp_path):
    train(config(epochs=2), tmp_path / "r")
    found = summary(tmp_path / "r")
    rows = history(tmp_path / "r")
    assert found["epochs"] == len(rows) == 2
    assert found["train_seconds"] == pytest.approx(sum(float(row["seconds"]) for row in rows))
    assert found["prediction_images_per_second"] > 0
    assert found["peak_memory_mb"] > 0
    assert found["best_valid_auroc"] == pytest.approx(
        max(float(row["valid_auroc"]) for row in rows)
    )
    names = {path.name for path in (tmp_path / "r" / "predictions").iterdir()}
    assert names == {"valid.csv", "test.csv"}
    assert json.loads((tmp_path / "r" / "config.json").read_text())["weights_loaded"] == "none"
