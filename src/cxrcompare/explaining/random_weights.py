"""Gives a network random weights, to test whether its maps depend on what it has learnt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def randomise(model: Any, images: np.ndarray, seed: int = 0) -> None:
    """Shuffles the values of each array of weights of a network, in place.

    The distribution of the values stays, their arrangement is random. The statistics of batch
    normalisation are those of `images`, so that the activations keep their scale.

    Args:
        model: A network, also from `models.with_maps`.
        images: (B, S, S, 1) uint8, about 64 images.
        seed: Of the random numbers.

    Source: Adebayo et al. 2018, arXiv 1810.03292 (all layers randomised).
    """
    rng = np.random.default_rng(seed)
    normalisations = [one for one in _layers(model) if hasattr(one, "moving_variance")]
    for weight in model.weights:
        if "moving_" in weight.path or "seed" in weight.path:
            continue
        values = np.asarray(weight.numpy()).ravel()
        weight.assign(rng.permutation(values).reshape(weight.shape))
    before = [(one.momentum, one.trainable) for one in normalisations]
    for one in normalisations:
        one.momentum, one.trainable = 0.0, True
    model(images, training=True)
    for one, (momentum, trainable) in zip(normalisations, before, strict=True):
        one.momentum, one.trainable = momentum, trainable


def _layers(model: Any) -> Iterable[Any]:
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from _layers(layer)
