"""The network of a run: its starting weights, its trainable layers, and how it is saved."""

from __future__ import annotations

import logging
import math
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from cxrcompare import models
from cxrcompare.training.run_config import Settings
from cxrcompare.training.running.context import RunContext
from cxrcompare.training.steps.step import fill, snapshot

logger = logging.getLogger(__name__)


def start(context: RunContext) -> keras.Model:
    """Returns the network of a run with its starting weights, in the run's precision.

    Raises:
        InputError: The weights cannot be loaded or do not fit the network.
        JobError: The weights could not be downloaded.
    """
    source = context.start.network
    if source is None:
        return _build(context, context.start.backbone, context.precision)
    trained = models.load(source)
    model = _build(context, trained, context.precision)
    findings = context.data.findings
    kept = models.copy_head(trained, model, context.start.findings, findings)
    new = [finding for finding in findings if finding not in kept]
    logger.info(
        "%s: weights from %s; head kept for %s, new for %s",
        context.title,
        source,
        ", ".join(kept) or "no finding",
        ", ".join(new) or "no finding",
    )
    return model


def in_float32(model: keras.Model, context: RunContext) -> keras.Model:
    """Returns the same network with layers that compute in float32."""
    other = _build(context, model, "float32")
    fill(other, snapshot(model))
    return other


def _build(context: RunContext, weights: str | keras.Model, precision: str) -> keras.Model:
    policy = "mixed_bfloat16" if precision == "bfloat16" else "float32"
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    settings = context.settings
    try:
        return models.build(
            context.config.model,
            context.data.objective.outputs,
            context.image_size,
            weights,
            settings.head,
            settings.dropout,
            settings.normalisation,
        )
    finally:
        keras.config.set_dtype_policy(before)


def freeze_backbone(model: keras.Model, settings: Settings) -> None:
    """Makes only the head trainable; frozen batch normalisation uses its loaded statistics.

    Args:
        model: The network.
        settings: `norm_momentum`, for the head's batch normalisation.
    """
    _train_all(model, settings)
    _set_trainable(model.get_layer("backbone"), False)


def unfreeze(model: keras.Model, settings: Settings, pretrained: bool) -> None:
    """Sets which layers are trained in fine-tuning; frozen batch normalisation keeps statistics.

    Args:
        model: The network.
        settings: `batch_norm`, `norm_momentum` and `trained_layers`.
        pretrained: Whether weights were loaded; without them every layer is trained.
    """
    _train_all(model, settings)
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
    """Returns two networks that share its layers: pixels to features, and features to logits."""
    features = model.get_layer("pool").output
    return keras.Model(model.input, features), keras.Model(features, model.output)


def save(model: keras.Model, path: Path) -> None:
    """Writes a `.keras` file atomically."""
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
    """Returns the number of parameters of the network, and of its trainable parameters."""
    trainable = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    return int(model.count_params()), trainable


def _train_all(model: keras.Model, settings: Settings) -> None:
    _set_trainable(model, True)
    if settings.norm_momentum:
        for layer in _layers(model):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = settings.norm_momentum


def _set_trainable(model: keras.Model, trainable: bool) -> None:
    """Sets `trainable` of a model and of all nested layers.

    Setting it to True on a model alone does not change nested layers that were set to False.
    """
    model.trainable = trainable
    for layer in _layers(model):
        layer.trainable = trainable


def _layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from _layers(layer)
