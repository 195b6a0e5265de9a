"""Backbones of other modules: calls the function and checks its network before training."""

from __future__ import annotations

import importlib
import json
from typing import Any

import keras

from cxrcompare.errors import InputError, reason
from cxrcompare.models.backbones import Backbone
from cxrcompare.models.weight_files.loading import foreign_part

_TAKEN = ("pixels", "normalise")
"""Names of layers that this package adds before the network."""


def own_backbone(entry: Backbone, image_size: int) -> keras.Model:
    """Returns the network of an entry's function as one flat graph.

    Args:
        entry: An entry with a function.
        image_size: Height and width in pixels.

    Raises:
        InputError: The module or the function does not exist, the function fails, or its result is
            not a network from (B, image_size, image_size, 1) to a feature map that only has layers
            of Keras.
    """
    shape = (image_size, image_size, 1)
    plain = _called(entry.function, shape)
    expected = (
        f"{entry.function}: the function must return a Keras model that maps {(None, *shape)} to a "
        "feature map (images, height, width, channels)"
    )
    if not isinstance(plain, keras.Model):
        raise InputError(f"{expected}. Received: {type(plain).__name__}")
    try:
        into = [tuple(one.shape) for one in plain.inputs]
        out = [tuple(one.shape) for one in plain.outputs]
    except Exception as error:  # a subclassed model, which has no graph
        raise InputError(
            f"{expected}, made with the functional interface. Received: {type(plain).__name__}"
        ) from error
    if into != [(None, *shape)] or len(out) != 1 or len(out[0]) != 4 or None in out[0][1:]:
        raise InputError(f"{expected}. Received: {_shapes(into)} to {_shapes(out)}")
    flat = keras.Model(plain.inputs[0], plain.outputs[0])  # also of a Sequential
    _check_layers(entry.function, flat)
    return flat


def _called(reference: str, shape: tuple[int, int, int]) -> Any:
    module, _, name = reference.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:  # another module's code may raise anything
        raise InputError(
            f"{reference}: must be a function of a module that can be imported. "
            f"Received: {type(error).__name__}: {reason(error)}"
        ) from error
    try:
        return function(shape)
    except Exception as error:  # another module's code may raise anything
        raise InputError(
            f"{reference}: the function must return a Keras model for the input shape {shape}. "
            f"Received: {type(error).__name__}: {reason(error)}"
        ) from error


def _check_layers(reference: str, plain: keras.Model) -> None:
    """Checks that the saved network can be opened in safe mode and without the module.

    Raises:
        InputError: It cannot be opened.
    """
    expected = f"{reference}: a network must have Keras's own layers only, and no Lambda layer"
    taken = [layer.name for layer in plain.layers[1:] if layer.name in _TAKEN]
    if taken:
        raise InputError(
            f"{reference}: a layer must not have the name {taken[0]}. Received: such a layer"
        )
    try:
        config = json.loads(json.dumps(keras.saving.serialize_keras_object(plain)))
        part = foreign_part(config)
        if part is None:
            keras.saving.deserialize_keras_object(config, safe_mode=True)
    except Exception as error:  # Keras can raise any exception for layers of another module
        raise InputError(f"{expected}. Received: {reason(error)}") from error
    if part is not None:
        raise InputError(f"{expected}. Received: {part}")


def _shapes(shapes: list[tuple[int | None, ...]]) -> str:
    return " and ".join(map(str, shapes))
