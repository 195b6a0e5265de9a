"""Networks of other modules: named by `module:function` or by an entry point."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from cxrcompare import models
from cxrcompare.errors import InputError

MODULE = """
import keras
from keras import layers


def small_net(shape):
    inside = keras.Input(shape)
    x = layers.Conv2D(4, 3, 2, use_bias=False)(inside)
    return keras.Model(inside, layers.ReLU()(layers.BatchNormalization()(x)))


def sequential(shape):
    return keras.Sequential([keras.Input(shape), layers.Conv2D(4, 3), layers.ReLU()])


def operations(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, keras.ops.relu(layers.Conv2D(4, 3)(inside)) + 1)


def lambda_layer(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, layers.Lambda(lambda x: x)(layers.Conv2D(4, 3)(inside)))


def double(x):
    return 2 * x


def own_activation(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, layers.Conv2D(4, 3, activation=double)(inside))


class Own(layers.Layer):
    def call(self, x):
        return x


def own_layer(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, Own()(layers.Conv2D(4, 3)(inside)))


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.convolution = layers.Conv2D(4, 3)

    def call(self, x):
        return self.convolution(x)


def subclassed(shape):
    return Subclass()


def pooled(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(inside)))


def any_size(shape):
    inside = keras.Input((None, None, 1))
    return keras.Model(inside, layers.Conv2D(4, 3)(inside))


def taken_name(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, layers.Conv2D(4, 3, name="normalise")(inside))


def nothing(shape):
    pass


def fails(shape):
    raise KeyError("width")


def resnet_50(shape):
    return small_net(shape)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Puts a module and, with entry points, a distribution on the path, as pip would."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def write(points: str = "", package: str = "lung-nets", text: str = MODULE) -> Path:
        (site / "lung_nets.py").write_text(text)
        if points:
            info = site / f"{package.replace('-', '_')}-1.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
            )
            (info / "entry_points.txt").write_text(f"[cxrcompare.networks]\n{points}\n")
        return site

    yield write
    sys.modules.pop("lung_nets", None)


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)


def build(name: str, **settings: object) -> object:
    import keras  # noqa: F401 - a module under test imports it

    return models.build(f"lung_nets:{name}", 3, 32, **settings)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lung_nets:", r"must be given as module:function\. Received: 'lung_nets:'"),
        ("../lung_nets:small_net", "must be given as module:function"),
        ("lung_nets:small-net", "must be given as module:function"),
        ("lung_nets:a:b", "must be given as module:function"),
        ("lung_nowhere:small_net", r"PYTHONPATH\. Received: no module 'lung_nowhere'"),
        ("lung_nowhere.nets:small_net", "no module 'lung_nowhere.nets'"),
        ("lung_nets:net__seed1", r"without __seed\. Received: 'net__seed1'"),
        ("lung_nets:resnet_50", r"not have the name of a network of .*Received: resnet_50"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(
    install: Callable[..., Path], name: str, message: str
) -> None:
    install()
    with pytest.raises(InputError, match=message):
        models.short_name(name)


def test_a_name_is_checked_without_importing_the_module(install: Callable[..., Path]) -> None:
    install("lungnet = lung_nets:small_net", text="raise SystemExit('imported')")
    assert models.short_name("lung_nets:small_net") == "small_net"
    assert models.names()[-1] == "lungnet"
    assert models.short_name("Lung-Net") == "lungnet"
    assert models.is_own("lungnet")
    assert not models.is_own("resnet50")
    assert models.describe()[-1].split() == [
        "lungnet",
        "-",
        "M",
        "parameters",
        "lung_nets:small_net",
    ]
    assert "lung_nets" not in sys.modules


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ("lungnet = lung_nets", r"module:function\. Received: 'lung_nets'"),
        ("lungnet = lung_nowhere:net", "no module 'lung_nowhere'"),
        ("lung/net = lung_nets:small_net", "must be of letters, digits"),
    ],
)
def test_a_registered_network_that_cannot_be_used_is_listed_with_the_reason(
    install: Callable[..., Path], point: str, message: str
) -> None:
    install(point)
    name = point.partition(" ")[0]
    with pytest.raises(InputError, match=message):
        models.short_name(name)
    line = models.describe()[-1]
    assert line.startswith(name)
    assert "  cannot be used: " in line


def test_a_name_of_this_package_stays_what_it_is(install: Callable[..., Path]) -> None:
    install("res-net50 = lung_nets:small_net")
    assert not models.is_own("resnet50")
    assert "res-net50" not in models.names()


def test_a_name_of_two_packages_is_neither(install: Callable[..., Path]) -> None:
    install("lungnet = lung_nets:small_net")
    install("lungnet = lung_nets:sequential", package="other-nets")
    with pytest.raises(InputError, match=r"one package\. Received: lung_nets:sequential and lung"):
        models.short_name("lungnet")
    assert models.names().count("lungnet") == 1


def test_nothing_is_found_in_the_current_folder(install: Callable[..., Path]) -> None:
    site = install()
    code = "from cxrcompare import models; models.short_name('lung_nets:small_net')"
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=site, capture_output=True)
    assert b"no module 'lung_nets'" in done.stderr


def test_there_are_no_imagenet_weights(install: Callable[..., Path]) -> None:
    install()
    with pytest.raises(InputError, match=r"`weights` of small_net must be none, .*imagenet"):
        models.starting_weights("lung_nets:small_net", "imagenet")


def test_a_folder_gives_the_file_of_the_network(
    install: Callable[..., Path], tmp_path: Path
) -> None:
    install()
    (tmp_path / "small_net.h5").write_bytes(b"")
    (tmp_path / "small_net2.h5").write_bytes(b"")
    found = models.starting_weights("lung_nets:small_net", str(tmp_path))
    assert found == models.StartingWeights(str(tmp_path / "small_net.h5"))


@pytest.mark.keras
@pytest.mark.parametrize("name", ["small_net", "sequential", "operations"])
def test_a_network_is_saved_and_opens_without_its_module(
    install: Callable[..., Path], tmp_path: Path, pixels: np.ndarray, name: str
) -> None:
    install()
    model = build(name)
    assert model.name == name
    expected = model(pixels)
    model.save(tmp_path / "model.keras")
    (tmp_path / "site" / "lung_nets.py").unlink()
    del sys.modules["lung_nets"]
    opened = models.load(tmp_path / "model.keras")
    np.testing.assert_allclose(np.asarray(opened(pixels)), np.asarray(expected), atol=1e-6)


@pytest.mark.keras
def test_a_registered_network_is_built_under_its_own_name(
    install: Callable[..., Path], pixels: np.ndarray
) -> None:
    install("lungnet = lung_nets:small_net")
    model = models.build("lungnet", 3, 32, head="original")
    assert (model.name, model(pixels).shape) == ("lungnet", (2, 3))


@pytest.mark.keras
@pytest.mark.parametrize(
    ("normalisation", "low", "high"),
    # own: 0 / 127.5 - 1 = -1 and 255 / 127.5 - 1 = 1; unit: 0 / 255 = 0 and 255 / 255 = 1
    [("own", -1, 1), ("unit", 0, 1)],
)
def test_the_function_gets_normalised_pixels(
    install: Callable[..., Path], normalisation: str, low: float, high: float
) -> None:
    import keras

    install()
    backbone = build("small_net", normalisation=normalisation).get_layer("backbone")
    normalise = keras.Model(backbone.input, backbone.get_layer("normalise").output)
    extremes = np.array([0, 255], np.uint8).reshape(2, 1, 1, 1) * np.ones((2, 32, 32, 1), np.uint8)
    found = np.asarray(normalise(extremes))
    np.testing.assert_allclose([found[0].mean(), found[1].mean()], [low, high], atol=1e-6)


@pytest.mark.keras
@pytest.mark.parametrize(
    ("name", "received"),
    [
        ("lambda_layer", r"keras\.layers\.Lambda"),
        ("own_activation", r"builtins\.function|lung_nets"),
        ("own_layer", r"lung_nets\.Own"),
        ("subclassed", "functional interface. Received: Subclass"),
        ("pooled", r"\(None, 32, 32, 1\) to \(None, 4\)"),
        ("any_size", r"\(None, None, None, 1\) to \(None, None, None, 4\)"),
        ("taken_name", "a layer must not have the name normalise"),
        ("nothing", "feature map .* Received: NoneType"),
        ("fails", r"input shape \(32, 32, 1\)\. Received: KeyError: 'width'"),
        ("absent", "AttributeError: .*'absent'"),
    ],
)
def test_what_could_not_be_trained_saved_or_opened_is_refused(
    install: Callable[..., Path], name: str, received: str
) -> None:
    install()
    with pytest.raises(InputError, match=received) as caught:
        build(name)
    assert str(caught.value).startswith(f"lung_nets:{name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.keras
def test_a_module_that_cannot_be_imported_is_refused(install: Callable[..., Path]) -> None:
    install(text="import lung_nowhere")
    with pytest.raises(InputError, match="No module named 'lung_nowhere'"):
        build("small_net")


@pytest.mark.keras
def test_weights_of_its_own_file_and_of_another_network(
    install: Callable[..., Path], tmp_path: Path, pixels: np.ndarray
) -> None:
    import keras

    install()
    network = importlib.import_module("lung_nets").small_net((32, 32, 1))
    rng = np.random.default_rng(1)
    network.set_weights([rng.uniform(0.5, 1, w.shape) for w in network.get_weights()])
    network.save(tmp_path / "small_net.h5")
    for weights in (tmp_path / "small_net.h5", tmp_path):
        backbone = build("small_net", weights=weights).get_layer("backbone")
        expected = network(pixels / 127.5 - 1)
        np.testing.assert_allclose(np.asarray(backbone(pixels)), np.asarray(expected), atol=1e-4)
    other = keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Conv2D(5, 3)])
    other.save(tmp_path / "other.h5")
    with pytest.raises(InputError, match="weights` of small_net"):
        build("small_net", weights=tmp_path / "other.h5")
    with pytest.raises(InputError, match=r"must be a \.h5 file"):
        build("small_net", weights=_empty(tmp_path / "small_net.pth"))
    with pytest.raises(InputError, match="has no ImageNet weights"):
        build("small_net", weights="imagenet")


def _empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path
