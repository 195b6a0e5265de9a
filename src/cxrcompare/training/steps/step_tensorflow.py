"""The training step on TensorFlow: one traced function, with one fused Adam op per variable."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cxrcompare.training.steps.step import BETA1, BETA2, EPSILON, Loss, State, Update


class TensorFlowStep:
    """See `Step`."""

    def __init__(self, model: keras.Model, loss: Loss, update: Update) -> None:
        self.model, self._loss, self._update = model, loss, update
        self._weights = [variable.value for variable in model.trainable_variables]
        self._first = [_zeros(weight) for weight in self._weights]
        self._second = [_zeros(weight) for weight in self._weights]
        self._count = tf.Variable(0.0, trainable=False)
        self._losses: list[Any] = []
        self._train = tf.function(self._whole_step, autograph=False)
        self._forward = tf.function(lambda x: model(x, training=False), autograph=False)

    def train(
        self, pixels: np.ndarray, values: np.ndarray, weights: np.ndarray, rate: float
    ) -> None:
        """Trains on one batch."""
        batch = [tf.constant(array) for array in (pixels, values, weights)]
        self._losses.append(self._train(*batch, tf.constant(rate, tf.float32)))

    def mean_loss(self) -> float:
        """Returns the mean loss since the last call."""
        losses = [float(loss) for loss in self._losses]
        self._losses = []
        return float(np.mean(losses)) if losses else float("nan")

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Returns logits, (B, F) float32."""
        return self._forward(tf.constant(pixels)).numpy()

    def sync(self) -> None:
        """Does nothing: the step trains the model's own variables."""

    def load(self) -> None:
        """Does nothing: the step trains the model's own variables."""

    def state(self) -> State:
        """Returns the optimiser's state."""
        return {name: variable.numpy() for name, variable in self._variables()}

    def restore(self, state: State) -> None:
        """Sets the optimiser's state."""
        for name, variable in self._variables():
            variable.assign(state[name])

    def _variables(self) -> list[tuple[str, tf.Variable]]:
        lists = {"first": self._first, "second": self._second}
        named = [(f"{name}/{i}", v) for name, vs in lists.items() for i, v in enumerate(vs)]
        return [("count", self._count), *named]

    def _whole_step(self, pixels: Any, values: Any, weights: Any, rate: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._weights)
            loss = self._loss(values, weights, self.model(pixels, training=True))
        gradients = tape.gradient(
            loss, self._weights, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        self._adam(gradients, rate)
        return loss

    def _adam(self, gradients: list[Any], rate: Any) -> None:
        update = self._update
        if update.clip_value:
            gradients = [
                tf.clip_by_value(g, -update.clip_value, update.clip_value) for g in gradients
            ]
        if update.clip_norm:
            norm = tf.sqrt(2.0 * tf.add_n([tf.nn.l2_loss(g) for g in gradients]))
            shrink = tf.minimum(1.0, update.clip_norm / (norm + 1e-6))
            gradients = [g * shrink for g in gradients]
        count = self._count.assign_add(1.0)
        power1, power2 = tf.pow(BETA1, count), tf.pow(BETA2, count)
        for index, (weight, gradient) in enumerate(zip(self._weights, gradients, strict=True)):
            factor, decay = update.factors[index], update.decays[index]
            own = rate * factor if factor != 1 else rate
            if decay:
                weight.assign_sub(own * decay * weight)
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=self._first[index].handle,
                v=self._second[index].handle,
                beta1_power=power1,
                beta2_power=power2,
                lr=own,
                beta1=BETA1,
                beta2=BETA2,
                epsilon=EPSILON,
                grad=gradient,
            )


def _zeros(weight: tf.Variable) -> tf.Variable:
    return tf.Variable(tf.zeros(weight.shape, weight.dtype), trainable=False)
