"""The random start of a ResNet: every residual block begins as its shortcut."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

_LAST = {
    "resnet34": "_bn2",
    "resnet50": "_3_bn",
    "resnet101": "_3_bn",
    "resnet152": "_3_bn",
}
"""How the names of the last batch normalisations of the blocks end."""


def start_at_shortcuts(name: str, backbone: keras.Model) -> int:
    """Sets the last factor (gamma) of each residual block of a ResNet to zero.

    A block then adds nothing to its shortcut until it has learnt something, so that deep networks
    learn from their first steps without pretrained weights. Only for random weights.

    Args:
        name: The name of the network; other networks than ResNets are left as they are.
        backbone: Its backbone.

    Returns:
        The number of blocks.

    Source: Goyal et al. 2017, arXiv 1706.02677, section 5.1.
    """
    ending = _LAST.get(name)
    if ending is None:
        return 0
    last: list[Any] = [
        layer
        for layer in backbone.layers
        if isinstance(layer, keras.layers.BatchNormalization) and layer.name.endswith(ending)
    ]
    for layer in last:
        layer.gamma.assign(np.zeros(layer.gamma.shape, np.float32))
    return len(last)
