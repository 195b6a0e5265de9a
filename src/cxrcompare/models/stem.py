"""The first convolution for grey images: folds three input channels into one, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from cxrcompare.models.backbones import Normalisation, scales_and_offsets

OFFSET_SUFFIX = "_offset"
"""Ends the name of the layer that only a network with weights for colour images has."""


class Stem:
    """The first convolution of a network, adapted to one grey channel.

    In a network trained on colour, replicated grey g is normalised to a_c g + b_c in channel c, and
    the first convolution K gives sum_c K_c (a_c g + b_c). With one channel y = a g + b, where a and
    b are the means of a_c and b_c, this equals

        (sum_c a_c / a K_c) y + sum_c (b_c - b a_c / a) K_c.

    The second term does not depend on the image. It is not a constant bias: zeros are padded after
    the normalisation, so near the edges some taps fall on zeros. It is therefore computed as a
    convolution of an image of ones with that kernel, once per batch.

    Attributes:
        layer: The layer of the plain network with the first convolution.
        scale: Factor of the normalised channel.
        offset: Offset of the normalised channel.
    """

    def __init__(self, plain: keras.Model, normalisation: Normalisation, colour: bool) -> None:
        """Finds the first convolution.

        Args:
            plain: The network with one input channel.
            normalisation: The family's normalisation.
            colour: Whether weights trained on colour will be folded into it.
        """
        self._scales, self._offsets = (np.array(x) for x in scales_and_offsets(normalisation))
        self.scale, self.offset = float(self._scales.mean()), float(self._offsets.mean())
        position, self.layer = next(
            (position, layer)
            for position, layer in enumerate(plain.layers)
            if isinstance(Stem.convolution(layer), layers.Conv2D)
        )
        self._padding = [
            layer for layer in plain.layers[:position] if isinstance(layer, layers.ZeroPadding2D)
        ]
        uneven = colour and len(set(self._offsets)) > 1
        padded = bool(self._padding) or Stem.convolution(self.layer).padding == "same"
        self._constant = self._constant_convolution() if uneven and padded else None
        if self._constant is not None:  # applied after the term of the offsets is added
            self._activation = self.layer.activation
            self.layer.activation = keras.activations.linear

    def __call__(self, x: Any, normalised: Any) -> Any:
        """Applies the first convolution to `x` and adds the term of the offsets."""
        if self._constant is None:
            return self.layer(x)
        ones = ops.ones_like(ops.take(normalised, [0], axis=0))
        for padding in self._padding:
            ones = padding(ones)
        x = self.layer(x) + self._constant(ones)
        if self._activation is keras.activations.linear:
            return x
        return layers.Activation(self._activation, name=f"{self.layer.name}_activation")(x)

    def fill(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Returns weights of `layer` for grey, equivalent to `arrays` for replicated grey.

        As a side effect, sets the kernel of the convolution of the constant image.

        Args:
            arrays: The layer's weights in a colour network, with the kernel (h, w, 3, C) first.
        """
        kernel, *others = (np.asarray(array, dtype=np.float64) for array in arrays)
        factors = self._scales / self.scale
        constant = np.tensordot(kernel, self._offsets - self.offset * factors, axes=(2, 0))
        folded = [np.tensordot(kernel, factors, axes=(2, 0))[:, :, None], *others]
        if self._constant is not None:
            self._constant.set_weights([constant[:, :, None]])
        elif np.any(constant):  # without padding the term is a constant bias
            folded[1] = folded[1] + constant.sum(axis=(0, 1))
        return folded

    @staticmethod
    def convolution(layer: Any) -> Any:
        """Returns the layer's convolution; ConvNeXt has it in a Sequential."""
        return layer.layers[0] if isinstance(layer, keras.Sequential) else layer

    def _constant_convolution(self) -> layers.Layer:
        config = self.layer.get_config()
        kept = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "dtype")
        return layers.Conv2D(
            **{key: config[key] for key in kept},
            use_bias=False,
            kernel_initializer="zeros",
            name=f"{self.layer.name}{OFFSET_SUFFIX}",
        )
