"""Trainings that start from the network of an earlier run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrcompare import models
from cxrcompare.errors import InputError
from cxrcompare.training.running import run_network
from cxrcompare.training.running.context import open_run
from cxrcompare.training.steps import device
from cxrcompare.training.steps.step import to_numpy
from cxrcompare.training.train import train

pytestmark = [pytest.mark.keras, pytest.mark.slow]


@pytest.fixture(scope="module")
def first(store: Path, backend: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a run folder with a MobileNet for two findings, in another order than the store's."""
    from cxrcompare.training.run_config import RunConfig

    out = tmp_path_factory.mktemp("first") / "r"
    out.mkdir()
    config = RunConfig(
        model="mobilenet", store=store, weights="none", findings=("Fracture", "Edema"), epochs=1
    )
    device.seed(0)
    model = models.build("mobilenet", 2, 32)
    run_network.save(model, out / "model.keras")
    written = {"model": "mobilenet", "findings": ["Fracture", "Edema"], "recipe": config.recipe}
    (out / "config.json").write_text(json.dumps(written))
    (out / "summary.json").write_text("{}")
    return out


def head(model: Any) -> tuple[np.ndarray, np.ndarray]:
    kernel, bias = model.get_layer("logits").weights
    return to_numpy(kernel.value), to_numpy(bias.value)


def backbone(model: Any) -> list[np.ndarray]:
    return [to_numpy(variable.value) for variable in model.get_layer("backbone").variables]


def test_backbone_and_head_come_from_the_run_by_name(first, config, backend, tmp_path, caplog):
    caplog.set_level("INFO")
    chosen = config(weights=str(first), findings=("Edema", "Cardiomegaly", "Fracture"))
    (tmp_path / "r").mkdir()
    model = run_network.start(open_run(chosen, tmp_path / "r", backend))
    before = models.load(first / "model.keras")
    assert all(np.array_equal(a, b) for a, b in zip(backbone(model), backbone(before), strict=True))
    kernel, _ = head(model)
    old, _ = head(before)
    assert np.array_equal(kernel[:, 0], old[:, 1])
    assert np.array_equal(kernel[:, 2], old[:, 0])
    assert not (kernel[:, [1]] == old).all(axis=0).any()
    assert "head kept for Edema, Fracture, new for Cardiomegaly" in caplog.text


def test_a_training_from_a_run_says_so_and_predicts_alike(first, config, tmp_path):
    """At a learning rate of almost nothing the new network is the old one."""
    out = tmp_path / "r"
    train(
        config(
            weights=str(first),
            findings=("Edema", "Fracture"),
            epochs=1,
            frozen_epochs=1,
            learning_rate=1e-12,
            frozen_learning_rate=1e-12,
            batch_norm="frozen",
        ),
        out,
    )
    summary = json.loads((out / "summary.json").read_text())
    assert summary["weights"] == "r/model.keras, trained for Fracture, Edema"
    pixels = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 1), np.uint8)
    new, old = models.load(out / "model.keras"), models.load(first / "model.keras")
    expected = np.asarray(to_numpy(old(pixels)))[:, ::-1]
    np.testing.assert_allclose(to_numpy(new(pixels)), expected, atol=1e-4)


def test_another_normalisation_is_refused(first, config, backend, tmp_path):
    (tmp_path / "r").mkdir()
    context = open_run(config(weights=str(first), normalisation="unit"), tmp_path / "r", backend)
    with pytest.raises(InputError, match="must normalise pixels as the new one does"):
        run_network.start(context)


def test_another_head_starts_anew(first, config, backend, tmp_path, caplog):
    caplog.set_level("INFO")
    (tmp_path / "r").mkdir()
    chosen = config(weights=str(first), head="original", findings=("Edema",))
    run_network.start(open_run(chosen, tmp_path / "r", backend))
    assert "head kept for no finding, new for Edema" in caplog.text


def test_a_damaged_network_is_one_line(config, tmp_path):
    (tmp_path / "spoilt.keras").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"spoilt\.keras: must be"):
        train(config(weights=str(tmp_path / "spoilt.keras")), tmp_path / "r")


def test_a_folder_without_the_network_is_refused_before_any_work(config, tmp_path):
    (tmp_path / "weights").mkdir()
    with pytest.raises(InputError, match="must hold a weights file of mobilenet"):
        train(config(weights=str(tmp_path / "weights")), tmp_path / "r")
    assert not (tmp_path / "r").exists()
