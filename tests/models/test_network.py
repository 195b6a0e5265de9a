"""Contract tests of all networks; folded weights give the output of replicated grey."""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import urllib.error
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare import models, progress  # noqa: E402
from cxrcompare.errors import InputError, JobError  # noqa: E402
from cxrcompare.models import network  # noqa: E402
from cxrcompare.models.backbones import get, scales_and_offsets  # noqa: E402
from cxrcompare.models.resnet34 import resnet34  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    # TensorFlow's variables beside NumPy 2.4.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SHARED = Path(os.environ.get("CXRCOMPARE_SHARED", Path(__file__).parents[2] / "../shared"))
MOBILENET = SHARED / "weights/mobilenet_1_0_224_tf_no_top.h5"

TESTED = (*models.names()[:5], "mobilenetv2", "mobilenetv3small", "efficientnetb0", "convnexttiny")
if keras.backend.backend() != "tensorflow":
    TESTED = ("resnet34", "mobilenet", "mobilenetv3small")  # others compile operations for minutes
EVERY = os.environ.get("CXRCOMPARE_EVERY_NETWORK")
SAVED = ("resnet34", "mobilenetv3small", "efficientnetb0", "convnexttiny")
"""Networks that are saved and loaded: one per stem, and those with layers outside keras.layers."""


def grey(size: int, images: int = 2) -> np.ndarray:
    """Returns noise with bright and black edges, where errors of padding show."""
    pixels = np.random.default_rng(0).integers(0, 256, (images, size, size, 1), dtype=np.uint8)
    pixels[0, :4] = 255
    pixels[1:, :, -4:] = 0
    return pixels


def numbers(model: Any, pixels: np.ndarray) -> np.ndarray:
    """Returns the output for a batch, layer by layer, which is faster than tracing a graph."""
    return np.asarray(keras.ops.convert_to_numpy(model(pixels, training=False)))


def randomise(model: Any) -> None:
    """Sets random weights in every layer, with variances that keep activations bounded."""
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            continue
        layer.set_weights(
            [
                rng.uniform(0.5, 2, array.shape)
                if "variance" in variable.path
                else array + 0.02 * rng.standard_normal(array.shape)
                for variable, array in zip(
                    layer.weights, map(np.asarray, layer.weights), strict=True
                )
            ]
        )


def write_h5(model: Any, path: Path) -> None:
    """Writes weights in the layout of the files of keras.applications."""
    with h5py.File(path, "w") as file:
        held = [layer for layer in model.layers if layer.weights]
        file.attrs["layer_names"] = [layer.name.encode() for layer in held]
        for layer in held:
            group = file.create_group(layer.name)
            variables = [*layer.trainable_weights, *layer.non_trainable_weights]
            keys = [f"{layer.name}/{index}" for index in range(len(variables))]
            group.attrs["weight_names"] = [key.encode() for key in keys]
            for key, variable in zip(keys, variables, strict=True):
                group[key] = np.asarray(variable)


def colour_output(name: str, colour: Any, pixels: np.ndarray) -> np.ndarray:
    """Returns the colour network's output for replicated grey with its family's normalisation."""
    scales, offsets = (np.float32(x) for x in scales_and_offsets(get(name).normalisation))
    images = np.repeat(pixels.astype(np.float32), 3, axis=-1) * scales + offsets
    if name.startswith("efficientnetb"):
        images *= 255  # its own first layer divides by 255 again
    return numbers(colour, images)


@pytest.mark.slow
@pytest.mark.parametrize("name", models.names() if EVERY else TESTED)
def test_one_grey_channel_equals_three(name: str, tmp_path: Path) -> None:
    size = max(40, get(name).smallest)  # 40 is no multiple of 32: odd borders too
    colour = network._plain(get(name), (size, size, 3), None)
    randomise(colour)
    write_h5(colour, tmp_path / f"{name}.h5")
    model = models.build(name, 5, size, tmp_path)
    pixels = grey(size)
    expected = colour_output(name, colour, pixels)
    backbone = model.get_layer("backbone")
    received = numbers(backbone, pixels)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    first = next(
        layer
        for layer in backbone.layers
        if isinstance(network.Stem.convolution(layer), keras.layers.Conv2D)
    )
    assert first.weights[0].shape[2] == 1
    logits = numbers(model, pixels)  # whole numbers, as the store has them
    assert logits.dtype == np.float32
    assert logits.shape == (len(pixels), 5)
    assert model.layers[-1].name == "logits"
    if EVERY or name in SAVED:
        model.save(tmp_path / "model.keras")
        again = models.load(tmp_path / "model.keras")
        np.testing.assert_array_equal(logits, numbers(again, pixels.astype(np.float32)))


@pytest.mark.parametrize("name", ["mobilenet", "resnet34"])
def test_pixels_over_255_whatever_the_weights_expect(name: str, tmp_path: Path) -> None:
    colour = network._plain(get(name), (40, 40, 3), None)
    randomise(colour)
    write_h5(colour, tmp_path / f"{name}.h5")
    model = models.build(name, 5, 40, tmp_path, normalisation="unit")
    pixels = grey(40)
    expected = numbers(colour, np.repeat(pixels.astype(np.float32), 3, axis=-1) / np.float32(255))
    received = numbers(model.get_layer("backbone"), pixels)
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_resnet34_is_the_one_of_the_paper() -> None:
    model = resnet34((224, 224, 3))
    trained = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    # torchvision's resnet34 has 21,797,672 parameters, 512 x 1000 + 1000 in its classifier.
    assert trained == 21_797_672 - 513_000
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    # 1 + 2 x (3 + 4 + 6 + 3) = 33 and the classifier are the 34; three shortcuts are projected.
    assert len(convolutions) == 33 + 3
    assert model.output_shape == (None, 7, 7, 512)


@pytest.mark.skipif(not MOBILENET.is_file(), reason="needs the real MobileNet weights")
def test_real_weights_of_mobilenet() -> None:
    model = models.build("mobilenet", 5, 160, MOBILENET.parent)
    colour = keras.applications.MobileNet(
        weights=str(MOBILENET), include_top=False, input_shape=(160, 160, 3)
    )
    pixels = grey(160)
    expected = colour_output("mobilenet", colour, pixels)
    received = numbers(model.get_layer("backbone"), pixels)
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_original_head() -> None:
    model = models.build("mobilenetv3small", 14, 32, head="original", dropout=0.5)
    kinds = [type(layer).__name__ for layer in model.layers[2:]]
    assert kinds == [
        "GlobalAveragePooling2D",
        "BatchNormalization",
        "Dropout",
        "Dense",
        "BatchNormalization",
        "Dropout",
        "Dense",
    ]
    assert model.get_layer("head_dense").units == 512
    assert model.layers[-1].activation is keras.activations.linear


def test_mixed_precision_ends_in_float32() -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = models.build("mobilenetv3small", 3, 32)
        assert model.get_layer("backbone").output.dtype == "bfloat16"
        assert numbers(model, grey(32)).dtype == np.float32
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "resnet33"}, "`model` must be one of"),
        ({"findings": 0}, "`findings` must be at least 1. Received: 0"),
        ({"name": "xception", "image_size": 64}, "at least 71 for xception. Received: 64"),
        ({"head": "wide"}, "`head` must be linear or original"),
        ({"dropout": 1.0}, r"`dropout` must be in \[0, 1\)"),
        ({"normalisation": "none"}, "`normalisation` must be own or unit. Received: none"),
        ({"weights": "/nowhere/at/all.h5"}, "imagenet, none, a file or a folder"),
    ],
)
def test_wrong_arguments(changes: dict[str, Any], message: str) -> None:
    arguments = {"name": "mobilenet", "findings": 2, "image_size": 32} | changes
    with pytest.raises(InputError, match=message):
        models.build(**arguments)


def test_weights_of_another_network(tmp_path: Path) -> None:
    write_h5(resnet34((32, 32, 3), ((4, 1), (8, 1))), tmp_path / "mobilenet.h5")
    with pytest.raises(InputError, match=r".weights. of mobilenet"):
        models.build("mobilenet", 2, 32, tmp_path)
    with pytest.raises(InputError, match="must contain weights of vgg16"):
        models.build("vgg16", 2, 32, tmp_path)


def test_imagenet_from_the_cache_or_a_clear_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = Address(monkeypatch, tmp_path)
    with pytest.raises(JobError, match="of mobilenetv3small could not be downloaded: URL fetch"):
        network._imagenet(get("mobilenetv3small"), None)
    address.serve()
    first = network._imagenet(get("mobilenetv3small"), None)
    address.close()
    again = network._imagenet(get("mobilenetv3small"), None)
    assert [name for name, _ in first] == [name for name, _ in again]
    for (_, arrays), (_, others) in zip(first, again, strict=True):
        for array, other in zip(arrays, others, strict=True):
            np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("hashed", [True, False])
def test_a_file_of_a_killed_download_is_downloaded_once_more(
    hashed: bool,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address = Address(monkeypatch, tmp_path, hashed)
    address.serve()
    whole = address.file.read_bytes()
    address.cached.write_bytes(whole[: len(whole) // 2])
    with progress.shown():
        network._imagenet(get("mobilenetv3small"), None)
    assert address.cached.read_bytes() == whole
    assert address.downloads == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "Downloading data from https://" in said.err


def test_a_cache_that_may_not_be_written_to_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = Address(monkeypatch, tmp_path)
    write_h5(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="d")]), address.cached)
    monkeypatch.setattr("os.access", lambda *_: False)
    ((name, arrays),) = network._imagenet(get("mobilenetv3small"), None)
    assert name == "d"
    assert [array.shape for array in arrays] == [(4, 2), (2,)]


class Address:
    """The simulated download of MobileNetV3Small's weights and Keras's cache; offline at first."""

    NAME = "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5"

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, hashed: bool = True) -> None:
        self.file, self.cached = folder / self.NAME, folder / "keras/models" / self.NAME
        self.cached.parent.mkdir(parents=True)
        self.patch, self.hashed, self.downloads = monkeypatch, hashed, 0
        monkeypatch.setenv("KERAS_HOME", str(folder / "keras"))
        monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(folder / "keras"))
        self.close()

    def close(self) -> None:
        def offline(*_: Any) -> None:
            raise urllib.error.URLError("offline")

        self.patch.setattr("keras.src.utils.file_utils.urlretrieve", offline)

    def serve(self) -> None:
        colour = network._plain(get("mobilenetv3small"), (224, 224, 3), None)
        write_h5(colour, self.file)

        def retrieve(_: str, target: str, progress: Any) -> None:
            self.downloads += 1
            progress(1, 1, 1)
            shutil.copy(self.file, target)

        digest = hashlib.md5(self.file.read_bytes()).hexdigest() if self.hashed else None
        hashes = importlib.import_module("keras.src.applications.mobilenet_v3").WEIGHTS_HASHES
        self.patch.setitem(hashes, "small_224_1.0_float", (digest, digest))
        self.patch.setattr("keras.src.utils.file_utils.urlretrieve", retrieve)
