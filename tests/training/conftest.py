"""A tiny store and a tiny network: trainings that take a second."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before any test imports Keras

from cxrcompare import models
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.steps import device


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TINY = _load("tiny")


@pytest.fixture(scope="session")
def tiny() -> Any:
    return TINY


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return TINY.write_store(tmp_path_factory.mktemp("tiny") / "store")


@pytest.fixture(scope="session")
def backend() -> str:
    return device.start()


@pytest.fixture
def tiny_network(monkeypatch: pytest.MonkeyPatch, backend: str) -> Callable[..., Any]:
    """Replaces every network by the tiny one."""
    monkeypatch.setattr(models, "build", TINY.build, raising=False)
    return TINY.build


@pytest.fixture
def config(store: Path) -> Callable[..., RunConfig]:
    """Returns a configuration of a short training, with overrides."""

    def make(**settings: Any) -> RunConfig:
        plain = {
            "model": "mobilenet",
            "store": store,
            "weights": "none",
            "precision": "float32",
            "epochs": 3,
            "batch_size": 8,
            "learning_rate": 0.01,
            "warmup_epochs": 0,
        }
        return RunConfig(**{**plain, **settings})

    return make
