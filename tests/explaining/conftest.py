"""A finished run: Edema is a bright square in the upper left, Cardiomegaly in the lower left."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before any test imports Keras


def _tiny() -> Any:
    path = Path(__file__).parents[1] / "training" / "tiny.py"
    spec = importlib.util.spec_from_file_location("tiny_of_explaining", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _build(
    name: str, findings: int, image_size: int, *rest: Any, head: str = "", **named: Any
) -> Any:
    """Returns the tiny network; with the original head, if that is asked for, of 16 units."""
    import keras
    from keras import layers

    rest, head = (rest[:1], rest[1]) if len(rest) > 1 else (rest, head)
    model = _tiny().build(name, findings, image_size, *rest)
    if head != "original":
        return model
    x = layers.BatchNormalization(name="head_bn1")(model.get_layer("pool").output)
    x = layers.Dropout(0.1, seed=1, name="head_dropout1")(x)
    x = layers.Dense(16, activation="relu", name="head_dense")(x)
    x = layers.Dropout(0.1, seed=2, name="head_dropout")(
        layers.BatchNormalization(name="head_bn2")(x)
    )
    logits = layers.Dense(findings, dtype="float32", name="logits")(x)
    return keras.Model(model.input, logits, name=name)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _tiny().write_store(tmp_path_factory.mktemp("explained") / "store", images=160)


@pytest.fixture(scope="session")
def trained(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Returns finished runs by the name of their head."""
    pytest.importorskip("keras")
    from cxrcompare import models
    from cxrcompare.training.run_config import RunConfig
    from cxrcompare.training.steps import device
    from cxrcompare.training.train import train

    device.start()
    folder, runs = tmp_path_factory.mktemp("runs"), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", _build, raising=False)
        for head in ("linear", "original"):
            settings = {
                "model": "mobilenet",
                "store": store,
                "weights": "none",
                "precision": "float32",
                "epochs": 12,
                "batch_size": 8,
                "learning_rate": 0.02,
                "warmup_epochs": 0,
                "head": head,
            }
            runs[head] = folder / f"{head}__seed0"
            train(RunConfig(**settings), runs[head])
    return runs


@pytest.fixture
def run(trained: dict[str, Path]) -> Path:
    return trained["linear"]
