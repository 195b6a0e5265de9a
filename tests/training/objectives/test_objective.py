"""Objective: the third class, the hierarchy, and the saved network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare.labels.policy import Policy, targets  # noqa: E402
from cxrcompare.training.objectives.objective import objective  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

LUNG = ("Lung Opacity", "Consolidation", "Pneumonia", "Fracture")


def numbers(tensor: object) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor), dtype=np.float64)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def small_network(outputs: int) -> keras.Model:
    """Returns a network that ends like those of `models.build`."""
    inputs = keras.Input((6,))
    logits = keras.layers.Dense(outputs, dtype="float32", name="logits", bias_initializer="normal")
    return keras.Model(inputs, logits(inputs))


def test_plain() -> None:
    states = np.array([[1.0, np.nan], [-1.0, 0.0]])
    made = targets(states, ["Edema", "Fracture"], Policy())
    goal = objective(made, Policy())
    assert goal.outputs == goal.findings == 2
    model = small_network(2)
    assert goal.finish(model) is model
    np.testing.assert_array_equal(goal.report(states), states)


def test_third_class_from_states_to_saved_network(tmp_path: Path) -> None:
    findings = ("Edema", "Cardiomegaly", "Fracture")
    policy = Policy(uncertain={"Cardiomegaly": "u-multiclass", "default": "u-ones"})
    states = np.array([[1.0, 1.0, 0.0], [-1.0, -1.0, 0.0], [0.0, np.nan, 1.0]])
    goal = objective(targets(states, findings, policy), policy)
    assert (goal.outputs, goal.findings) == (4, 3)
    np.testing.assert_array_equal(goal.values, [[1, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]])
    model = small_network(4)
    finished = goal.finish(model)
    x = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    logits = numbers(model(x))
    np.testing.assert_allclose(numbers(finished(x)), logits[:, :3], rtol=1e-6)
    # p1 / (p0 + p1) of the softmax over (0, z, u) is the output of the finished network.
    exponents = np.exp(np.stack([np.zeros(5), logits[:, 1], logits[:, 3]]))
    p = exponents / exponents.sum(axis=0)
    np.testing.assert_allclose(sigmoid(numbers(finished(x))[:, 1]), p[1] / (p[0] + p[1]), rtol=1e-6)
    finished.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(numbers(again(x)), numbers(finished(x)))
