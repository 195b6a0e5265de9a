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
    return {
        layer.name: [np.array(keras.ops.convert_to_numpy(one)) for one in layer.weights]
        for layer in [*model.layers, *model.get_layer("backbone").layers]
        if layer.weights and layer.name != "backbone"
    }


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_layers_are_randomised_from_the_logits_down_and_restored():
    model = network("original")
    trained = weights(model)
    changed = []
    for step in randomised(model, np.random.default_rng(0), steps=3):
        now = weights(step.model)
        changed.append({name for name in trained if not same(trained[name], now[name])})
        assert len(changed[-1]) == step.layers
    head = {"head_bn1", "head_dense", "head_bn2", "logits"}
    assert changed[0] == set()
    assert changed[1] == head
    assert head < changed[2] < changed[3] == set(trained)
    assert all(same(trained[name], now) for name, now in weights(model).items())


def test_the_scale_of_kernels_is_kept_and_normalisations_are_permuted():
    model = network("original")
    trained = weights(model)
    *_, last = (
        (step.layers, weights(step.model))
        for step in randomised(model, np.random.default_rng(0), steps=1)
    )
    layers, now = last
    assert layers == 6
    kernel, before = now["head_dense"][0], trained["head_dense"][0]
    assert abs(kernel.std() / before.std() - 1) < 0.3
    for one, other in zip(now["head_bn1"], trained["head_bn1"], strict=True):
        np.testing.assert_array_equal(np.sort(one), np.sort(other))


def test_the_same_random_numbers_give_the_same_maps_and_others_fall_apart():
    model = network()

    def maps(seed):
        return [
            np.array(keras.ops.convert_to_numpy(models.with_maps(step.model)(images())[1]))
            for step in randomised(model, np.random.default_rng(seed), steps=3)
        ]

    one, again = maps(3), maps(3)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    ends = np.array(
        [np.corrcoef(one[0].ravel(), maps(seed)[-1].ravel())[0, 1] for seed in range(5)]
    )
    assert np.abs(ends).mean() < 0.6


def test_an_iterator_that_is_closed_restores_the_network():
    model = network()
    trained = weights(model)
    steps = randomised(model, np.random.default_rng(0))
    next(steps)
    next(steps)
    steps.close()
    assert all(same(trained[name], now) for name, now in weights(model).items())
    with pytest.raises(InputError, match="`steps` must be 1 or more"):
        next(randomised(model, np.random.default_rng(0), steps=0))
