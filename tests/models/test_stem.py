"""Tests of the first convolution for grey images: exactly that of a colour network."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from keras import layers  # noqa: E402

from cxrcompare.models.backbones import Normalisation, scales_and_offsets  # noqa: E402
from cxrcompare.models.stem import OFFSET_SUFFIX, Stem  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

NORMALISATIONS: tuple[Normalisation, ...] = get_args(Normalisation)
PIXELS = np.random.default_rng(0).integers(0, 256, (2, 9, 8, 1)).astype(np.float32)
KERNEL = np.random.default_rng(1).normal(size=(3, 3, 3, 4)).astype(np.float32)
BIAS = np.array([0.5, -1.0, 0.0, 2.0], np.float32)


def plain(channels: int, padding: str, activation: str = "linear") -> Any:
    """Returns a network of one convolution, whose padding is a layer of its own where asked for."""
    inputs = keras.Input((9, 8, channels))
    x = layers.ZeroPadding2D(((0, 1), (1, 2)))(inputs) if padding == "layer" else inputs
    inside = "valid" if padding == "layer" else padding
    x = layers.Conv2D(4, 3, 2, inside, activation=activation, name="first")(x)
    return keras.Model(inputs, layers.ReLU()(x))


def numbers(tensor: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def colour_output(normalisation: Normalisation, padding: str, activation: str) -> np.ndarray:
    """Returns the first convolution of replicated grey, normalised channel by channel."""
    network = plain(3, padding, activation)
    network.get_layer("first").set_weights([KERNEL, BIAS])
    scales, offsets = (np.float32(x) for x in scales_and_offsets(normalisation))
    inner = keras.Model(network.input, network.get_layer("first").output)
    return numbers(inner(PIXELS * scales + offsets))


def grey_output(normalisation: Normalisation, padding: str, activation: str) -> np.ndarray:
    """Returns the same of one channel, through the stem."""
    network = plain(1, padding, activation)
    stem = Stem(network, normalisation, colour=True)
    normalised = keras.ops.convert_to_tensor(PIXELS * stem.scale + stem.offset)
    x = normalised
    for layer in network.layers:
        if isinstance(layer, layers.ZeroPadding2D):
            x = layer(x)
    stem(x, normalised)  # makes the variables
    first = stem.layer
    for variable, values in zip(first.weights, stem.fill([KERNEL, BIAS]), strict=True):
        variable.assign(values)
    return numbers(stem(x, normalised))


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("padding", ["valid", "same", "layer"])
def test_grey_gives_what_replicated_grey_gives(normalisation: Any, padding: str) -> None:
    expected = colour_output(normalisation, padding, "linear")
    found = grey_output(normalisation, padding, "linear")
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6 * np.abs(expected).max())


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_an_activation_of_the_convolution_comes_after_the_term_of_the_offsets(padding: str) -> None:
    expected = colour_output("torch", padding, "relu")
    assert (expected == 0).any()
    found = grey_output("torch", padding, "relu")
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("normalisation", "padding", "colour", "needed"),
    [
        ("torch", "same", True, True),
        ("torch", "layer", True, True),
        ("torch", "valid", True, False),  # without padding the term is a bias
        ("torch", "same", False, False),
        ("tf", "same", True, False),  # the same offset for every channel
    ],
)
def test_the_term_is_a_layer_only_where_padding_makes_it_uneven(
    normalisation: Any, padding: str, colour: bool, needed: bool
) -> None:
    network = plain(1, padding)
    stem = Stem(network, normalisation, colour)
    pixels = x = keras.Input((9, 8, 1))
    for layer in network.layers:
        if isinstance(layer, layers.ZeroPadding2D):
            x = layer(x)
    built = keras.Model(pixels, stem(x, pixels))
    assert any(layer.name.endswith(OFFSET_SUFFIX) for layer in built.layers) == needed


def test_the_fold_by_hand() -> None:
    # torch: scales a_c = 1 / (255 s_c), offsets b_c = -m_c / s_c. A kernel of ones in one tap:
    # sum of a_c / mean a is 3, so the folded tap is 3
    network = plain(1, "valid")
    stem = Stem(network, "torch", colour=True)
    kernel = np.zeros((3, 3, 3, 1))
    kernel[1, 1] = 1.0
    folded, bias = stem.fill([kernel, np.zeros(1)])
    assert folded.shape == (3, 3, 1, 1)
    assert folded[1, 1, 0, 0] == pytest.approx(3.0)
    scales, offsets = scales_and_offsets("torch")
    # sum of b_c - b a_c / a: with the same factor for all, 3 b - 3 b = 0
    expected = sum(offsets) - np.mean(offsets) * sum(scales) / np.mean(scales)
    assert bias[0] == pytest.approx(expected, abs=1e-12)
    assert not folded[0].any()
