"""Damaged weight files that crash or hang their reader give one line within the time limit."""

from __future__ import annotations

import json
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from cxrcompare import isolated
from cxrcompare.errors import InputError
from cxrcompare.models.weight_files.foreign import read_layers, read_tensors, rewritten
from cxrcompare.models.weight_files.torch_checkpoints import read_checkpoint
from cxrcompare.models.weight_files.weights import read_h5


@pytest.fixture
def in_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Returns a function that makes every child process run code at its start."""

    def arrange(code: str) -> None:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "sitecustomize.py").write_text(textwrap.dedent(code))
        monkeypatch.syspath_prepend(tmp_path / "site")

    return arrange


def write_h5(path: Path) -> Path:
    """Writes weights of two layers with their names in HDF5's heap, like Keras 3."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = ["conv", "bn"]
        for layer, names in (("conv", ["kernel"]), ("bn", ["gamma", "beta"])):
            group = file.create_group(layer)
            group.attrs["weight_names"] = names
            for name in names:
                group.create_dataset(name, data=rng.normal(size=(3, 4)).astype(np.float32))
    return path


def write_safetensors(path: Path) -> Path:
    header = json.dumps(
        {
            "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
            "b": {"dtype": "BF16", "shape": [], "data_offsets": [8, 10]},
            "c": {"dtype": "BOOL", "shape": [0, 3], "data_offsets": [10, 10]},
        }
    ).encode()
    numbers = np.array([1.5, -2], "<f4").tobytes() + b"\x80\x3f"
    path.write_bytes(len(header).to_bytes(8, "little") + header + numbers)
    return path


def test_weights_come_through_the_child_unchanged(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "w.h5")
    found, expected = read_layers(path), read_h5(path)
    assert [(name, len(held)) for name, held in found] == [("conv", 1), ("bn", 2)]
    for (_, ours), (_, theirs) in zip(found, expected, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert one.dtype == other.dtype
            assert (one == other).all()


def test_tensors_come_through_the_child_unchanged(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "w.safetensors")
    found, expected = read_tensors(path), read_checkpoint(path)
    assert list(found) == list(expected) == ["a", "b", "c"]
    for name, tensor in expected.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape)
        assert (found[name] == tensor).all()
    assert found["b"] == 1


def test_damage_that_makes_hdf5_loop_or_crash(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(isolated, "SECONDS", 5.0)
    content = write_h5(tmp_path / "w.h5").read_bytes()
    heap = content.index(b"GCOL") + 24  # the length of the first text in the heap
    kind = content.index(b"\x19\x01\x01", content.index(b"layer_names")) + 1  # text, or a list
    for place in (heap, kind):
        damaged = bytearray(content)
        damaged[place] = 255
        (tmp_path / "damaged.h5").write_bytes(damaged)
        with pytest.raises(InputError, match=r"damaged\.h5: must be .* Received: .+") as caught:
            read_layers(tmp_path / "damaged.h5")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("happens", "message"),
    [
        ("while True: pass", r"w\.h5: must be a file that can be read within 3 seconds"),
        (
            "os.kill(os.getpid(), 11)",
            r"one that crashed the reading process \(signal 11\), probably damaged",
        ),
        ("bytearray(64 * 2**30)", r"must be weights in Keras's \.h5 format. Received: MemoryError"),
        ("os._exit(3)", r"one that crashed the reading process \(status 3\), probably damaged"),
    ],
)
def test_a_child_that_fails_is_one_line(
    tmp_path: Path, in_child: Any, monkeypatch: Any, happens: str, message: str
) -> None:
    in_child(f"""
        import os
        import h5py
        def fail(*_):
            {happens}
        h5py.File = fail
    """)
    monkeypatch.setattr(isolated, "SECONDS", 3.0)
    with pytest.raises(InputError, match=message):
        read_layers(write_h5(tmp_path / "w.h5"))


def test_a_larger_file_may_take_longer(tmp_path: Path) -> None:
    with (tmp_path / "w.h5").open("wb") as file:
        file.truncate(400 * 2**20)
    assert isolated.time_limit(tmp_path / "w.h5") == 60 + 100  # 4 MiB a second
    assert isolated.time_limit(tmp_path / "nowhere.h5") == 60


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(isolated.tempfile, "tempdir", str(tmp_path))
    path = write_h5(tmp_path / "w.h5")
    read_layers(path)
    path.write_bytes(b"no HDF5")
    with pytest.raises(InputError, match=r"w\.h5: must be weights"):
        read_layers(path)
    assert [file.name for file in tmp_path.iterdir()] == ["w.h5"]


def network(path: Path, weights: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", '{"class_name": "Functional"}')
        archive.writestr("metadata.json", "{}")
        archive.write(weights, "model.weights.h5")
    return path


def test_a_network_is_written_anew_with_the_same_content(tmp_path: Path) -> None:
    weights = write_h5(tmp_path / "w.h5")
    with h5py.File(weights, "a") as file:
        file["conv"].create_dataset("packed", data=np.arange(1000), compression="gzip")
    made = network(tmp_path / "m.keras", weights)
    with rewritten(made) as plain, zipfile.ZipFile(plain) as archive:
        assert archive.read("config.json") == b'{"class_name": "Functional"}'
        archive.extract("model.weights.h5", tmp_path)
    with h5py.File(weights) as old, h5py.File(tmp_path / "model.weights.h5") as new:
        assert list(new.attrs["layer_names"]) == ["conv", "bn"]
        assert new["conv/packed"].compression is None
        for name in ("conv/kernel", "conv/packed", "bn/gamma", "bn/beta"):
            assert new[name].dtype == old[name].dtype
            assert (new[name][()] == old[name][()]).all()


@pytest.mark.parametrize("part", ["external", "soft", "text", "cycle"])
def test_a_network_whose_weights_are_not_plain_numbers(tmp_path: Path, part: str) -> None:
    weights = write_h5(tmp_path / "w.h5")
    with h5py.File(weights, "a") as file:
        if part == "external":
            file["conv/x"] = h5py.ExternalLink("/etc/hostname", "/")
        elif part == "soft":
            file["conv/x"] = h5py.SoftLink("/bn/gamma")
        elif part == "text":
            file["conv/x"] = "text"
        else:
            file["conv/x"] = file["conv"]
    match = r"m\.keras: must be a whole \.keras file\. Received: "
    with (
        pytest.raises(InputError, match=match),
        rewritten(network(tmp_path / "m.keras", weights)),
    ):
        pytest.fail("it was taken")


def test_a_damaged_network_ends_its_reader_only(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(isolated, "SECONDS", 5.0)
    weights = write_h5(tmp_path / "w.h5")
    content = bytearray(weights.read_bytes())
    content[content.index(b"GCOL") + 24] = 255
    weights.write_bytes(content)
    with (
        pytest.raises(InputError, match=r"m\.keras: must be .* Received: "),
        rewritten(network(tmp_path / "m.keras", weights)),
    ):
        pytest.fail("it was taken")
