"""Complete trainings with a tiny network."""

import json

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import read_predictions
from cxrcompare.training.feeding import run_data
from cxrcompare.training.running.record import HISTORY
from cxrcompare.training.steps.step import to_numpy
from cxrcompare.training.train import train

from .run_files import history, summary

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


def test_a_run_folder_holds_what_it_must(config, tmp_path, capfd):
    import keras

    run = tmp_path / "mobilenet__seed0"
    train(config(), run)
    rows = history(run)
    assert tuple(rows[0]) == HISTORY
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    written = json.loads((run / "config.json").read_text())
    assert written["findings"] == ["Edema", "Cardiomegaly", "Fracture"]
    assert (written["recipe"], written["policy"], written["blank"]) == (
        "modern",
        "u-ones",
        "negative",
    )
    assert (written["image_size"], written["weights"], written["seed"]) == (32, "none", 0)
    assert written["augmentation"]["rotation"] > 0
    assert "keras" in json.loads((run / "environment.json").read_text())["versions"]
    found = summary(run)
    assert found["epochs"] == 3
    assert found["weights"] == "none"
    assert found["parameters"] > found["trainable_parameters"] > 0
    assert found["train_seconds"] > 0 < found["images_per_second"]
    best = max(rows, key=lambda row: float(row["valid_auroc"]))
    assert found["best_valid_auroc"] == pytest.approx(float(best["valid_auroc"]))
    assert not (run / "checkpoint").exists()
    assert not list(run.rglob("*.partial"))
    assert capfd.readouterr().out == ""
    predictions = read_predictions(run / "predictions" / "test.csv")
    opened = run_data.open_data(config(), config().settings(False))
    assert predictions.rows.ids.tolist() == opened.test.table.rows["image_id"].tolist()
    # the sigmoid of the saved network's logits equals the predictions
    model = keras.saving.load_model(run / "model.keras", compile=False, safe_mode=True)
    logits = to_numpy(model(opened.store.pixels[opened.test.rows][..., None]))
    assert np.allclose(predictions.values, 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_a_finished_run_is_left_alone(config, tmp_path):
    train(config(epochs=1), tmp_path / "r")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "r").rglob("*")}
    train(config(epochs=1), tmp_path / "r")
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "r").rglob("*")}


def test_a_folder_of_another_run_is_refused(config, tmp_path):
    train(config(epochs=1), tmp_path / "r")
    (tmp_path / "r" / "summary.json").unlink()
    with pytest.raises(InputError, match=r"`learning_rate` was 0.01. Received: 0.02"):
        train(config(epochs=1, learning_rate=0.02), tmp_path / "r")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"seed": 7}, "seed"),
        ({"learning_rate": 0.02}, "learning_rate"),
        ({"findings": ("Edema",)}, "findings"),
    ],
)
def test_a_finished_run_of_other_settings_is_refused(config, tmp_path, settings, named):
    train(config(epochs=1), tmp_path / "r")
    with pytest.raises(InputError, match=f"`{named}` was"):
        train(config(**{"epochs": 1, **settings}), tmp_path / "r")


@pytest.mark.parametrize("recipe", ["original", "modern"])
def test_every_recipe_trains(config, tmp_path, recipe):
    train(config(recipe=recipe, epochs=1), tmp_path / "r")
    assert summary(tmp_path / "r")["epochs"] == 1


def test_findings_can_be_chosen(config, tmp_path):
    train(config(findings=("Cardiomegaly",), epochs=1), tmp_path / "r")
    assert read_predictions(tmp_path / "r" / "predictions" / "test.csv").findings == (
        "Cardiomegaly",
    )


def test_the_losses_are_those_that_there_are():
    from typing import get_args

    from cxrcompare.training.objectives import losses
    from cxrcompare.training.run_config import Settings

    assert get_args(Settings.model_fields["loss"].annotation) == losses.NAMES
