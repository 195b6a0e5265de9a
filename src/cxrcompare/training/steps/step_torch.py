"""The training step on PyTorch: eager, with PyTorch's own AdamW."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch

from cxrcompare.training.steps.step import BETA1, BETA2, EPSILON, Loss, State, Update


class TorchStep:
    """See `Step`."""

    def __init__(self, model: keras.Model, loss: Loss, update: Update) -> None:
        self.model, self._loss, self._update = model, loss, update
        self._weights = [variable.value for variable in model.trainable_variables]
        self._optimiser = torch.optim.AdamW(
            [
                {"params": [weight], "weight_decay": decay}
                for weight, decay in zip(self._weights, update.decays, strict=True)
            ]
            or [{"params": []}],  # nothing to train: the step only predicts
            betas=(BETA1, BETA2),
            eps=EPSILON,
            lr=0.0,
        )
        self._count = 0
        self._losses: list[Any] = []

    def train(
        self, pixels: np.ndarray, values: np.ndarray, weights: np.ndarray, rate: float
    ) -> None:
        """Trains on one batch; does not wait for the device."""
        loss = self._loss(values, weights, self.model(_tensor(pixels), training=True))
        loss.backward()
        self._losses.append(loss.detach())
        self._apply(rate)

    def mean_loss(self) -> float:
        """Returns the mean loss since the last call; waits for the device."""
        losses, self._losses = self._losses, []
        return float(torch.stack(losses).mean()) if losses else float("nan")

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Returns logits, (B, F) float32."""
        with torch.no_grad():
            logits: Any = self.model(_tensor(pixels), training=False)
            return logits.float().cpu().numpy()

    def sync(self) -> None:
        """Does nothing: the step trains the model's own variables."""

    def load(self) -> None:
        """Does nothing: the step trains the model's own variables."""

    def state(self) -> State:
        """Returns the optimiser's state."""
        state = {"count": np.asarray(self._count, np.float32)}
        for index, weight in enumerate(self._weights):
            moments = self._optimiser.state.get(weight, {})
            empty = torch.zeros_like(weight)
            state[f"first/{index}"] = moments.get("exp_avg", empty).cpu().numpy().copy()
            state[f"second/{index}"] = moments.get("exp_avg_sq", empty).cpu().numpy().copy()
        return state

    def restore(self, state: State) -> None:
        """Sets the optimiser's state."""
        self._count = int(state["count"])
        for index, weight in enumerate(self._weights):
            self._optimiser.state[weight] = {
                "step": torch.tensor(float(self._count)),
                "exp_avg": _array(state[f"first/{index}"]).to(weight.device),
                "exp_avg_sq": _array(state[f"second/{index}"]).to(weight.device),
            }

    def _apply(self, rate: float) -> None:
        update = self._update
        for weight in self._weights:  # weight decay also applies to weights without a gradient
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        if update.clip_value:
            torch.nn.utils.clip_grad_value_(self._weights, update.clip_value)
        if update.clip_norm:
            torch.nn.utils.clip_grad_norm_(self._weights, update.clip_norm)
        for group, factor in zip(self._optimiser.param_groups, update.factors, strict=True):
            group["lr"] = rate * factor
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self._count += 1


def _array(value: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(value, order="C"))


def _tensor(pixels: np.ndarray) -> Any:
    return keras.ops.convert_to_tensor(pixels)
