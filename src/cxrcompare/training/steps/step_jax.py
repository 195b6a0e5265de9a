"""The training step on JAX: one compiled function of the whole state, which it takes over."""

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
    ema_decay,
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
            "gathered": [jnp.zeros_like(w) for w in weights] if update.accumulation > 1 else [],
            "average": [jnp.array(x, copy=True) for x in weights + fixed] if update.ema else [],
            "count": jnp.zeros((), jnp.float32),
            "loss": jnp.zeros((), jnp.float32),
        }
        self._steps = self._position = 0
        self._train = jax.jit(self._whole_step, donate_argnums=0)
        self._gather = jax.jit(self._gradient_step, donate_argnums=0)
        self._apply = jax.jit(self._apply_gathered, donate_argnums=0)
        self._forward = jax.jit(
            lambda weights, fixed, x: model.stateless_call(weights, fixed, x, training=False)[0]
        )

    def train(
        self, pixels: np.ndarray, values: np.ndarray, weights: np.ndarray, rate: float
    ) -> None:
        """Trains on one batch; does not wait for the device."""
        self._steps += 1
        if self._update.accumulation == 1:
            self._now = self._train(self._now, pixels, values, weights, np.float32(rate))
            return
        self._now = self._gather(self._now, pixels, values, weights)
        self._position += 1
        if self._position == self._update.accumulation:
            self.flush(rate)

    def flush(self, rate: float) -> None:
        """Updates with the mean of the gradients gathered since the last update."""
        if self._position:
            share = np.float32(self._update.accumulation / self._position)
            self._now = self._apply(self._now, np.float32(rate), share)
            self._position = 0

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
        """Writes copies of the weights into the Keras model; the step's own are given away."""
        for variables, name in (
            (self.model.trainable_variables, "weights"),
            (self.model.non_trainable_variables, "fixed"),
        ):
            for variable, array in zip(variables, self._now[name], strict=True):
                variable.assign(jnp.array(array, copy=True))

    def load(self) -> None:
        """Takes copies of the weights of the Keras model."""
        self._now["weights"], self._now["fixed"] = self._copies()

    def averages(self) -> list[np.ndarray]:
        """Returns the moving average of every variable, in the order of `model.variables`."""
        if not self._now["average"]:
            return []
        variables = self.model.trainable_variables + self.model.non_trainable_variables
        place = {id(v): x for v, x in zip(variables, self._now["average"], strict=True)}
        return [np.asarray(place[id(variable)]) for variable in self.model.variables]

    def state(self) -> State:
        """Returns what the optimiser remembers."""
        named = {
            f"{name}/{index}": np.asarray(array)
            for name in ("first", "second", "average")
            for index, array in enumerate(self._now[name])
        }
        return {"count": np.asarray(self._now["count"]), **named}

    def restore(self, state: State) -> None:
        """Sets what the optimiser remembers."""
        for name in ("first", "second", "average"):
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

    def _gradient_step(self, now: Tree, pixels: Any, values: Any, weights: Any) -> Tree:
        now, gradients = self._differentiate(now, pixels, values, weights)
        share = 1.0 / self._update.accumulation
        pairs = zip(now["gathered"], gradients, strict=True)
        return {**now, "gathered": [total + share * gradient for total, gradient in pairs]}

    def _apply_gathered(self, now: Tree, rate: Any, share: Any) -> Tree:
        gathered = now["gathered"]
        now = self._adam(now, [share * total for total in gathered], rate)
        return {**now, "gathered": [jnp.zeros_like(total) for total in gathered]}

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
        now = {**now, "count": count, "first": first, "second": second, "weights": weights}
        if now["average"]:
            keep = ema_decay(update.ema, count)
            pairs = zip(now["average"], weights + now["fixed"], strict=True)
            now["average"] = [
                average * keep + (1 - keep) * value
                if jnp.issubdtype(value.dtype, jnp.floating)
                else value
                for average, value in pairs
            ]
        return now
