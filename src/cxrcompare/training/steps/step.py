"""The interface of a compiled training and prediction step, shared by all frameworks.

`keras.Model.fit` is slow to start, because it traces the optimiser separately for each weight. In a
short training this takes most of the time. The steps here trace one graph, and their state can be
saved and restored exactly. Framework-specific code is in the modules `step_*`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7
"""Parameters of Adam (Kingma & Ba 2014, arXiv 1412.6980; epsilon as in Keras)."""

Loss = Callable[[Any, Any, Any], Any]
State = dict[str, np.ndarray]


@dataclass(frozen=True)
class Update:
    """The settings of the weight update: Adam with decoupled weight decay (arXiv 1711.05101).

    Attributes:
        factors: Learning-rate factor of each trainable variable.
        decays: Weight decay of each trainable variable, to be multiplied by its learning rate.
        clip_norm: Maximum global norm of the gradients; 0 means no limit.
        clip_value: Maximum absolute value of a gradient; 0 means no limit.
    """

    factors: Sequence[float]
    decays: Sequence[float]
    clip_norm: float = 0.0
    clip_value: float = 0.0


class Step(Protocol):
    """A network and its optimiser, compiled for training and prediction.

    Attributes:
        model: The network.
    """

    model: keras.Model

    def train(
        self, pixels: np.ndarray, values: np.ndarray, weights: np.ndarray, rate: float
    ) -> None:
        """Trains on one batch; may return before the device has finished."""

    def mean_loss(self) -> float:
        """Returns the mean loss of the steps since the last call; waits for the device."""

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Returns logits, (B, F) float32, with the current weights."""

    def sync(self) -> None:
        """Copies the weights to the Keras model, if the step has its own copy of them."""

    def load(self) -> None:
        """Copies the weights from the Keras model, if the step has its own copy of them."""

    def state(self) -> State:
        """Returns the optimiser's state."""

    def restore(self, state: State) -> None:
        """Sets the optimiser's state."""


def snapshot(model: keras.Model) -> list[np.ndarray]:
    """Returns copies of every variable of a network, in the order of `model.variables`."""
    return [to_numpy(variable.value) for variable in model.variables]


def to_numpy(tensor: Any) -> np.ndarray:
    """Returns a copy of a framework's tensor or variable.

    Keras's `convert_to_numpy` warns on TensorFlow with NumPy 2.
    """
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
    return np.array(tensor.numpy() if hasattr(tensor, "numpy") else tensor)


def fill(model: keras.Model, values: Sequence[np.ndarray]) -> None:
    """Sets every variable of a network; the inverse of `snapshot`."""
    for variable, value in zip(model.variables, values, strict=True):
        variable.assign(value)


def bias_corrected(rate: Any, count: Any) -> Any:
    """Returns Adam's step size at update `count`, with bias correction."""
    return rate * (1 - BETA2**count) ** 0.5 / (1 - BETA1**count)
