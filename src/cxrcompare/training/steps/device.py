"""Settings that depend on the framework and the hardware: start, seed, precision, memory."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil

from cxrcompare import extras, isolated
from cxrcompare.errors import InputError


def start(deterministic: bool = False) -> str:
    """Configures the process for a framework and returns its name; call it before importing Keras.

    `KERAS_BACKEND` selects the framework; if it is not set, the first installed of tensorflow, jax,
    torch is used. On a CPU, TensorFlow's graph optimiser is disabled: it takes more time before the
    first step than it saves later.

    Args:
        deterministic: Whether the framework must give bit-identical results.

    Raises:
        InputError: No framework is installed, or the selected one is not.
    """
    backend = os.environ["KERAS_BACKEND"] = extras.framework()
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # off by default on CPUs without AVX512
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        flags = os.environ.get("XLA_FLAGS", "")
        if backend == "jax" and "deterministic_ops" not in flags:
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
    _set_keras_home()
    with isolated.without("matplotlib"):  # Keras imports it, and it reads ./matplotlibrc
        {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[backend](deterministic)
        import keras  # noqa: F401
    return backend


def _set_keras_home() -> None:
    """Prevents Keras from reading its settings in the current folder or in `/tmp/.keras`.

    Keras reads settings there if `KERAS_HOME` is relative or the home folder is not writable.
    """
    given = os.environ.get("KERAS_HOME", "~/.keras")
    home = os.path.expanduser(given)  # noqa: PTH111 - a Path raises if there is no home
    if not os.path.isabs(home):  # noqa: PTH117
        raise InputError(f"KERAS_HOME must be an absolute path. Received: {given or 'nothing'}")
    os.environ["KERAS_HOME"] = home


def seed(value: int) -> None:
    """Seeds the random generators of initial weights and dropout.

    `keras.utils.set_random_seed` would import TensorFlow if it is installed.
    """
    random.seed(value)
    np.random.seed(value)  # noqa: NPY002 - Keras and its users may draw from it
    if "torch" in sys.modules:
        import torch

        torch.manual_seed(value)
    if "tensorflow" in sys.modules:
        import tensorflow as tf

        tf.random.set_seed(value)


def gpu() -> str:
    """Returns the name of the framework's first GPU, or an empty string."""
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        devices = [device for device in jax.devices() if device.platform != "cpu"]
        return str(devices[0].device_kind) if devices else ""
    if backend == "torch":
        import torch

        return torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""
    import tensorflow as tf

    found = tf.config.list_physical_devices("GPU")
    if not found:
        return ""
    return str(tf.config.experimental.get_device_details(found[0]).get("device_name", "GPU"))


def precision(requested: str) -> str:
    """Returns the precision of the layers, "float32" or "bfloat16"; weights are always float32.

    "auto" selects bfloat16 if the hardware supports it natively and the framework uses it: on
    NVIDIA GPUs of compute capability 8.0 or higher, and with TensorFlow on CPUs with AVX512-BF16 or
    AMX. If a platform does not report the capability of its GPU, float32 is selected.

    Args:
        requested: "auto", "float32" or "bfloat16".

    Raises:
        InputError: bfloat16 is requested on hardware without native support, where it is slower.
    """
    if requested == "float32":
        return requested
    supported = _supports_bfloat16()
    if requested == "bfloat16" and not supported:
        raise InputError(
            "`precision` must be auto or float32 on this hardware, which has no native support for "
            "bfloat16, so it would be slower. Received: bfloat16"
        )
    return "bfloat16" if supported else "float32"


def peak_memory_mb() -> float:
    """Returns the peak main memory of this process, in MiB."""
    try:
        import resource
    except ImportError:  # Windows
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _supports_bfloat16() -> bool:
    import keras

    if gpu():
        return _gpu_has_bfloat16(keras.backend.backend())
    if keras.backend.backend() != "tensorflow":
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def _gpu_has_bfloat16(backend: str) -> bool:
    if backend == "torch":
        import torch

        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if backend == "jax":
        import jax

        version = str(getattr(jax.devices()[0], "compute_capability", ""))  # "9.0"; AMD: "gfx90a"
        major = version.partition(".")[0]
        return major.isdecimal() and int(major) >= 8
    import tensorflow as tf

    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return tuple(details.get("compute_capability", ())) >= (8, 0)


def _tensorflow(deterministic: bool) -> None:
    with _quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras  # noqa: F401 - its imports are silenced too
        import tensorflow as tf

        tf.constant(0.0) + 1.0  # the first operation logs the processor's features
    if not tf.config.list_physical_devices("GPU"):
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    if deterministic:
        tf.config.experimental.enable_op_determinism()


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppresses output of native code to standard error, unless the block fails.

    TensorFlow 2.21 writes messages before it reads `TF_CPP_MIN_LOG_LEVEL`.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as captured:
        os.dup2(captured.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(stderr, 2)
            captured.seek(0)
            os.write(2, captured.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _jax(deterministic: bool) -> None:
    pass


def _torch(deterministic: bool) -> None:
    import torch

    threads = os.environ.get("OMP_NUM_THREADS")
    if threads:
        torch.set_num_threads(int(threads))
    torch.use_deterministic_algorithms(deterministic)
    torch.backends.cudnn.benchmark = not deterministic
