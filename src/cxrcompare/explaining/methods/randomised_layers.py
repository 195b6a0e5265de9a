"""Networks whose layers are randomised step by step, from the logits to the first layer.

The sanity check of Adebayo et al. 2018 (arXiv 1810.03292): a map that does not change while the
weights are replaced does not depend on what the network has learnt.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

from cxrcompare.errors import InputError


class Randomised(NamedTuple):
    """A network after a step of the randomisation.

    Attributes:
        layer: The last layer that was randomised; empty for the network as it was trained.
        layers: The number of layers with weights that are randomised.
        model: The network, the same object at every step.
    """

    layer: str
    layers: int
    model: keras.Model


def randomised(
    model: keras.Model, rng: np.random.Generator, steps: int = 6
) -> Iterator[Randomised]:
    """Yields a network as trained, then with more and more of its last layers randomised.

    Kernels get normal values with the mean and the standard deviation of their own trained values,
    so that activations keep their scale. Biases, and the statistics and factors of normalisations,
    are permuted over the channels, the same way for all of a layer. After the last step every layer
    is randomised. The network is changed in place, and gets its trained weights back when the
    iterator is used up or closed.

    Args:
        model: A network of `build` or `load`.
        rng: The random numbers.
        steps: The number of steps, at least 1; the first randomises the head, the others equal
            numbers of layers of the backbone.

    Raises:
        InputError: `steps` is below 1, or the network has no layer `backbone`.
    """
    if steps < 1:
        raise InputError(f"`steps` must be 1 or more. Received: {steps}")
    head, backbone = _layers(model)
    trained = [np.array(_array(variable)) for variable in model.variables]
    try:
        yield Randomised("", 0, model)
        done = 0
        for group in _groups(head, backbone, steps):
            for layer in group:
                _randomise(layer, rng)
            done += len(group)
            yield Randomised(group[-1].name, done, model)
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
    head = [layer for layer in model.layers if layer.weights and layer.name != "backbone"]
    return head[::-1], [layer for layer in inside if layer.weights][::-1]


def _groups(head: list[Any], backbone: list[Any], steps: int) -> list[list[Any]]:
    if steps == 1 or not backbone:
        return [head + backbone]
    parts = np.array_split(np.arange(len(backbone)), min(steps - 1, len(backbone)))
    return [head, *([backbone[index] for index in part] for part in parts)]


def _randomise(layer: Any, rng: np.random.Generator) -> None:
    order = None
    for variable in layer.weights:
        value = _array(variable)
        if value.ndim > 1:
            variable.assign(rng.normal(value.mean(), value.std(), value.shape))
        elif value.ndim == 1:
            if order is None or len(order) != len(value):
                order = rng.permutation(len(value))
            variable.assign(value[order])


def _array(variable: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(variable))
