"""ResNet34 (He et al. 2015), the only network of the original study that Keras does not ship."""

from __future__ import annotations

import keras
from keras import layers

STAGES: tuple[tuple[int, int], ...] = ((64, 3), (128, 4), (256, 6), (512, 3))
"""Number of channels and of basic blocks of each stage."""


def resnet34(
    input_shape: tuple[int, int, int], stages: tuple[tuple[int, int], ...] = STAGES
) -> keras.Model:
    """Returns ResNet34 without its classifier: (B, H, W, C) to (B, H/32, W/32, 512).

    Padding, convolutions without biases and the epsilon of batch normalisation are those of
    torchvision, so that torchvision's weights give the same outputs.

    Args:
        input_shape: Height, width, channels.
        stages: Channels and blocks of each stage; the default is the network of the paper.

    Source: He, Zhang, Ren and Sun 2015, arXiv 1512.03385, table 1.
    """
    pixels = keras.Input(input_shape)
    x = layers.ZeroPadding2D(3, name="conv1_pad")(pixels)
    x = _convolution(stages[0][0], 7, 2, "conv1")(x)
    x = _normalisation("bn1")(x)
    x = layers.ReLU(name="conv1_relu")(x)
    # After a ReLU no value is below 0, so padding with 0 equals padding with minus infinity.
    x = layers.ZeroPadding2D(1, name="pool_pad")(x)
    x = layers.MaxPooling2D(3, 2, name="pool")(x)
    for stage, (channels, blocks) in enumerate(stages, start=1):
        for block in range(blocks):
            stride = 2 if stage > 1 and block == 0 else 1
            x = _basic_block(x, channels, stride, f"layer{stage}.{block}".replace(".", "_"))
    return keras.Model(pixels, x, name="resnet34")


def _basic_block(x: keras.KerasTensor, channels: int, stride: int, name: str) -> keras.KerasTensor:
    """Adds two 3x3 convolutions and a shortcut, projected if the shape changes (option B)."""
    shortcut = x
    x = layers.ZeroPadding2D(1, name=f"{name}_pad1")(x)
    x = _convolution(channels, 3, stride, f"{name}_conv1")(x)
    x = _normalisation(f"{name}_bn1")(x)
    x = layers.ReLU(name=f"{name}_relu1")(x)
    x = layers.ZeroPadding2D(1, name=f"{name}_pad2")(x)
    x = _convolution(channels, 3, 1, f"{name}_conv2")(x)
    x = _normalisation(f"{name}_bn2")(x)
    if stride != 1 or shortcut.shape[-1] != channels:
        shortcut = _convolution(channels, 1, stride, f"{name}_downsample_0")(shortcut)
        shortcut = _normalisation(f"{name}_downsample_1")(shortcut)
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.ReLU(name=f"{name}_relu2")(x)


def _convolution(channels: int, size: int, stride: int, name: str) -> keras.layers.Layer:
    return layers.Conv2D(
        channels, size, stride, use_bias=False, kernel_initializer="he_normal", name=name
    )


def _normalisation(name: str) -> keras.layers.Layer:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)
