"""Malicious and damaged `.keras` files are refused with one line; this package's are opened."""

from __future__ import annotations

import json
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare import models  # noqa: E402
from cxrcompare.errors import InputError  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def small() -> keras.Model:
    pixels = keras.Input((8, 8, 1), name="pixels")
    x = keras.layers.Rescaling(1 / 255, name="normalise")(pixels)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(pixels, keras.layers.Dense(3, name="logits", dtype="float32")(x))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    small().save(path)
    return path


def rewritten(saved: Path, folder: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(folder / "m.keras", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / "m.keras"


def edit(change: Callable[[Any], None]) -> Callable[[dict[str, bytes]], None]:
    def apply(members: dict[str, bytes]) -> None:
        config = json.loads(members["config.json"])
        change(config)
        members["config.json"] = json.dumps(config).encode()

    return apply


def test_a_network_of_this_package_opens(saved: Path) -> None:
    assert models.load(saved).output_shape == (None, 3)


def lambda_layer(config: Any) -> None:
    config["config"]["layers"][1] |= {"class_name": "Lambda", "module": "keras.layers"}
    config["config"]["layers"][1]["config"] = {
        "name": "normalise",
        "function": {"class_name": "__lambda__", "config": {"code": "4wA="}},
    }


def function_of_another_module(config: Any) -> None:
    config["config"]["layers"][1]["config"]["activation"] = {
        "module": "os",
        "class_name": "function",
        "config": "system",
        "registered_name": "function",
    }


def wrong_shapes(config: Any) -> None:
    config["config"]["layers"][-1]["config"]["units"] = 7


def unknown_layer(config: Any) -> None:
    config["config"]["layers"][1]["class_name"] = "Nothing"


def no_layers(config: Any) -> None:
    config["config"].pop("layers")


@pytest.mark.parametrize(
    "change", [lambda_layer, function_of_another_module, wrong_shapes, unknown_layer, no_layers]
)
def test_a_changed_configuration(
    change: Callable[[Any], None], saved: Path, tmp_path: Path
) -> None:
    path = rewritten(saved, tmp_path, edit(change))
    with pytest.raises(InputError, match=r"m\.keras: .* Received: .+") as caught:
        models.load(path)
    assert "\n" not in str(caught.value)


def test_a_lambda_that_keras_itself_saved(tmp_path: Path) -> None:
    pixels = keras.Input((8, 8, 1))
    x = keras.layers.Lambda(lambda x: x[:, 0, 0], output_shape=(1,))(pixels)
    keras.Model(pixels, keras.layers.Dense(3, name="logits")(x)).save(tmp_path / "m.keras")
    with pytest.raises(InputError, match=r"own layers only\. Received: keras.layers.Lambda"):
        models.load(tmp_path / "m.keras")


def test_weights_of_other_shapes(saved: Path, tmp_path: Path) -> None:
    import h5py

    def change(members: dict[str, bytes]) -> None:
        (tmp_path / "w.h5").write_bytes(members["model.weights.h5"])
        with h5py.File(tmp_path / "w.h5", "a") as file:
            names: list[str] = []
            file.visititems(
                lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None
            )
            shape = file[names[0]].shape
            del file[names[0]]
            file[names[0]] = np.zeros([2 * size for size in shape], np.float32)
        members["model.weights.h5"] = (tmp_path / "w.h5").read_bytes()

    with pytest.raises(InputError, match=r"m\.keras: must be a whole \.keras file"):
        models.load(rewritten(saved, tmp_path, change))


@pytest.mark.parametrize("length", [0, 10, 1000, -30])
def test_cut_short(length: int, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(saved.read_bytes()[:length])
    with pytest.raises(InputError, match=r"m\.keras: must be a \.keras file"):
        models.load(tmp_path / "m.keras")


def test_a_damaged_archive(spoil: Callable[[Path], None], saved: Path, tmp_path: Path) -> None:
    path = rewritten(saved, tmp_path, lambda _: None)
    spoil(path)
    with pytest.raises(
        InputError, match=r"m\.keras: must be a \.keras file. Received: .+"
    ) as caught:
        models.load(path)
    assert "\n" not in str(caught.value)


def test_no_zip_no_file_a_folder_and_spare_members(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "text.keras").write_text("hello")
    for name in ("text.keras", "nowhere.keras", "."):
        with pytest.raises(InputError, match=r"must be a \.keras file"):
            models.load(tmp_path / name)
    path = rewritten(saved, tmp_path, lambda members: members.update({"../escape": b"x"}))
    with pytest.raises(InputError, match=r"Received: the members \.\./escape"):
        models.load(path)


def test_another_form(tmp_path: Path) -> None:
    colour = keras.Input((8, 8, 3))
    flat = keras.layers.GlobalAveragePooling2D()(colour)
    keras.Model(colour, keras.layers.Dense(2, name="logits")(flat)).save(tmp_path / "a.keras")
    with pytest.raises(InputError, match=r"must map \(images, size, size, 1\)"):
        models.load(tmp_path / "a.keras")
    pixels = keras.Input((8, 8, 1))
    flat = keras.layers.GlobalAveragePooling2D()(pixels)
    keras.Model(pixels, keras.layers.Dense(2, name="scores")(flat)).save(tmp_path / "b.keras")
    with pytest.raises(InputError, match=r"last layer must be .logits.\. Received: scores"):
        models.load(tmp_path / "b.keras")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="the limit is Linux's")
def test_a_configuration_that_states_a_huge_layer(saved: Path, tmp_path: Path) -> None:
    def huge(config: Any) -> None:
        config["config"]["layers"][-1]["config"]["units"] = 2_000_000_000

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(InputError, match=r"m\.keras: must be a whole \.keras file"):
        models.load(rewritten(saved, tmp_path, edit(huge)))
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert peak < 6 * 2**30
    assert models.load(saved).output_shape == (None, 3)
