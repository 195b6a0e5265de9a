"""Estimates of the disk space and memory that an experiment needs, before it starts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import psutil

_BYTES = 4
"""Bytes of a parameter: weights are stored in float32."""

_STATE = 3
"""Arrays per parameter in a checkpoint: the parameter and two moments of the optimiser."""

_CHECKPOINTS = 2 * (_STATE + 1)
"""Arrays per parameter in a folder of checkpoints.

The last state and the best parameters, each twice while the new file is written.
"""

_KEPT = {"float32": 0.75, "bfloat16": 1.15}
"""Peak memory of a training step in units of the outputs of all layers, by their precision.

Measured with ResNet34, ResNet50, ResNet101, DenseNet121 and MobileNet at 64, 224 and 320 pixels,
batches of 16 and 32, TensorFlow on a CPU: with this, `_COPIES` and `_FRAMEWORK`, 24 estimates in
bfloat16 and 3 in float32 differed from the peak memory by -19 to +14 %.
"""

_COPIES = 8
"""Arrays per parameter in memory.

The parameter, its gradient and two moments; copies of the best epoch and for checkpoints; buffers.
"""

_FRAMEWORK = 1.0e9
"""Bytes of memory of a process with a framework, its compiled steps and no network."""


class Need(NamedTuple):
    """A need of disk space or memory, and what there is, in bytes."""

    needed: float
    present: float

    @property
    def met(self) -> bool:
        """Whether there is enough."""
        return self.needed <= self.present


def disk(folder: Path, store: int, parameters: list[int], jobs: int) -> Need:
    """Returns the disk space that an output folder needs, and the free space.

    Args:
        folder: The output folder, which may not exist.
        store: Bytes of the store that is to be written.
        parameters: Number of parameters of the network of each unfinished training.
        jobs: Number of parallel trainings; each has checkpoints until it is finished.
    """
    running = sorted(parameters, reverse=True)[:jobs]
    needed = store + _BYTES * (sum(parameters) + _CHECKPOINTS * sum(running))
    while not folder.exists():
        folder = folder.parent
    return Need(needed, shutil.disk_usage(folder).free)


def training_bytes(parameters: int, activations: int, batch: int, precision: str) -> float:
    """Returns an estimate of the peak main memory of one training on a CPU, in bytes.

    It is the sum of: the parameters, times `_COPIES`; the outputs of all layers for a batch, times
    `_KEPT`; and the framework. The images of the store are memory-mapped and do not count.

    Args:
        parameters: Number of parameters of the network.
        activations: Number of outputs of all layers for one image.
        batch: Number of images in a batch.
        precision: "float32" or "bfloat16", of the outputs.
    """
    width = 2 if precision == "bfloat16" else _BYTES
    outputs = _KEPT[precision] * activations * batch * width
    return _FRAMEWORK + parameters * _BYTES * _COPIES + outputs


def memory(trainings: list[float], jobs: int) -> Need:
    """Returns the main memory of the largest parallel trainings, and that of the machine.

    Args:
        trainings: Memory of each training, in bytes.
        jobs: Number of parallel trainings.
    """
    largest = sorted(trainings, reverse=True)[:jobs]
    return Need(sum(largest), psutil.virtual_memory().total)


def gigabytes(count: float) -> str:
    """Returns a number of bytes in GB with at most two digits after the point."""
    return f"{count / 1e9:.2f} GB" if count < 1e9 else f"{count / 1e9:.1f} GB"
