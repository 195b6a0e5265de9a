"""The network of a run: where its weights start, which of its layers learn, how it is saved."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from cxrcompare import models
from cxrcompare.training.run_config import RunConfig, Settings
from cxrcompare.training.steps.step import fill, snapshot


def starting_weights(config: RunConfig) -> tuple[str, str]:
    """Returns what `models.build` is to load, and how the summary is to call it.

    A network that a folder of weights lacks starts from random ones.
    """
    folder = Path(config.weights)
    if config.weights in ("imagenet", "none") or not folder.is_dir():
        return config.weights, config.weights
    found = models.find_weights(config.model, folder)
    if found is None:
        return "none", "none (not in the folder of weights)"
    return str(found), found.name


def build(
    config: RunConfig, settings: Settings, findings: int, size: int, weights: str, precision: str
) -> keras.Model:
    """Returns the network.

    Args:
        config: Its name.
        settings: Its head.
        findings: How many logits.
        size: Side of the pictures in pixels.
        weights: What to load, as `models.build` takes it.
        precision: What layers compute in.
    """
    policy = "mixed_bfloat16" if precision == "bfloat16" else "float32"
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        return models.build(
            config.model,
            findings,
            size,
            weights,
            settings.head,
            settings.dropout,
            settings.normalisation,
        )
    finally:
        keras.config.set_dtype_policy(before)


def resized(model: keras.Model, other: keras.Model) -> keras.Model:
    """Returns `other`, the same network for another image size, with the variables of `model`."""
    fill(other, snapshot(model))
    return other


def learn_head_only(model: keras.Model, settings: Settings) -> None:
    """Freezes the backbone; its batch normalisation then uses the loaded statistics.

    Args:
        model: The network.
        settings: `norm_momentum`, for the head's batch normalisation.
    """
    _learn_all(model, settings)
    _set_trainable(model.get_layer("backbone"), False)


def learn(model: keras.Model, settings: Settings, pretrained: bool) -> None:
    """Sets which layers learn in fine-tuning; frozen batch normalisation uses its statistics.

    Args:
        model: The network.
        settings: `batch_norm`, `norm_momentum` and `trained_layers`.
        pretrained: Whether weights were loaded; without them everything learns.
    """
    _learn_all(model, settings)
    if not pretrained:
        return
    backbone = model.get_layer("backbone")
    if settings.batch_norm == "frozen":
        for layer in _layers(backbone):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    if settings.trained_layers:
        for layer in backbone.layers[: -settings.trained_layers]:
            layer.trainable = False


def split(model: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Returns the network in two that share its layers: pixels to features, features to logits."""
    features = model.get_layer("pool").output
    return keras.Model(model.input, features), keras.Model(features, model.output)


def save(model: keras.Model, path: Path) -> None:
    """Writes a `.keras` file, whole or not at all."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}.keras")
    try:
        with warnings.catch_warnings():  # Keras 3.15 on TensorFlow with NumPy 2
            warnings.simplefilter("ignore", DeprecationWarning)
            model.save(partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def parameters(model: keras.Model) -> tuple[int, int]:
    """Returns how many parameters the network has, and how many of them learn."""
    learns = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    return int(model.count_params()), learns


def _learn_all(model: keras.Model, settings: Settings) -> None:
    _set_trainable(model, True)
    if settings.norm_momentum:
        for layer in _layers(model):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = settings.norm_momentum


def _set_trainable(model: keras.Model, learns: bool) -> None:
    """Sets the layers inside layers too: setting a model to True leaves those as they are."""
    model.trainable = learns
    for layer in _layers(model):
        layer.trainable = learns


def _layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from _layers(layer)
