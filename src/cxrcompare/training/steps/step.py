"""One training step and one prediction, compiled for the framework at hand.

Keras's own `fit` spends most of a short training before its first step: it traces the optimiser
weight by weight. Here the step is written out, so that one graph is traced, and its state can be
saved and restored to the bit. The frameworks share this interface; nothing else knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
        accumulation: Steps whose mean gradient makes one update.
        ema: Decay of the moving average of weights; 0 is none.
    """

    factors: Sequence[float]
    decays: Sequence[float]
    clip_norm: float = 0.0
    clip_value: float = 0.0
    accumulation: int = 1
    ema: float = 0.0


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

    def flush(self, rate: float) -> None:
        """Updates with the gradients of an epoch's last steps, fewer than `accumulation`."""

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

    def averages(self) -> list[np.ndarray]:
        """Returns the moving average of every variable; empty where there is none."""


def compile_step(model: keras.Model, loss: Loss, update: Update) -> Step:
    """Returns the step of a network for the framework that Keras runs on.

    Args:
        model: The network; its trainable variables are those that learn.
        loss: (targets, weights, logits) -> scalar.
        update: How gradients become new weights.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from cxrcompare.training.steps.step_tensorflow import TensorFlowStep

        return TensorFlowStep(model, loss, update)
    if backend == "jax":
        from cxrcompare.training.steps.step_jax import JaxStep

        return JaxStep(model, loss, update)
    from cxrcompare.training.steps.step_torch import TorchStep

    return TorchStep(model, loss, update)


@contextmanager
def averaged(step: Step) -> Iterator[None]:
    """Has the network, synchronised, use the moving average of its weights, where there is one."""
    step.sync()
    averages = step.averages()
    if not averages:
        yield
        return
    current = snapshot(step.model)
    fill(step.model, averages)
    step.load()
    try:
        yield
    finally:
        fill(step.model, current)
        step.load()


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


def ema_decay(decay: float, count: Any) -> Any:
    """Returns the decay after `count` updates: short averages first, so the start is forgotten."""
    return keras.ops.minimum(decay, (1.0 + count) / (10.0 + count))


def bias_corrected(rate: Any, count: Any) -> Any:
    """Returns Adam's step size after `count` updates, bias correction in it."""
    return rate * (1 - BETA2**count) ** 0.5 / (1 - BETA1**count)
