"""Networks whose layers get random weights step by step, from the logits to the first layer.

The sanity check of Adebayo et al. 2018 (arXiv 1810.03292): a map that does not change while the
weights are replaced does not depend on what the network has learnt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras
import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.models.class_maps import update_maps


class Randomised(NamedTuple):
    """A network after a step of the randomisation.

    Attributes:
        layer: The last layer that was randomised.
        layers: The number of layers with weights that are randomised.
        total: The number of layers with weights.
        model: The network, the same object at every step.
    """

    layer: str
    layers: int
    total: int
    model: keras.Model


def randomised(
    model: keras.Model, images: np.ndarray, steps: int = 6, seed: int = 0
) -> Iterator[Randomised]:
    """Yields a network with more and more of its last layers randomised, at last all.

    The values of each array of weights are shuffled, so that their distribution stays. The
    statistics of batch normalisations in randomised layers are those of `images`, so that
    activations keep their scale. The network is changed in place, and gets its trained weights back
    when the iterator is used up or closed.

    Args:
        model: A network of `build` or `load`, also with maps (`models.with_maps`).
        images: (B, S, S, 1) uint8, about 64 images.
        steps: The number of steps, at least 1; the first randomises the head, the others equal
            numbers of layers of the backbone.
        seed: Of the random numbers.

    Raises:
        InputError: `steps` is below 1, or the network has no layer `backbone`.
    """
    if steps < 1:
        raise InputError(f"`steps` must be 1 or more. Received: {steps}")
    head, backbone = _layers(model)
    rng = np.random.default_rng(seed)
    trained = [np.array(_array(variable)) for variable in model.variables]
    try:
        done: list[Any] = []
        for group in _groups(head, backbone, steps):
            for layer in group:
                _shuffle(layer, rng)
            done += group
            _set_statistics(model, done, images)
            update_maps(model)
            yield Randomised(group[-1].name, len(done), len(head) + len(backbone), model)
    finally:
        for variable, value in zip(model.variables, trained, strict=True):
            variable.assign(value)


def _layers(model: keras.Model) -> tuple[list[Any], list[Any]]:
    """Returns the layers with weights of the head and of the backbone, the last ones first."""
    names = [layer.name for layer in model.layers]
    if "backbone" not in names:
        raise InputError(
            "a network must have a layer `backbone`. Received: the layers " + ", ".join(names)
        )
    inside = model.get_layer("backbone").layers
    head = [
        layer
        for layer in model.layers
        if layer.weights and layer.name != "backbone" and not layer.name.startswith("map")
    ]
    return head[::-1], [layer for layer in inside if layer.weights][::-1]


def _groups(head: list[Any], backbone: list[Any], steps: int) -> list[list[Any]]:
    if steps == 1 or not backbone:
        return [head + backbone]
    parts = np.array_split(np.arange(len(backbone)), min(steps - 1, len(backbone)))
    return [head, *([backbone[index] for index in part] for part in parts)]


def _shuffle(layer: Any, rng: np.random.Generator) -> None:
    for variable in layer.weights:
        if "moving_" not in variable.path and "seed" not in variable.path:
            value = _array(variable)
            variable.assign(rng.permutation(value.ravel()).reshape(value.shape))


def _set_statistics(model: keras.Model, changed: list[Any], images: np.ndarray) -> None:
    """Sets the statistics of the batch normalisations of changed layers to those of images."""
    every, ours = [*_normalisations(model.layers)], {*map(id, _normalisations(changed))}
    if ours:
        with _settings(every):
            for one in every:
                one.momentum, one.trainable = 0.0, id(one) in ours
            model(images, training=True)


@contextmanager
def _settings(layers: list[Any]) -> Iterator[None]:
    """Restores momentum and `trainable` of layers at the end."""
    before = [(one.momentum, one.trainable) for one in layers]
    try:
        yield
    finally:
        for one, (momentum, trainable) in zip(layers, before, strict=True):
            one.momentum, one.trainable = momentum, trainable


def _normalisations(layers: Iterable[Any]) -> Iterator[Any]:
    for layer in layers:
        if hasattr(layer, "moving_variance"):
            yield layer
        if hasattr(layer, "layers"):
            yield from _normalisations(layer.layers)


def _array(variable: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(variable))
