"""The compiled step against slow references, on whichever framework Keras runs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cxrcompare.training.objectives import losses
from cxrcompare.training.steps.compile_step import compile_step
from cxrcompare.training.steps.step import Update, fill, snapshot

pytestmark = pytest.mark.keras
RATE = 0.05


@pytest.fixture
def dense(backend: str) -> Callable[[], Any]:
    """Returns a new model without dropout or batch normalisation: logits = x W + b."""
    import keras

    def make() -> Any:
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="logits")])
        rng = np.random.default_rng(0)
        fill(model, [rng.normal(size=(3, 2)), rng.normal(size=2)])
        return model

    return make


def batch(seed: int, count: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(count, 3)).astype(np.float32),
        (rng.random((count, 2)) < 0.5).astype(np.float32),
        np.ones((count, 2), np.float32),
    )


def gradients(
    weights: list[np.ndarray], pixels: np.ndarray, values: np.ndarray, _: object
) -> list[np.ndarray]:
    """The gradient of the mean cross-entropy by hand: d/dz = (sigmoid(z) - t) / (B F)."""
    slope = (1 / (1 + np.exp(-(pixels @ weights[0] + weights[1]))) - values) / values.size
    return [pixels.T @ slope, slope.sum(axis=0)]


def adam(
    weights: list[np.ndarray], batches: Any, update: Update, rate: float = RATE
) -> list[list[np.ndarray]]:
    """Adam with decoupled decay, as in the papers, in float64."""
    weights = [weight.astype(float) for weight in weights]
    first = [np.zeros_like(weight) for weight in weights]
    second = [np.zeros_like(weight) for weight in weights]
    trail = []
    for count, one in enumerate(batches, 1):
        found = gradients(weights, *one)
        if update.clip_value:
            found = [np.clip(g, -update.clip_value, update.clip_value) for g in found]
        if update.clip_norm:
            norm = np.sqrt(sum((g**2).sum() for g in found))
            found = [g * min(1, update.clip_norm / norm) for g in found]
        for i, gradient in enumerate(found):
            own = rate * update.factors[i]
            weights[i] = weights[i] * (1 - own * update.decays[i])
            first[i] = 0.9 * first[i] + 0.1 * gradient
            second[i] = 0.999 * second[i] + 0.001 * gradient**2
            m, v = first[i] / (1 - 0.9**count), second[i] / (1 - 0.999**count)
            weights[i] = weights[i] - own * m / (np.sqrt(v) + 1e-7)
        trail.append([weight.copy() for weight in weights])
    return trail


@pytest.mark.parametrize(
    "update",
    [
        Update((1.0, 1.0), (0.0, 0.0)),
        Update((0.1, 1.0), (0.3, 0.0)),
        Update((1.0, 1.0), (0.0, 0.0), clip_value=0.02),
        Update((1.0, 0.5), (0.1, 0.0), clip_norm=0.05),
    ],
    ids=["plain", "rates and decay", "clip value", "clip norm"],
)
def test_it_is_adam(dense, update):
    model = dense()
    step = compile_step(model, losses.bce, update)
    batches = [batch(seed) for seed in range(5)]
    expected = adam(snapshot(model), batches, update)[-1]
    for one in batches:
        step.train(*one, RATE)
    step.sync()
    for found, wanted in zip(snapshot(model), expected, strict=True):
        assert np.allclose(found, wanted, atol=2e-4)


def test_the_loss_is_the_mean_over_steps_since_the_last_look(dense):
    model = dense()
    step = compile_step(model, losses.bce, Update((0.0, 0.0), (0.0, 0.0)))  # nothing moves
    weights = snapshot(model)

    def loss(pixels: Any, values: Any, _: object) -> Any:
        z = pixels @ weights[0] + weights[1]
        return float(np.mean(np.log1p(np.exp(z)) - values * z))

    batches = [batch(seed) for seed in range(3)]
    for one in batches:
        step.train(*one, RATE)
    assert step.mean_loss() == pytest.approx(np.mean([loss(*one) for one in batches]), abs=1e-5)
    step.train(*batches[0], RATE)
    assert step.mean_loss() == pytest.approx(loss(*batches[0]), abs=1e-5)
    assert np.isnan(step.mean_loss())


def test_masked_targets_do_not_move_anything(dense):
    model = dense()
    before = snapshot(model)
    step = compile_step(model, losses.bce, Update((1.0, 1.0), (0.0, 0.0)))
    pixels, values, weights = batch(0)
    values[:, 1], weights[:, 1] = np.nan, 0
    step.train(pixels, values, weights, RATE)
    step.sync()
    after = snapshot(model)
    assert np.array_equal(after[0][:, 1], before[0][:, 1])
    assert not np.isclose(after[0][:, 0], before[0][:, 0]).any()


def test_a_restored_step_goes_on_to_the_bit(tiny, backend):
    def fresh() -> Any:
        from cxrcompare.training.steps import device

        device.seed(3)
        model = tiny.build("mobilenet", 3, 32, dropout=0.5)
        count = len(model.trainable_variables)
        return model, compile_step(model, losses.bce, Update([1.0] * count, [0.1] * count))

    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (6, 8, 32, 32, 1), dtype=np.uint8)
    values = rng.random((6, 8, 3)).astype(np.float32)
    ones = np.ones((8, 3), np.float32)
    model, step = fresh()
    for index in range(3):
        step.train(pixels[index], values[index], ones, RATE)
    step.sync()
    weights, memory = snapshot(model), step.state()
    for index in range(3, 6):
        step.train(pixels[index], values[index], ones, RATE)
    step.sync()

    other, again = fresh()
    fill(other, weights)
    again.load()
    again.restore(memory)
    for index in range(3, 6):
        again.train(pixels[index], values[index], ones, RATE)
    again.sync()
    for found, wanted in zip(snapshot(other), snapshot(model), strict=True):
        assert np.array_equal(found, wanted)
    assert again.state().keys() == step.state().keys()
    for name, array in step.state().items():
        assert np.array_equal(again.state()[name], array)
