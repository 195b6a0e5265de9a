"""Objective: the third class, the hierarchy, and the network that is saved in the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare.errors import InputError  # noqa: E402
from cxrcompare.findings import CHEXPERT  # noqa: E402
from cxrcompare.labels.policy import Policy, targets  # noqa: E402
from cxrcompare.training.objectives.objective import given_parents, objective, parent  # noqa: E402

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
    """Ends as `models.build` ends."""
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
    # p1 / (p0 + p1) of the softmax over (0, z, u) is what the finished network says.
    exponents = np.exp(np.stack([np.zeros(5), logits[:, 1], logits[:, 3]]))
    p = exponents / exponents.sum(axis=0)
    np.testing.assert_allclose(sigmoid(numbers(finished(x))[:, 1]), p[1] / (p[0] + p[1]), rtol=1e-6)
    finished.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(numbers(again(x)), numbers(finished(x)))


def test_parents_skip_findings_that_are_not_there() -> None:
    assert parent("Pneumonia", CHEXPERT) == "Consolidation"
    assert parent("Pneumonia", ("Pneumonia", "Lung Opacity")) == "Lung Opacity"
    assert parent("Pneumonia", ("Pneumonia", "Fracture")) is None
    assert parent("Fracture", CHEXPERT) is None


def test_a_label_counts_where_its_parent_is_present() -> None:
    #                   opacity, consolidation, pneumonia, fracture
    values = np.array(
        [
            [1.0, 1.0, 0.0, 0.0],  # everything counts
            [1.0, 0.0, 1.0, 0.0],  # pneumonia lifts consolidation
            [0.0, 0.0, 1.0, 1.0],  # ... and that the opacity
            [0.0, 0.0, 0.0, 1.0],  # no opacity: what is below it says nothing
            [1.0, 0.0, 0.0, 0.0],  # no consolidation: pneumonia says nothing
        ]
    )
    weights = np.ones_like(values)
    weights[2, 0] = 0
    got_values, got_weights = given_parents(values, weights, LUNG)
    np.testing.assert_array_equal(
        got_values,
        [[1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 1], [1, 0, 0, 0]],
    )
    np.testing.assert_array_equal(
        got_weights,
        [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 0, 1]],
    )
    assert values[1, 1] == 0  # the caller's own array stays


def test_a_half_certain_child_lifts_a_parent_that_is_stated_negative() -> None:
    values = np.array([[0, 0.6, 0, 0], [0, 0.4, 0, 0], [0.7, 0.6, 0, 0]])
    got_values, got_weights = given_parents(values, np.ones_like(values), LUNG)
    # Consolidation at 0.6 lifts Lung Opacity to 0.6, at 0.4 not; one that is higher stays
    np.testing.assert_array_equal(got_values[:, 0], [0.6, 0, 0.7])
    np.testing.assert_array_equal(got_weights[:, 1], [1, 0, 1])


def test_unconditional_probabilities_are_products_along_the_path(tmp_path: Path) -> None:
    made = targets(np.ones((3, 4)), LUNG, Policy())
    goal = objective(made, Policy(), conditional=True)
    model = small_network(4)
    finished = goal.finish(model)
    x = 3 * np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)
    p = sigmoid(numbers(model(x)))
    expected = np.stack([p[:, 0], p[:, 0] * p[:, 1], p[:, 0] * p[:, 1] * p[:, 2], p[:, 3]], axis=1)
    np.testing.assert_allclose(sigmoid(goal.report(numbers(model(x)))), expected, rtol=1e-5)
    np.testing.assert_allclose(sigmoid(numbers(finished(x))), expected, rtol=1e-5)
    assert finished.layers[-1].name == "logits"
    finished.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(numbers(again(x)), numbers(finished(x)))


def test_certain_logits_stay_finite() -> None:
    goal = objective(targets(np.ones((1, 4)), LUNG, Policy()), Policy(), conditional=True)
    for extreme in (-1e4, -80.0, 80.0, 1e4):
        assert np.isfinite(goal.report(np.full((1, 4), extreme))).all()


def test_the_two_do_not_go_together() -> None:
    policy = Policy(uncertain="u-multiclass")
    with pytest.raises(InputError, match="two classes"):
        objective(targets(np.ones((1, 4)), LUNG, policy), policy, conditional=True)
