"""Complete trainings with a tiny network."""

import csv
import json
import sys

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import read_predictions
from cxrcompare.training.feeding import run_data
from cxrcompare.training.running import run_network
from cxrcompare.training.running.record import HISTORY
from cxrcompare.training.steps.step import to_numpy
from cxrcompare.training.train import train

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


def history(run):
    with (run / "history.csv").open() as file:
        return list(csv.DictReader(file))


def summary(run):
    return json.loads((run / "summary.json").read_text())


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


def test_tensorboard_logs_are_written_if_enabled(config, tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    train(config(epochs=1, tensorboard=True), tmp_path / "r")
    assert list((tmp_path / "r" / "tensorboard").glob("events*"))
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(InputError, match="needs the package tensorboard"):
        train(config(epochs=1, tensorboard=True), tmp_path / "other")


def test_visible_findings_are_learned(config, tmp_path):
    train(config(epochs=25, augmentation={"rotation": 0, "shift": 0, "zoom": 0}), tmp_path / "r")
    assert summary(tmp_path / "r")["best_valid_auroc"] > 0.75  # two of three findings are visible
    losses = [float(row["loss"]) for row in history(tmp_path / "r")]
    assert losses[-1] < 0.8 * losses[0]


def test_the_saved_network_is_the_best_epochs(config, tmp_path):
    run = tmp_path / "r"
    train(config(epochs=6, learning_rate=0.05), run)
    opened = run_data.open_data(config(), config().settings(False))
    predicted = read_predictions(run / "predictions" / "valid.csv").values
    best = [float(row["valid_auroc"]) for row in history(run)]
    assert run_data.mean_auroc(opened.valid.labels, predicted) == pytest.approx(max(best))
    assert summary(run)["best_epoch"] == best.index(max(best)) + 1


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


@pytest.mark.parametrize("again", [False, True], ids=["features", "images"])
def test_two_phases_where_weights_are_loaded(config, tmp_path, again):
    run = tmp_path / "r"
    train(config(weights="imagenet", frozen_epochs=2, epochs=1, frozen_augmentation=again), run)
    assert [row["phase"] for row in history(run)] == ["frozen", "frozen", "fine-tuning"]


def test_cached_features_train_the_head_like_images(config, tmp_path):
    # without augmentation and dropout both use the same batches, so the losses are equal
    found = []
    for again in (False, True):
        still = {"rotation": 0, "shift": 0, "zoom": 0, "brightness": 0, "contrast": 0}
        run = tmp_path / str(again)
        train(
            config(
                weights="imagenet",
                frozen_epochs=3,
                epochs=1,
                dropout=0,
                augmentation=still,
                frozen_augmentation=again,
            ),
            run,
        )
        found.append([float(row["valid_loss"]) for row in history(run)[:3]])
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_a_frozen_backbone_stays_as_it_was(config, tmp_path, tiny_network, backend):
    from cxrcompare.training.running.context import open_run
    from cxrcompare.training.running.phases import open_frozen
    from cxrcompare.training.steps import device
    from cxrcompare.training.steps.step import snapshot

    chosen = config(weights="imagenet", frozen_augmentation=True)
    context = open_run(chosen, tmp_path, backend)
    device.seed(0)
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    before = snapshot(model.get_layer("backbone"))
    phase = open_frozen(context, model)
    for batch in phase.batches(0):
        phase.step.train(batch.pixels, batch.values, batch.weights, 0.1)
    phase.step.sync()
    for one, other in zip(before, snapshot(model.get_layer("backbone")), strict=True):
        assert np.array_equal(one, other)


def test_frozen_batch_norm_keeps_its_statistics_and_trained_does_not(
    config, tmp_path, tiny_network, backend
):
    from cxrcompare.training.running.context import open_run
    from cxrcompare.training.running.phases import open_fine

    for batch_norm in ("frozen", "trained"):
        chosen = config(weights="imagenet", batch_norm=batch_norm)
        context = open_run(chosen, tmp_path, backend)
        model = tiny_network("mobilenet", 3, 32, "imagenet")
        norm = model.get_layer("backbone").get_layer("bn1")
        before = to_numpy(norm.moving_mean.value)
        phase = open_fine(context, model)
        batch = next(phase.batches(0))
        phase.step.train(batch.pixels, batch.values, batch.weights, 0.1)
        phase.step.sync()
        kept = np.array_equal(before, to_numpy(norm.moving_mean.value))
        assert kept == (batch_norm == "frozen")


def test_only_the_last_layers_are_trained(config, tiny_network):
    chosen = config(weights="imagenet", trained_layers=3, batch_norm="trained")
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    run_network.unfreeze(model, chosen.settings(True), pretrained=True)
    names = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert names == {"conv2", "bn2", "logits"}
    run_network.unfreeze(model, chosen.settings(True), pretrained=False)
    assert len(model.trainable_variables) == 8


def test_early_stopping_counts_epochs_without_a_better_one(config, tmp_path):
    train(config(epochs=30, learning_rate=1e-9, schedule="constant", patience=2), tmp_path / "r")
    found = summary(tmp_path / "r")
    assert found["epochs"] == found["best_epoch"] + 2


def test_the_validation_loss_can_be_what_counts(config, tmp_path):
    train(config(monitor="valid_loss", epochs=5, learning_rate=0.05), tmp_path / "r")
    losses = [float(row["valid_loss"]) for row in history(tmp_path / "r")]
    assert summary(tmp_path / "r")["best_epoch"] == losses.index(min(losses)) + 1


@pytest.mark.parametrize("recipe", ["original", "modern"])
def test_every_recipe_trains(config, tmp_path, recipe):
    train(config(recipe=recipe, epochs=1), tmp_path / "r")
    assert summary(tmp_path / "r")["epochs"] == 1


def test_findings_can_be_chosen(config, tmp_path):
    train(config(findings=("Cardiomegaly",), epochs=1), tmp_path / "r")
    assert read_predictions(tmp_path / "r" / "predictions" / "test.csv").findings == (
        "Cardiomegaly",
    )


def test_a_validation_split_without_both_classes_is_refused(config, tmp_path, tiny):
    folder = tiny.write_store(tmp_path / "store", images=5)  # one validation image
    with pytest.raises(InputError, match="positives and negatives"):
        train(config(store=folder), tmp_path / "r")
    train(config(store=folder, epochs=1, monitor="valid_loss"), tmp_path / "r")
    assert summary(tmp_path / "r")["best_valid_auroc"] is None


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


def test_the_backbone_is_trained_after_the_frozen_phase(config, tiny_network):
    chosen = config(weights="imagenet", batch_norm="trained")
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    run_network.freeze_backbone(model, chosen.settings(True))
    assert len(model.trainable_variables) == 2
    run_network.unfreeze(model, chosen.settings(True), pretrained=True)
    assert len(model.trainable_variables) == 8


def test_the_losses_are_those_that_there_are():
    from typing import get_args

    from cxrcompare.training.objectives import losses
    from cxrcompare.training.run_config import Settings

    assert get_args(Settings.model_fields["loss"].annotation) == losses.NAMES


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


def test_self_training_asks_a_first_network(config, tmp_path):
    chosen = config(epochs=1, policy={"uncertain": "u-selftrained"})
    train(chosen, tmp_path / "r")
    predicted = read_predictions(tmp_path / "r" / "self-training" / "predictions" / "train.csv")
    opened = run_data.open_data(chosen, chosen.settings(False), predicted.values)
    uncertain = opened.train_part.table.states == -1
    assert uncertain.any()
    assert np.allclose(opened.train.values[uncertain], predicted.values[uncertain])
    assert opened.train.weights[uncertain].all()
    assert summary(tmp_path / "r")["epochs"] == 1


def test_self_training_does_not_go_on_from_another_first_network(config, tmp_path, monkeypatch):
    policy = {"uncertain": "u-selftrained"}
    train(config(epochs=1, policy=policy), tmp_path / "r")
    for name in ("summary.json", "config.json"):  # as if killed between the two stages
        (tmp_path / "r" / name).unlink()
    with pytest.raises(InputError, match=r"`seed` was 0\. Received: 5"):
        train(config(epochs=1, policy=policy, seed=5), tmp_path / "r")
    train(config(epochs=1, policy=policy), tmp_path / "r")
    assert summary(tmp_path / "r")["epochs"] == 1


def test_the_head_uses_the_configured_momentum(config, tiny_network):
    chosen = config(weights="imagenet", recipe="original", norm_momentum=0.7, frozen_epochs=1)
    model = tiny_network("mobilenet", 3, 32, "imagenet", "original")
    run_network.freeze_backbone(model, chosen.settings(True))
    momenta = {layer.momentum for layer in model.layers if hasattr(layer, "momentum")}
    assert momenta == {0.7}


def test_features_are_computed_once_without_augmentation(config, tmp_path, monkeypatch):
    still = dict.fromkeys(("rotation", "shift", "zoom", "brightness", "contrast"), 0)
    chosen = config(
        weights="imagenet", frozen_epochs=1, epochs=1, frozen_augmentation=True, augmentation=still
    )
    split, times = run_network.split, []
    monkeypatch.setattr(run_network, "split", lambda model: (times.append(1), split(model))[1])
    train(chosen, tmp_path / "r")
    assert times == [1]


def test_settings_may_change_before_the_first_epoch(config, tmp_path, monkeypatch):
    def fails(*_):
        raise InputError("no weights")

    with monkeypatch.context() as patch:
        patch.setattr(run_network, "start", fails)
        with pytest.raises(InputError, match="no weights"):
            train(config(epochs=1), tmp_path / "r")
    assert (tmp_path / "r" / "config.json").exists()
    train(config(epochs=1, seed=3), tmp_path / "r")
    assert json.loads((tmp_path / "r" / "config.json").read_text())["seed"] == 3
