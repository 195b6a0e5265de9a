"""One training step and one prediction, compiled for the framework at hand.

Keras's own `fit` spends most of a short training before its first step: it traces the optimiser
weight by weight. Here the step is written out, so that one graph is traced, and its state can be
saved and restored to the bit. The frameworks share this interface; nothing else knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7
"""Adam's (Kingma & Ba 2014, arXiv 1412.6980; epsilon as in Keras)."""

Loss = Callable[[Any, Any, Any], Any]
State = dict[str, np.ndarray]


@dataclass(frozen=True)
class Update:
    """How gradients become new weights: Adam with decoupled weight decay (arXiv 1711.05101).

    Attributes:
        factors: Each trainable variable's share of the learning rate.
        decays: Each trainable variable's weight decay, times the rate.
        clip_norm: The greatest norm of all gradients together; 0 is no limit.
        clip_value: The greatest value of any gradient; 0 is no limit.
    """

    factors: Sequence[float]
    decays: Sequence[float]
    clip_norm: float = 0.0
    clip_value: float = 0.0


class Step(Protocol):
    """A network with its optimiser, ready to train and to predict.

    Attributes:
        model: The network.
    """

    model: keras.Model

    def train(
        self, pixels: np.ndarray, values: np.ndarray, weights: np.ndarray, rate: float
    ) -> None:
        """Trains on one batch; returns before the device is done where the framework can."""

    def mean_loss(self) -> float:
        """Returns the mean loss of the steps since the last call; waits for the device."""

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Returns logits, (B, F) float32, with the weights as they are."""

    def sync(self) -> None:
        """Writes the weights into the Keras model, where the step keeps its own."""

    def load(self) -> None:
        """Takes the weights from the Keras model."""

    def state(self) -> State:
        """Returns what the optimiser remembers."""

    def restore(self, state: State) -> None:
        """Sets what the optimiser remembers."""


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
    """Returns Adam's step size after `count` updates, bias correction in it."""
    return rate * (1 - BETA2**count) ** 0.5 / (1 - BETA1**count)
