"""What depends on framework and hardware."""

import subprocess
import sys

import pytest

from cxrcompare.errors import InputError
from cxrcompare.training import device

pytestmark = pytest.mark.keras


def test_an_unknown_framework_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(InputError, match="KERAS_BACKEND must name an installed framework"):
        device.start()


def test_float32_is_always_right(backend):
    assert device.precision("float32") == "float32"


def test_bfloat16_is_refused_where_it_loses(backend, monkeypatch):
    monkeypatch.setattr(device, "_gains_from_bfloat16", lambda: False)
    assert device.precision("auto") == "float32"
    with pytest.raises(InputError, match="slower"):
        device.precision("bfloat16")
    monkeypatch.setattr(device, "_gains_from_bfloat16", lambda: True)
    assert device.precision("auto") == device.precision("bfloat16") == "bfloat16"


def test_the_peak_of_memory_is_in_mebibytes(backend):
    assert 20 < device.peak_memory_mb() < 50_000


@pytest.mark.slow
def test_a_framework_starts_without_a_word():
    code = (
        "from cxrcompare.training import device; print(device.start()); import keras;"
        "keras.ops.sum(keras.ops.ones((3,)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("tensorflow", "jax", "torch")
    assert done.stderr == ""
