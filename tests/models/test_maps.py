"""Exact maps: their mean is the logit, and a change of a cell changes the logit as the map says."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare import models  # noqa: E402
from cxrcompare.errors import InputError  # noqa: E402
from cxrcompare.models.backbones import get  # noqa: E402
from cxrcompare.models.maps import features_of, has_exact_maps, offsets, with_maps  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

TESTED = (*models.names()[:5], "mobilenetv3small", "convnexttiny")
if os.environ.get("CXRCOMPARE_EVERY_NETWORK"):
    TESTED = models.names()
elif keras.backend.backend() != "tensorflow":
    TESTED = ("resnet34", "mobilenet")


def pixels(size: int, images: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (images, size, size, 1), dtype=np.uint8)


def arrays(model: Any, images: np.ndarray) -> list[np.ndarray]:
    found = model(images, training=False)
    return [np.asarray(keras.ops.convert_to_numpy(one)) for one in found]


def tiny(head: str, size: int = 48) -> Any:
    """Returns a network with a backbone of two convolutions and random normalisation."""
    rng = np.random.default_rng(2)
    image = keras.Input((size, size, 1), name="pixels")
    x = keras.layers.Conv2D(8, 5, strides=4, padding="same", activation="relu")(image)
    x = keras.layers.Conv2D(16, 3, strides=4, padding="same", activation="relu")(x)
    backbone = keras.Model(image, x, name="backbone")
    begin = keras.Input((size, size, 1), name="pixels")
    x = keras.layers.GlobalAveragePooling2D(name="pool")(backbone(begin))
    if head == "original":
        x = keras.layers.BatchNormalization(name="head_bn1")(x)
        x = keras.layers.Dense(12, activation="relu", name="head_dense")(x)
        x = keras.layers.BatchNormalization(name="head_bn2")(x)
    x = keras.layers.Dropout(0.2, name="head_dropout")(x)
    model = keras.Model(begin, keras.layers.Dense(3, dtype="float32", name="logits")(x))
    for variable in model.weights:
        if "normalization" in variable.path or "_bn" in variable.path:
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    model.get_layer("logits").bias.assign(rng.normal(size=3))
    return model


@pytest.mark.parametrize("name", TESTED)
def test_the_mean_of_a_map_and_the_bias_are_the_logit(name):
    keras.utils.clear_session()
    size = max(64, get(name).smallest)
    model = models.build(name, 3, size)
    model.get_layer("logits").bias.assign([0.3, -2.0, 0.0])
    both = with_maps(model)
    images = pixels(size)
    logits, maps = arrays(both, images)
    assert np.allclose(logits, arrays_of(model, images), atol=1e-6)
    assert maps.dtype == np.float32
    assert maps.shape[-1] == 3
    scale = max(1.0, float(np.abs(maps).max()))
    means = maps.mean((1, 2), dtype=float) + np.array([0.3, -2.0, 0.0])
    assert np.abs(means - logits).max() < 1e-5 * scale
    assert np.allclose(offsets(model, logits, maps), [[0.3, -2.0, 0.0]] * 2, atol=1e-6)


def arrays_of(model: Any, images: np.ndarray) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(model(images, training=False)))


def test_the_map_of_the_original_head_is_linear_while_the_same_units_are_active():
    """Scaling features by a factor near 1 changes the logit by the mean of the map times it."""
    model = tiny("original")
    images = pixels(48)
    first, second = features_of(model)
    _, maps = arrays(with_maps(model), images)
    features = arrays_of(first, images)
    step = 1e-3
    more, less = (arrays_of(second, features * (1 + sign * step)) for sign in (1, -1))
    expected = (more.astype(float) - less) / (2 * step)
    assert np.allclose(maps.mean((1, 2)), expected, rtol=2e-2, atol=2e-3)
    assert np.abs(expected).max() > 0.05


def test_one_cell_of_the_features_changes_the_logit_by_its_cell_of_the_map():
    for head in ("linear", "original"):
        model = tiny(head)
        images = pixels(48, 1)
        first, second = features_of(model)
        logits, maps = arrays(with_maps(model), images)
        features = arrays_of(first, images)
        changed = features.copy()
        changed[:, 1, 2] *= 0.99
        difference = (logits - arrays_of(second, changed))[0] / 0.01
        cells = maps.shape[1] * maps.shape[2]
        assert np.allclose(difference, maps[0, 1, 2] / cells, rtol=0.05, atol=2e-3), head


def test_networks_with_maps_are_saved_and_opened_in_safe_mode(tmp_path):
    for head in ("linear", "original"):
        both = with_maps(tiny(head))
        both.save(tmp_path / f"{head}.keras")
        opened = keras.saving.load_model(tmp_path / f"{head}.keras", safe_mode=True)
        for one, other in zip(arrays(both, pixels(48)), arrays(opened, pixels(48)), strict=True):
            assert np.allclose(one, other, atol=1e-6)


def test_other_heads_are_refused():
    model = tiny("linear")
    pooled = keras.layers.GlobalMaxPooling2D(name="pool")(model.get_layer("backbone").output)
    head = keras.layers.Dense(3, name="logits")(pooled)
    other = keras.Model(model.get_layer("backbone").input, head)
    assert has_exact_maps(model)
    assert not has_exact_maps(other)
    with pytest.raises(InputError, match="the head linear or original"):
        with_maps(other)
    with pytest.raises(InputError, match="a layer `backbone`"):
        features_of(other)
