"""Contrasts: equal to the exact map where they must be, complete, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare import models  # noqa: E402
from cxrcompare.errors import InputError  # noqa: E402
from cxrcompare.explaining.methods.contrasts import (  # noqa: E402
    grad_cam_plus_plus,
    hirescam,
    integrated_gradients,
    occlusion,
)
from cxrcompare.explaining.methods.gradients import gradient, parts  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def network(head="linear", size=24):
    """Returns two convolutions with pooling and a head, and random weights."""
    layers = keras.layers
    inside = keras.Input((size, size, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, -1.0)(inside)
    x = layers.Conv2D(6, 3, 2, "same", activation="relu")(x)
    x = layers.Conv2D(8, 3, 2, "same", activation="relu")(x)
    backbone = keras.Model(inside, x, name="backbone")
    begin = keras.Input((size, size, 1), name="pixels")
    x = layers.GlobalAveragePooling2D(name="pool")(backbone(begin))
    if head == "original":
        x = layers.BatchNormalization(name="head_bn1")(x)
        x = layers.Dense(12, activation="relu", name="head_dense")(x)
        x = layers.BatchNormalization(name="head_bn2")(x)
        x = layers.Dropout(0.1, seed=1, name="head_dropout1")(x)
    x = layers.Dropout(0.1, seed=2, name="head_dropout")(x)
    model = keras.Model(begin, layers.Dense(3, dtype="float32", name="logits")(x))
    rng = np.random.default_rng(0)
    for variable in model.weights:
        variable.assign(rng.normal(0.05, 0.3, variable.shape))
        if variable.name in ("moving_variance", "gamma"):
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return model


def images(count=3, size=24):
    return np.random.default_rng(1).integers(0, 256, (count, size, size, 1), dtype=np.uint8)


@pytest.mark.parametrize("head", ["linear", "original"])
def test_hirescam_is_the_exact_map(head):
    model = network(head)
    _, exact = models.with_maps(model).predict_on_batch(images())
    for finding in range(3):
        found = hirescam(model, [finding])(images())[:, 0]
        np.testing.assert_allclose(
            found, exact[..., finding], atol=1e-5 * np.abs(exact).max(), rtol=1e-5
        )


def test_the_gradient_is_the_slope_of_small_steps():
    model = network()
    first, second = parts(model)
    features = np.asarray(keras.ops.convert_to_numpy(first(images().astype("float32"))))
    logits, slopes = gradient(second)(features, 1)
    assert logits.shape == (3, 3)
    changed = features.copy()
    changed[:, 2, 3, 4] += 0.5
    moved = np.asarray(keras.ops.convert_to_numpy(second(changed)))
    np.testing.assert_allclose((moved - logits)[:, 1] / 0.5, slopes[:, 2, 3, 4], rtol=1e-2)


def test_grad_cam_plus_plus_of_a_linear_head_by_hand():
    """The gradient of each cell is g = w / cells, alpha = 1 / (2 + A g) with A the sum of cells.

    The weight of a channel is cells * alpha * max(g, 0).
    """
    model = network()
    first, _ = parts(model)
    features = np.asarray(keras.ops.convert_to_numpy(first(images().astype("float32"))), float)
    slope = np.asarray(keras.ops.convert_to_numpy(model.get_layer("logits").kernel), float) / 36
    found = grad_cam_plus_plus(model, [0, 2])(images())[:, 1]
    assert found.shape == (3, 6, 6)
    weights = np.array(
        [
            [36 / (2 + total * g) * max(g, 0) for total, g in zip(totals, slope[:, 2], strict=True)]
            for totals in features.sum((1, 2))
        ]
    )
    expected = np.maximum((features * weights[:, None, None]).sum(-1), 0)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_integrated_gradients_are_complete():
    """Their mean is the logit of the image minus that of a black image."""
    model = network("original")
    black = np.zeros_like(images())
    change = (model.predict_on_batch(images()) - model.predict_on_batch(black))[:, 1]
    found = integrated_gradients(model, [1], steps=200, cells=5)(images())[:, 0]
    assert found.shape == (3, 5, 5)
    np.testing.assert_allclose(found.mean((1, 2)), change, atol=0.02 * np.abs(change).max())
    rough = integrated_gradients(model, [1], steps=200, cells=1)(images())[:, 0]
    np.testing.assert_allclose(rough[:, 0, 0], found.mean((1, 2)), rtol=1e-4)


def test_occlusion_of_the_whole_image_and_of_a_part():
    model = network()
    given = images()
    whole = occlusion(model, [0], cells=1)(given)[:, 0]
    level = given.mean((1, 2), keepdims=True).round()
    grey = np.broadcast_to(level, given.shape)
    fall = (model.predict_on_batch(given) - model.predict_on_batch(grey))[:, 0]
    np.testing.assert_allclose(whole[:, 0, 0], fall, atol=1e-4)
    part = given.astype(float)
    part[:, 8:16, 16:24] = level
    fall = (model.predict_on_batch(given) - model.predict_on_batch(part))[:, 0]
    np.testing.assert_allclose(
        occlusion(model, [2, 0], cells=3)(given)[:, 1, 1, 2], fall, atol=1e-4
    )


def test_what_cannot_be_made_is_refused():
    model = network()
    with pytest.raises(InputError, match="`steps` must be 1 or more"):
        integrated_gradients(model, [0], steps=0)
    with pytest.raises(InputError, match="`cells` must be 1 or more"):
        occlusion(model, [0], cells=0)
    pixels = keras.Input((24, 24, 1))
    other = keras.Model(pixels, keras.layers.Dense(2)(keras.layers.GlobalMaxPooling2D()(pixels)))
    with pytest.raises(InputError, match="must have a layer `backbone`"):
        hirescam(other, [0])
