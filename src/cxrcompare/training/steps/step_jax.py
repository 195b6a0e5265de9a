"""The training step on JAX: one compiled function of the whole state, with donated buffers."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from cxrcompare.training.steps.step import (
    BETA1,
    BETA2,
    EPSILON,
    Loss,
    State,
    Update,
    bias_corrected,
)

Tree = dict[str, Any]


class JaxStep:
    """See `Step`."""

    def __init__(self, model: keras.Model, loss: Loss, update: Update) -> None:
        self.model, self._loss, self._update = model, loss, update
        weights, fixed = self._copies()
        self._now: Tree = {
            "weights": weights,
            "fixed": fixed,
            "first": [jnp.zeros_like(weight) for weight in weights],
            "second": [jnp.zeros_like(weight) for weight in weights],
            "count": jnp.zeros((), jnp.float32),
            "loss": jnp.zeros((), jnp.float32),
        }
        self._steps = 0
        self._train = jax.jit(self._whole_step, donate_argnums=0)
        self._forward = jax.jit(
            lambda weights, fixed, x: model.stateless_call(weights, fixed, x, training=False)[0]
        )

    def train(
        self, pixels: np.ndarray, values: np.ndarray, weights: np.ndarray, rate: float
    ) -> None:
        """Trains on one batch; does not wait for the device."""
        self._steps += 1
        self._now = self._train(self._now, pixels, values, weights, np.float32(rate))

    def mean_loss(self) -> float:
        """Returns the mean loss since the last call; waits for the device."""
        steps, self._steps = self._steps, 0
        total = float(self._now["loss"])
        self._now["loss"] = jnp.zeros((), jnp.float32)
        return total / steps if steps else float("nan")

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Returns logits, (B, F) float32."""
        return np.asarray(self._forward(self._now["weights"], self._now["fixed"], pixels))

    def sync(self) -> None:
        """Copies the weights to the Keras model; training donates the step's buffers."""
        for variables, name in (
            (self.model.trainable_variables, "weights"),
            (self.model.non_trainable_variables, "fixed"),
        ):
            for variable, array in zip(variables, self._now[name], strict=True):
                variable.assign(jnp.array(array, copy=True))

    def load(self) -> None:
        """Copies the weights from the Keras model."""
        self._now["weights"], self._now["fixed"] = self._copies()

    def state(self) -> State:
        """Returns the optimiser's state."""
        named = {
            f"{name}/{index}": np.asarray(array)
            for name in ("first", "second")
            for index, array in enumerate(self._now[name])
        }
        return {"count": np.asarray(self._now["count"]), **named}

    def restore(self, state: State) -> None:
        """Sets the optimiser's state."""
        for name in ("first", "second"):
            self._now[name] = [
                jnp.array(state[f"{name}/{index}"]) for index in range(len(self._now[name]))
            ]
        self._now["count"] = jnp.array(state["count"])

    def _copies(self) -> tuple[list[Any], list[Any]]:
        return (
            [jnp.array(v.value, copy=True) for v in self.model.trainable_variables],
            [jnp.array(v.value, copy=True) for v in self.model.non_trainable_variables],
        )

    def _differentiate(self, now: Tree, pixels: Any, values: Any, weights: Any) -> Any:
        def loss_of(variables: list[Any]) -> Any:
            logits, fixed = self.model.stateless_call(
                variables, now["fixed"], pixels, training=True
            )
            return self._loss(values, weights, logits), fixed

        (loss, fixed), gradients = jax.value_and_grad(loss_of, has_aux=True)(now["weights"])
        return {**now, "fixed": fixed, "loss": now["loss"] + loss}, gradients

    def _whole_step(self, now: Tree, pixels: Any, values: Any, weights: Any, rate: Any) -> Tree:
        now, gradients = self._differentiate(now, pixels, values, weights)
        return self._adam(now, gradients, rate)

    def _adam(self, now: Tree, gradients: list[Any], rate: Any) -> Tree:
        update = self._update
        if update.clip_value:
            limit = update.clip_value
            gradients = [jnp.clip(gradient, -limit, limit) for gradient in gradients]
        if update.clip_norm:
            norm = jnp.sqrt(sum(jnp.sum(gradient**2) for gradient in gradients))
            shrink = jnp.minimum(1.0, update.clip_norm / (norm + 1e-6))
            gradients = [gradient * shrink for gradient in gradients]
        count = now["count"] + 1
        first, second, weights = [], [], []
        for index, gradient in enumerate(gradients):
            m = BETA1 * now["first"][index] + (1 - BETA1) * gradient
            v = BETA2 * now["second"][index] + (1 - BETA2) * gradient**2
            own = rate * update.factors[index]
            weight = now["weights"][index] * (1 - own * update.decays[index])
            weights.append(weight - bias_corrected(own, count) * m / (jnp.sqrt(v) + EPSILON))
            first.append(m)
            second.append(v)
        return {**now, "count": count, "first": first, "second": second, "weights": weights}
