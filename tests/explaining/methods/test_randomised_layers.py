"""Randomised layers: in steps from the logits down, reproducible, and undone at the end."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare import models  # noqa: E402
from cxrcompare.errors import InputError  # noqa: E402
from cxrcompare.explaining.methods.randomised_layers import randomised  # noqa: E402

from .test_contrasts import images, network  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def weights(model):
    """Returns copies of the weights of each layer, by its name."""
    inside = [*model.get_layer("backbone").layers, *model.layers]
    return {
        layer.name: [np.array(keras.ops.convert_to_numpy(one)) for one in layer.weights]
        for layer in inside
        if layer.weights and layer.name != "backbone"
    }


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_steps_go_from_the_logits_to_the_first_layer_and_are_undone():
    model = network()
    trained = weights(model)
    seen = []
    for step in randomised(model, images(), steps=3):
        now = weights(model)
        seen.append({name for name in trained if not same(trained[name], now[name])})
        assert step.layers == len(seen[-1])
        assert step.total == 3
    first, last = (layer.name for layer in model.get_layer("backbone").layers if layer.weights)
    assert seen == [{"logits"}, {"logits", last}, {"logits", last, first}]
    assert all(same(trained[name], now) for name, now in weights(model).items())


def test_values_are_shuffled_and_statistics_are_those_of_the_images():
    model = network("original")
    trained = weights(model)
    features = keras.Model(model.input, model.get_layer("pool").output)
    for step in randomised(model, images(), steps=1):
        assert step.layers == step.total == 6
        now = weights(model)
        pooled = keras.ops.convert_to_numpy(features(images()))
    for name in ("head_dense", "logits"):
        np.testing.assert_array_equal(np.sort(now[name][0], None), np.sort(trained[name][0], None))
    _, _, mean, variance = now["head_bn1"]
    np.testing.assert_allclose(mean, pooled.mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(variance, pooled.var(0), rtol=1e-3, atol=1e-5)


def test_statistics_of_layers_that_are_still_trained_stay():
    layers = keras.layers
    inside = keras.Input((8, 8, 1))
    x = layers.BatchNormalization(name="first")(layers.Conv2D(4, 3)(inside))
    backbone = keras.Model(inside, layers.Conv2D(4, 3)(x), name="backbone")
    begin = keras.Input((8, 8, 1))
    pooled = layers.GlobalAveragePooling2D(name="pool")(backbone(begin))
    model = keras.Model(begin, layers.Dense(2, name="logits")(pooled))
    before = weights(model)["first"]
    changed = [
        not same(before[2:], weights(step.model)["first"][2:])
        for step in randomised(model, images(8, 8), steps=4)
    ]
    assert changed == [False, False, True, True]
    assert backbone.get_layer("first").trainable


@pytest.mark.parametrize("head", ["linear", "original"])
def test_maps_follow_the_random_head(head):
    """The mean of the map and the bias stay the logit; the original head leaves a remainder."""
    model = models.with_maps(network(head))
    for step in randomised(model, images(), steps=2):
        logits, maps = (keras.ops.convert_to_numpy(one) for one in step.model(images()))
        rest = logits - maps.mean((1, 2))
        if head == "linear":
            bias = keras.ops.convert_to_numpy(model.get_layer("logits").bias)
            np.testing.assert_allclose(rest, np.broadcast_to(bias, rest.shape), atol=1e-4)
    assert "maps" not in weights(network())


def test_the_same_seed_gives_the_same_maps_and_maps_fall_apart():
    model = models.with_maps(network())

    def maps(seed):
        return [
            np.array(keras.ops.convert_to_numpy(step.model(images())[1]))
            for step in randomised(model, images(), 3, seed)
        ]

    trained = np.array(keras.ops.convert_to_numpy(model(images())[1]))
    one, again = maps(3), maps(3)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    ends = np.array(
        [np.corrcoef(trained.ravel(), maps(seed)[-1].ravel())[0, 1] for seed in range(5)]
    )
    assert np.abs(ends).mean() < 0.6


def test_an_iterator_that_is_closed_restores_the_network():
    model = network("original")
    trained = weights(model)
    settings = [(one.momentum, one.trainable) for one in model.layers if "bn" in one.name]
    steps = randomised(model, images())
    next(steps)
    next(steps)
    steps.close()
    assert all(same(trained[name], now) for name, now in weights(model).items())
    after = [(one.momentum, one.trainable) for one in model.layers if "bn" in one.name]
    assert after == settings
    with pytest.raises(InputError, match="`steps` must be 1 or more"):
        next(randomised(model, images(), steps=0))
