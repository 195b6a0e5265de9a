"""Maps: their mean and the bias are the logit; equal to maps by gradients on the same network."""

from __future__ import annotations

import os

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare import models  # noqa: E402
from cxrcompare.errors import InputError  # noqa: E402
from cxrcompare.models.backbones import get  # noqa: E402

from ..explaining.methods.test_contrasts import images  # noqa: E402
from ..explaining.methods.test_contrasts import network as small  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
FIVE = models.names()[:5]
BACKEND = keras.backend.backend()
EVERY = bool(os.environ.get("CXRCOMPARE_EVERY_NETWORK"))
OTHERS = ("vgg16", "xception", "inceptionv3", "efficientnetb0", "convnexttiny", "nasnetmobile")
if EVERY:
    OTHERS = models.names()[5:]
TESTED = FIVE if BACKEND == "tensorflow" or EVERY else ("resnet34", "mobilenet")


def network(name, head="linear", size=64):
    """Returns a network whose statistics and biases are not those of an untrained one."""
    model = models.build(name, 3, size, head=head)
    rng = np.random.default_rng(0)
    for variable in model.weights:
        if variable.name in ("moving_mean", "beta", "bias"):
            variable.assign(rng.normal(0, 0.1, variable.shape))
        elif variable.name in ("moving_variance", "gamma"):
            variable.assign(rng.uniform(0.8, 1.2, variable.shape))
    return model


def pictures(count=3, size=64):
    return np.random.default_rng(1).integers(0, 256, (count, size, size, 1), dtype=np.uint8)


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("name", TESTED)
def test_the_mean_of_a_map_and_the_bias_are_the_logit(name):
    model = network(name)
    logits, maps = (array(one) for one in models.with_maps(model)(pictures(), training=False))
    assert maps.shape == (3, 2, 2, 3)
    bias = array(model.get_layer("logits").bias)
    np.testing.assert_allclose(maps.mean((1, 2)) + bias, logits, atol=1e-5 * np.abs(maps).max())
    plain = array(model(pictures(), training=False))
    np.testing.assert_allclose(logits, plain, rtol=1e-5, atol=1e-5 * np.abs(plain).max())
    assert np.ptp(maps, axis=(1, 2)).min() > 0


def gradients(model, images):
    """Returns features, (B, H, W, C), and the gradient of each logit, (B, H, W, C, F)."""
    backbone = model.get_layer("backbone")
    layers = model.layers[model.layers.index(backbone) + 1 :]

    def head(features):
        for layer in layers:
            features = (
                layer(features, training=False) if layer.name[:4] == "head" else layer(features)
            )
        return features

    features = backbone(images, training=False)
    count = model.output.shape[-1]
    if BACKEND == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(persistent=True) as tape:
            tape.watch(features)
            logits = head(features)
            parts = [logits[:, k] for k in range(count)]
        found = [tape.gradient(part, features) for part in parts]
    elif BACKEND == "jax":
        import jax

        found = [jax.grad(lambda x, k=k: head(x)[:, k].sum())(features) for k in range(count)]
    else:
        features = features.detach().requires_grad_()
        found = []
        for k in range(count):
            (one,) = __import__("torch").autograd.grad(head(features)[:, k].sum(), features)
            found.append(one)
    return array(features), np.stack([array(one) for one in found], axis=-1)


@pytest.mark.parametrize("head", ["linear", "original"])
@pytest.mark.parametrize("name", ["mobilenet", "resnet34"])
def test_gradients_give_the_same_maps(name, head):
    model, images = network(name, head), pictures()
    features, slopes = gradients(model, images.astype(np.float32))
    cells = features.shape[1] * features.shape[2]
    hirescam = np.einsum("bhwc,bhwcf->bhwf", features, slopes) * cells
    gradcam = np.einsum("bhwc,bcf->bhwf", features, slopes.sum((1, 2)))
    _, maps = models.with_maps(model).predict_on_batch(images)
    scale = np.abs(hirescam).max()
    np.testing.assert_allclose(maps, hirescam, atol=2e-5 * scale)
    np.testing.assert_allclose(maps, gradcam, atol=2e-5 * scale)


def test_the_original_heads_remainder_depends_on_the_active_units_only():
    """The logits and the maps of a network that sees all units active differ by a constant."""
    model = network("mobilenet", "original")
    model.get_layer("head_dense").bias.assign(np.full(512, 1e3))
    logits, maps = models.with_maps(model).predict_on_batch(pictures())
    rest = logits - maps.mean((1, 2))
    np.testing.assert_allclose(rest, np.broadcast_to(rest[:1], rest.shape), rtol=1e-5)


def test_the_network_with_maps_is_saved_and_loaded(tmp_path):
    for head in ("linear", "original"):
        model = models.with_maps(small(head))
        model.save(tmp_path / "maps.keras")
        loaded = keras.models.load_model(tmp_path / "maps.keras", safe_mode=True)
        for one, other in zip(
            loaded.predict_on_batch(images()), model.predict_on_batch(images()), strict=True
        ):
            np.testing.assert_array_equal(one, other)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a format of TensorFlow")
def test_an_exported_network_has_the_maps(tmp_path):
    import tensorflow as tf

    model = models.with_maps(small())
    model.export(tmp_path / "exported", format="tf_saved_model", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "exported")
    exported = loaded.serve(images().astype(np.float32))
    for one, other in zip(exported, model.predict_on_batch(images()), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5 * np.abs(other).max())


def test_another_head_is_refused():
    pixels = keras.Input((32, 32, 1))
    logits = keras.layers.Dense(2)(keras.layers.GlobalMaxPooling2D()(pixels))
    with pytest.raises(InputError, match="must have the head linear or original"):
        models.with_maps(keras.Model(pixels, logits))


@pytest.mark.slow
@pytest.mark.skipif(BACKEND != "tensorflow" and not EVERY, reason="takes minutes")
@pytest.mark.parametrize("name", OTHERS)
def test_one_of_each_other_family(name):
    size = max(64, get(name).smallest)
    model = network(name, size=size)
    found = models.with_maps(model)(pictures(2, size), training=False)
    logits, maps = (array(one) for one in found)
    bias = array(model.get_layer("logits").bias)
    largest = max(1, np.abs(maps).max())
    np.testing.assert_allclose(maps.mean((1, 2)) + bias, logits, atol=1e-5 * largest)
