"""with_maps: a network with the class activation map of each finding as its second output."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from cxrcompare.errors import InputError

_LINEAR = {"backbone", "pool", "head_dropout", "logits"}
_ORIGINAL = _LINEAR | {"head_bn1", "head_dropout1", "head_dense", "head_bn2"}


def with_maps(model: keras.Model) -> keras.Model:
    """Returns a network with two outputs: the logits, and the map of each finding.

    The map of a finding has a signed value in each cell of the last feature map: what the cell adds
    to the logit. With the linear head, its mean and the bias of the finding are the logit; this is
    the class activation map (Zhou et al. 2016, arXiv 1512.04150). Grad-CAM (Selvaraju et al. 2017,
    arXiv 1610.02391) without its rectifier and HiResCAM (Draelos and Carin 2020, arXiv
    2011.08891) of the logit are the same map. With the original head, whose hidden units are
    rectified, the map is HiResCAM: the head is linear around each image, and the mean of the map
    and a remainder that depends only on which units are active are the logit.

    Both are computed by one forward pass without gradients, on every framework. The layers are
    Keras's own, and the weights of the backbone and of the logits are shared with `model`.

    Args:
        model: A network from `build` or `load`.

    Returns:
        A network whose outputs are logits (B, F) and maps (B, H, W, F), both float32.

    Raises:
        InputError: The network has another head.
    """
    names = {layer.name for layer in model.layers}
    if not (names >= _ORIGINAL or (names >= _LINEAR and not names & (_ORIGINAL - _LINEAR))):
        raise InputError(
            "a network must have the head linear or original, for maps. "
            f"Received: the layers {', '.join(sorted(names))}"
        )
    features = model.get_layer("pool").input
    kernels = _kernels(model)
    if "head_dense" in names:
        features = _active_units(model.get_layer("head_dense"), features, kernels["map_units"])
    maps = _pixelwise("maps", features, kernels["maps"])
    return keras.Model(model.input, [model.output, maps], name=f"{model.name}_with_maps")


def update_maps(model: keras.Model) -> None:
    """Makes the maps of a network follow its head, if the head's weights have changed.

    Args:
        model: A network; without maps, nothing is changed.
    """
    names = {layer.name for layer in model.layers}
    if "maps" in names:
        for name, kernel in _kernels(model).items():
            model.get_layer(name).set_weights([kernel[None, None]])


def _kernels(model: keras.Model) -> dict[str, np.ndarray]:
    """Returns the matrix of each layer of the maps, from the weights of the head."""
    logits = _array(model.get_layer("logits").kernel)
    if "head_dense" not in {layer.name for layer in model.layers}:
        return {"maps": logits}
    first, second = _scale(model.get_layer("head_bn1")), _scale(model.get_layer("head_bn2"))
    hidden = _array(model.get_layer("head_dense").kernel)
    return {"map_units": first[:, None] * hidden, "maps": second[:, None] * logits}


def _active_units(hidden: Any, features: Any, kernel: np.ndarray) -> Any:
    """Returns the cells' parts of the active hidden units of the original head."""
    parts = _pixelwise("map_units", features, kernel)
    units = int(hidden.output.shape[-1])
    active = layers.Reshape((1, 1, units), name="map_gate")(keras.ops.sign(hidden.output))
    return layers.Multiply(name="map_active", dtype="float32")([parts, active])


def _pixelwise(name: str, features: Any, kernel: np.ndarray) -> Any:
    """Returns the product of each cell's features, (B, H, W, C), with a matrix, (C, F)."""
    layer = layers.Conv2D(kernel.shape[1], 1, use_bias=False, dtype="float32", name=name)
    out = layer(features)
    layer.set_weights([kernel[None, None]])
    return out


def _scale(norm: Any) -> np.ndarray:
    """Returns the factor by which a batch normalisation multiplies each feature."""
    return _array(norm.gamma) / np.sqrt(_array(norm.moving_variance) + norm.epsilon)


def _array(variable: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(variable), dtype=np.float32)
