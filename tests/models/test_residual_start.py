"""Random ResNets start at their shortcuts; loaded weights and other networks are left alone."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare import models  # noqa: E402
from cxrcompare.models.residual_start import start_at_shortcuts  # noqa: E402
from cxrcompare.models.resnet34 import resnet34  # noqa: E402

pytestmark = pytest.mark.keras

BLOCKS = {"resnet34": 3 + 4 + 6 + 3, "resnet50": 3 + 4 + 6 + 3}
"""Blocks of the paper's table 1."""


def zeros(model):
    """Returns the names of the normalisations that start at zero."""
    return [
        layer.name
        for layer in model.get_layer("backbone").layers
        if isinstance(layer, keras.layers.BatchNormalization)
        and not np.any(keras.ops.convert_to_numpy(layer.gamma))
    ]


@pytest.mark.parametrize("name", BLOCKS)
def test_one_normalisation_of_each_block_starts_at_zero(name):
    assert len(zeros(models.build(name, 2, 32))) == BLOCKS[name]


def test_a_block_with_an_identity_shortcut_returns_its_input():
    """With gamma zero, the second block of a stage is ReLU of its input, which is not negative."""
    backbone = resnet34((32, 32, 1))
    assert start_at_shortcuts("resnet34", backbone) == 16
    ends = [backbone.get_layer(f"layer1_{block}_relu2").output for block in range(3)]
    image = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 1)).astype("float32")
    first, second, third = (
        keras.ops.convert_to_numpy(one) for one in keras.Model(backbone.input, ends)(image)
    )
    assert first.max() > 0
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, third)


def test_the_weights_of_another_network_are_kept():
    source = models.build("resnet34", 2, 32)
    layer = source.get_layer("backbone").get_layer("layer2_1_bn2")
    layer.gamma.assign(np.full(layer.gamma.shape, 0.5))
    found = models.build("resnet34", 2, 32, weights=source)
    assert "layer2_1_bn2" not in zeros(found)


def test_other_networks_have_no_such_start():
    assert zeros(models.build("mobilenet", 2, 32)) == []
