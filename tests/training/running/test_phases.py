"""Tests of the two phases of a training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cxrcompare.training.feeding.batches import steps
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.running import run_network
from cxrcompare.training.running.context import RunContext, open_run
from cxrcompare.training.running.phases import FINE, FROZEN, open_fine, open_frozen
from cxrcompare.training.steps import device
from cxrcompare.training.steps.step import snapshot, to_numpy
from cxrcompare.training.train import train

from ..run_files import history

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


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


def test_features_are_computed_once_without_augmentation(config, tmp_path, monkeypatch):
    still = dict.fromkeys(("rotation", "shift", "zoom", "brightness", "contrast"), 0)
    chosen = config(
        weights="imagenet", frozen_epochs=1, epochs=1, frozen_augmentation=True, augmentation=still
    )
    split, times = run_network.split, []
    monkeypatch.setattr(run_network, "split", lambda model: (times.append(1), split(model))[1])
    train(chosen, tmp_path / "r")
    assert times == [1]


@pytest.fixture
def opened(
    config: Callable[..., RunConfig], tmp_path: Path, backend: str
) -> Callable[..., RunContext]:
    """Returns a function that opens a run of some settings."""

    def make(**settings: object) -> RunContext:
        return open_run(config(weights="imagenet", **settings), tmp_path, backend)

    return make


def test_the_head_sees_the_features_of_every_training_image(opened, tiny_network):
    still = dict.fromkeys(("rotation", "shift", "zoom", "brightness", "contrast"), 0)
    context = opened(frozen_epochs=2, augmentation=still, batch_size=8)
    seen = []
    phase = open_frozen(context, tiny_network("mobilenet", 3, 32, "imagenet"), seen.append)
    train_rows, valid_rows = (len(context.data.train.rows), len(context.data.valid.rows))
    assert sum(seen) == train_rows + valid_rows == context.data.feature_images
    assert phase.name == FROZEN
    assert phase.steps == steps(train_rows, 8)
    assert [batch.pixels.shape for batch in phase.batches(0)] == [
        (8, 16)
    ] * phase.steps  # 16 features
    # whole batches only: no image is there twice, and those left out differ between epochs
    shown, other = (
        np.concatenate([batch.values for batch in phase.batches(epoch)]) for epoch in (0, 1)
    )
    assert Counter(map(tuple, shown)) <= Counter(map(tuple, context.data.train.values))
    assert not np.array_equal(shown, other)
    assert phase.logits().shape == (valid_rows, 3)


def test_the_rate_of_the_head_is_constant_and_that_of_fine_tuning_follows_its_schedule(
    opened, tiny_network
):
    context = opened(frozen_learning_rate=0.5, schedule="cosine", epochs=4, final_rate=0.1)
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    frozen = open_frozen(context, model)
    assert {frozen.rate(position) for position in (0.0, 1.5, 9.0)} == {0.5}
    fine = open_fine(context, model)
    assert fine.name == FINE
    rates = [fine.rate(position) for position in (0.0, 1.0, 2.0, 3.0, 4.0)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0.001)


def test_validation_logits_do_not_depend_on_the_size_of_a_batch(opened, tiny_network):
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    found = [open_fine(opened(batch_size=size), model).logits() for size in (3, 8, 64)]
    for one in found[1:]:
        np.testing.assert_allclose(one, found[0], atol=1e-5)
