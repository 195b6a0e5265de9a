"""Tests of the epochs of a training: what is learnt, and when it stops."""

from __future__ import annotations

import pytest

from cxrcompare.training.train import train

from ..run_files import history, summary

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


def test_visible_findings_are_learned(config, tmp_path):
    train(config(epochs=25, augmentation={"rotation": 0, "shift": 0, "zoom": 0}), tmp_path / "r")
    assert summary(tmp_path / "r")["best_valid_auroc"] > 0.75  # two of three findings are visible
    losses = [float(row["loss"]) for row in history(tmp_path / "r")]
    assert losses[-1] < 0.8 * losses[0]


def test_early_stopping_counts_epochs_without_a_better_one(config, tmp_path):
    train(config(epochs=30, learning_rate=1e-9, schedule="constant", patience=2), tmp_path / "r")
    found = summary(tmp_path / "r")
    assert found["epochs"] == found["best_epoch"] + 2


def test_the_validation_loss_can_be_what_counts(config, tmp_path):
    train(config(monitor="valid_loss", epochs=5, learning_rate=0.05), tmp_path / "r")
    losses = [float(row["valid_loss"]) for row in history(tmp_path / "r")]
    assert summary(tmp_path / "r")["best_epoch"] == losses.index(min(losses)) + 1
