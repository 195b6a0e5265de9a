"""Tests of the facts of a run."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.models import StartingWeights
from cxrcompare.training.running.context import open_run, weights_loaded

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


@pytest.mark.parametrize(
    ("start", "text"),
    [
        (StartingWeights("none"), "none"),
        (StartingWeights("imagenet"), "imagenet"),
        (StartingWeights("/some/where/mobilenet.h5"), "mobilenet.h5"),
        (
            StartingWeights("none", Path("/runs/one/model.keras"), ("Edema", "Fracture")),
            "one/model.keras, trained for Edema, Fracture",
        ),
        (
            StartingWeights("none", Path("/runs/alone.keras")),
            "runs/alone.keras, trained for unknown findings",
        ),
    ],
)
def test_where_weights_start_is_said_without_the_machines_folders(start, text):
    assert weights_loaded(start) == text


def test_a_frozen_phase_needs_loaded_weights(config, backend, tmp_path):
    for weights, frozen in (("imagenet", 3), ("none", 0)):
        (tmp_path / weights).mkdir()
        chosen = config(weights=weights, frozen_epochs=3, epochs=4)
        context = open_run(chosen, tmp_path / weights, backend)
        assert context.frozen_epochs == frozen
        assert context.epochs == frozen + 4
        assert context.start.pretrained == (weights == "imagenet")
        found = json.loads((tmp_path / weights / "config.json").read_text())
        assert (found["pretrained"], found["weights_loaded"]) == (weights == "imagenet", weights)


def test_opening_a_run_writes_what_it_began_with_and_nothing_else(config, backend, tmp_path):
    context = open_run(config(), tmp_path, backend)
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "environment.json"}
    assert (context.image_size, context.precision) == (32, "float32")
    assert context.title == "mobilenet seed 0"
    assert json.loads((tmp_path / "environment.json").read_text())["backend"] == backend
    with pytest.raises(dataclasses.FrozenInstanceError):
        context.image_size = 64


def test_the_size_of_the_run_comes_before_that_of_the_store(config, backend, tmp_path):
    assert open_run(config(image_size=48), tmp_path, backend).image_size == 48


def test_a_validation_split_without_positives_is_refused_before_anything_is_written(
    config, backend, tiny, tmp_path
):
    folder = tiny.write_store(tmp_path / "store", images=5)
    (tmp_path / "r").mkdir()
    with pytest.raises(InputError, match="must have positives and negatives"):
        open_run(config(store=folder), tmp_path / "r", backend)
    assert list((tmp_path / "r").iterdir()) == []


def test_self_training_needs_the_probabilities_of_the_first_network(config, backend, tmp_path):
    chosen = config(policy={"uncertain": "u-selftrained"})
    plain = open_run(chosen, tmp_path, backend, predict_train=True)
    uncertain = plain.data.train_part.table.states == -1
    assert plain.predict_train
    assert not plain.data.train.weights[uncertain].any()
    said = np.full(uncertain.shape, 0.25)
    context = open_run(chosen, tmp_path, backend, said)
    assert (context.data.train.values[uncertain] == 0.25).all()
    assert context.data.train.weights[uncertain].all()
