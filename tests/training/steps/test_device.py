"""What depends on framework and hardware."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from cxrcompare.errors import InputError
from cxrcompare.training.steps import device

pytestmark = pytest.mark.keras


def test_an_unknown_framework_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(InputError, match="KERAS_BACKEND must be tensorflow, jax or torch"):
        device.start()


def test_float32_is_always_right(backend):
    assert device.precision("float32") == "float32"


def test_bfloat16_is_refused_if_it_is_slower(backend, monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")
    monkeypatch.setitem(sys.modules, "torch", STAND_INS["torch"]((7, 0)))
    assert device.precision("auto") == "float32"
    with pytest.raises(InputError, match="slower"):
        device.precision("bfloat16")
    monkeypatch.setitem(sys.modules, "torch", STAND_INS["torch"]((8, 0)))
    assert device.precision("auto") == device.precision("bfloat16") == "bfloat16"


@pytest.mark.parametrize(
    ("reported", "gains"),
    [((7, 0), False), ((7, 5), False), ((8, 0), True), ((10, 0), True), (None, False)],
)
@pytest.mark.parametrize("name", ["tensorflow", "jax", "torch"])
def test_a_gpu_without_units_for_bfloat16_is_found_out(backend, monkeypatch, name, reported, gains):
    monkeypatch.setattr("keras.backend.backend", lambda: name)
    monkeypatch.setitem(sys.modules, name, STAND_INS[name](reported))
    assert device.gpu() == "a GPU"
    assert device.precision("auto") == ("bfloat16" if gains else "float32")


def test_amd_tells_jax_something_else(backend, monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    one = SimpleNamespace(platform="gpu", device_kind="a GPU", compute_capability="gfx90a")
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(devices=lambda: [one]))
    assert device.precision("auto") == "float32"


def tensorflow_with(capability: Any) -> Any:
    details = {"device_name": "a GPU"} | ({"compute_capability": capability} if capability else {})
    experimental = SimpleNamespace(get_device_details=lambda _: details)
    config = SimpleNamespace(list_physical_devices=lambda _: ["GPU:0"], experimental=experimental)
    return SimpleNamespace(config=config)


def jax_with(capability: Any) -> Any:
    one = SimpleNamespace(platform="gpu", device_kind="a GPU")
    if capability:
        one.compute_capability = ".".join(map(str, capability))
    return SimpleNamespace(devices=lambda: [one])


def torch_with(capability: Any) -> Any:
    cuda = SimpleNamespace(
        is_available=lambda: True,
        get_device_name=lambda _: "a GPU",
        is_bf16_supported=lambda including_emulation: (
            including_emulation or (capability is not None and capability >= (8, 0))
        ),
    )
    return SimpleNamespace(cuda=cuda)


STAND_INS = {"tensorflow": tensorflow_with, "jax": jax_with, "torch": torch_with}


def test_the_peak_of_memory_is_in_mebibytes(backend):
    assert 20 < device.peak_memory_mb() < 50_000


@pytest.mark.slow
def test_a_framework_starts_without_a_word():
    code = (
        "from cxrcompare.training.steps import device; print(device.start()); import keras;"
        "keras.ops.sum(keras.ops.ones((3,)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("tensorflow", "jax", "torch")
    assert done.stderr == ""
