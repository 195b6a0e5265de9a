"""with_maps: a network with a second output, the exact map of each finding's logit.

For global average pooling and a linear layer, logit_f = b_f + mean over cells of (sum over channels
of w_cf A_c), where A is the last feature map. The term in the mean is the class activation map
(Zhou et al. 2016, arXiv 1512.04150). It is the logit itself, spread over the image. Here Grad-CAM
without its ReLU (Selvaraju et al. 2017, arXiv 1610.02391) and HiResCAM (Draelos and Carin 2020,
arXiv 2011.08891) are the same map, up to the factor of the number of cells.

The `original` head is linear in the pooled features while the same hidden units are active, so the
gradient is a product of its matrices and of a 0-1 vector of the active units. The map is HiResCAM,
and its mean differs from the logit by an offset of each image: the biases of the active units.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from cxrcompare.errors import InputError


def with_maps(model: keras.Model) -> keras.Model:
    """Returns a network with the outputs `logits` (B, F) and `maps` (B, h, w, F) float32.

    A map is signed and has the unit of a logit: positive cells raise the logit. The mean over the
    cells plus the offset of `offsets` is the logit. No gradient is computed. All layers are Keras's
    own, so the network can be saved, loaded in safe mode and exported.

    The weights of the backbone are shared with `model`; those of the head are copied, so call this
    function again after the weights of the head have changed.

    Args:
        model: A network of `build` or `load`.

    Raises:
        InputError: The head is neither `linear` nor `original`; see `has_exact_maps`.
    """
    if not has_exact_maps(model):
        raise InputError(
            "a network with maps must have global average pooling `pool` and the head linear or "
            f"original. Received: {', '.join(layer.name for layer in model.layers)}"
        )
    features = model.get_layer("pool").input
    maps = _original_maps(model, features) if _is_original(model) else _linear_maps(model, features)
    return keras.Model(model.input, [model.output, maps], name=model.name)


def has_exact_maps(model: keras.Model) -> bool:
    """Returns whether `with_maps` knows the head: `linear` or `original`, after average pooling."""
    names = [layer.name for layer in model.layers if not isinstance(layer, layers.Dropout)]
    if names[:3] != ["pixels", "backbone", "pool"]:
        return False
    kinds = [type(model.get_layer(name)) for name in names[2:]]
    linear = [layers.GlobalAveragePooling2D, layers.Dense]
    original = [
        layers.GlobalAveragePooling2D,
        *(layers.BatchNormalization, layers.Dense) * 2,
    ]
    if kinds not in (linear, original) or _activation(model.get_layer("logits")) != "linear":
        return False
    return kinds == linear or _activation(model.get_layer("head_dense")) == "relu"


def features_of(model: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Returns a network in two parts: pixels to the last feature map, and from there to logits.

    Args:
        model: A network whose layer `backbone` returns a feature map (B, h, w, C).

    Raises:
        InputError: It has no such layer.
    """
    names = [layer.name for layer in model.layers]
    if "backbone" not in names or len(model.get_layer("backbone").output.shape) != 4:
        raise InputError(
            "a network with maps must have a layer `backbone` that returns a feature map. "
            f"Received: {', '.join(names)}"
        )
    features = model.get_layer(names[names.index("backbone") + 1]).input
    return keras.Model(model.input, features), keras.Model(features, model.output)


def offsets(model: keras.Model, logits: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Returns logit minus the mean of the map, (B, F) float32: the bias for a linear head.

    Args:
        model: The network.
        logits: (B, F).
        maps: (B, h, w, F), exact maps of the same images.
    """
    if not _is_original(model):
        bias = np.asarray(ops.convert_to_numpy(model.get_layer("logits").bias), np.float32)
        return np.broadcast_to(bias, logits.shape)
    means = maps.mean((1, 2), dtype=np.float64)
    return (logits - means).astype(np.float32)


def _is_original(model: keras.Model) -> bool:
    return any(layer.name == "head_dense" for layer in model.layers)


def _activation(layer: Any) -> str:
    return getattr(layer.activation, "__name__", "")


def _linear_maps(model: keras.Model, features: Any) -> Any:
    kernel = _array(model.get_layer("logits").kernel)
    convolution = layers.Conv2D(kernel.shape[1], 1, use_bias=False, dtype="float32", name="maps")
    maps = convolution(features)
    convolution.set_weights([kernel[None, None]])
    return maps


def _original_maps(model: keras.Model, features: Any) -> Any:
    """Returns features times the gradient of each logit: (B, h, w, C) and (B, F, C)."""
    first = _scale(model.get_layer("head_bn1"))[:, None] * _array(
        model.get_layer("head_dense").kernel
    )
    second = _scale(model.get_layer("head_bn2"))[:, None] * _array(model.get_layer("logits").kernel)
    hidden, findings = second.shape
    active = ops.cast(ops.greater(model.get_layer("head_dense").output, 0.0), "float32")
    active = layers.RepeatVector(findings, name="maps_active")(active)
    by_unit = layers.EinsumDense(
        "bfk,fk->bfk", (findings, hidden), dtype="float32", name="maps_logits"
    )
    by_channel = layers.EinsumDense(
        "bfk,kc->bfc", (findings, len(first)), dtype="float32", name="maps_dense"
    )
    gradients = by_channel(by_unit(active))
    by_unit.set_weights([second.T])
    by_channel.set_weights([first.T])
    _, height, width, channels = features.shape
    cells = layers.Reshape((height * width, channels), name="maps_cells")(features)
    maps = layers.Dot((2, 2), dtype="float32", name="maps_products")([cells, gradients])
    return layers.Reshape((height, width, findings), name="maps")(maps)


def _scale(normalisation: Any) -> np.ndarray:
    variance = _array(normalisation.moving_variance)
    return _array(normalisation.gamma) / np.sqrt(variance + normalisation.epsilon)


def _array(variable: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(variable), np.float32)
