"""Gradients of logits with respect to a network's input or its last feature map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from cxrcompare.errors import InputError

Gradient = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]
"""(input, finding) -> (logits (B, F), gradient of the finding's logit, like the input)."""


def gradient(model: keras.Model) -> Gradient:
    """Returns a compiled function: the logits of a network and the gradient of one of them.

    Args:
        model: A network from one float tensor to logits (B, F).
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _tensorflow(model)
    if backend == "jax":
        return _jax(model)
    return _torch(model)


def parts(model: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Returns a network in two parts: pixels to the last feature map, and from there to logits.

    Args:
        model: A network of `build` or `load`.

    Raises:
        InputError: It has no layer `backbone` that returns a feature map.
    """
    names = [layer.name for layer in model.layers]
    if "backbone" not in names or len(model.get_layer("backbone").output.shape) != 4:
        raise InputError(
            "a network must have a layer `backbone` that returns a feature map, for maps. "
            f"Received: the layers {', '.join(names)}"
        )
    following = model.layers[names.index("backbone") + 1]
    features = following.input
    return keras.Model(model.input, features), keras.Model(features, model.output)


def _tensorflow(model: keras.Model) -> Gradient:
    import tensorflow as tf

    @tf.function(autograph=False)
    def compiled(x: Any, finding: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            logits = model(x, training=False)
            chosen = tf.reduce_sum(tf.gather(logits, finding, axis=1))
        return logits, tape.gradient(chosen, x)

    def differentiate(x: np.ndarray, finding: int) -> tuple[np.ndarray, np.ndarray]:
        logits, slopes = compiled(tf.constant(x, tf.float32), tf.constant(finding))
        return logits.numpy(), slopes.numpy()

    return differentiate


def _jax(model: keras.Model) -> Gradient:
    import jax

    def chosen(x: Any, finding: Any) -> Any:
        logits = model(x, training=False)
        return logits[:, finding].sum(), logits

    compiled = jax.jit(jax.value_and_grad(chosen, has_aux=True))

    def differentiate(x: np.ndarray, finding: int) -> tuple[np.ndarray, np.ndarray]:
        (_, logits), slopes = compiled(np.asarray(x, np.float32), finding)
        return np.asarray(logits), np.asarray(slopes)

    return differentiate


def _torch(model: keras.Model) -> Gradient:
    import torch

    def differentiate(x: np.ndarray, finding: int) -> tuple[np.ndarray, np.ndarray]:
        given = keras.ops.convert_to_tensor(np.asarray(x, np.float32)).detach().requires_grad_()
        logits = model(given, training=False)
        (slopes,) = torch.autograd.grad(logits[:, finding].sum(), given)
        return logits.detach().cpu().numpy(), slopes.detach().cpu().numpy()

    return differentiate
