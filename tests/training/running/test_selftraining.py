"""Tests of training with the predictions of a first network."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import read_predictions
from cxrcompare.training.feeding import run_data
from cxrcompare.training.running.selftraining import uses_self_training
from cxrcompare.training.train import train

from ..run_files import summary

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


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


@pytest.mark.parametrize(
    ("uncertain", "findings", "expected"),
    [
        ("u-selftrained", None, True),
        ("u-ones", None, False),
        ({"Edema": "u-selftrained", "default": "u-ones"}, None, True),
        ({"Edema": "u-selftrained", "default": "u-ones"}, ("Fracture",), False),
        ({"default": "u-selftrained", "Fracture": "u-zeros"}, ("Fracture",), False),
    ],
)
def test_a_first_network_is_needed_where_a_finding_of_the_run_asks_for_it(
    config, uncertain, findings, expected
):
    chosen = config(policy={"uncertain": uncertain}, findings=findings)
    assert uses_self_training(chosen) == expected
