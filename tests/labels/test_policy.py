"""Tests of policies: the target and weight of each label state under each rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import ValidationError

from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT, COMPETITION
from cxrcompare.labels.policy import MIXTURES, RULES, Policy, targets

NAN = np.nan
STATES = np.array([[1.0], [0.0], [-1.0], [NAN]])
FIXED = {"u-ignore": (0.0, 0.0), "u-zeros": (0.0, 1.0), "u-ones": (1.0, 1.0), "u-soft": (0.5, 1.0)}


@pytest.mark.parametrize("rule", FIXED)
def test_fixed_rules_by_hand(rule: str) -> None:
    value, weight = FIXED[rule]
    made = targets(STATES, ["Edema"], Policy(uncertain=rule))
    # positive, negative, uncertain, unmentioned (negative by default)
    np.testing.assert_array_equal(made.values[:, 0], [1, 0, value, 0])
    np.testing.assert_array_equal(made.weights[:, 0], [1, 1, weight, 1])
    assert not made.uncertain.any()


@pytest.mark.parametrize("rule", RULES)
def test_blank_rule_is_independent_of_the_uncertain_rule(rule: str) -> None:
    negative = targets(STATES, ["Edema"], Policy(uncertain=rule, blank="negative"))
    ignore = targets(STATES, ["Edema"], Policy(uncertain=rule, blank="ignore"))
    assert (negative.weights[3, 0], ignore.weights[3, 0]) == (1, 0)
    np.testing.assert_array_equal(negative.values[:3], ignore.values[:3])
    np.testing.assert_array_equal(negative.weights[:3], ignore.weights[:3])


def test_multiclass_keeps_the_uncertain_apart() -> None:
    made = targets(STATES, ["Edema"], Policy(uncertain="u-multiclass"))
    np.testing.assert_array_equal(made.uncertain[:, 0], [False, False, True, False])
    np.testing.assert_array_equal(made.weights[:, 0], 1)


def test_selftrained_in_its_two_stages() -> None:
    policy = Policy(uncertain="u-selftrained")
    first = targets(STATES, ["Edema"], policy)
    np.testing.assert_array_equal(first.weights[:, 0], [1, 1, 0, 1])
    second = targets(STATES, ["Edema"], policy, np.full((4, 1), 0.25))
    # Only uncertain labels take the first network's predictions.
    np.testing.assert_array_equal(second.values[:, 0], [1, 0, 0.25, 0])
    np.testing.assert_array_equal(second.weights[:, 0], 1)


@pytest.mark.parametrize(
    ("rule", "low", "high"), [("u-ones-smooth", 0.55, 0.85), ("u-zeros-smooth", 0.0, 0.3)]
)
def test_smoothing_draws_uniformly_from_its_range(rule: str, low: float, high: float) -> None:
    states = np.full((20_000, 2), -1.0)
    values = targets(states, ["Edema", "Fracture"], Policy(uncertain=rule)).values
    assert low <= values.min() and values.max() <= high
    # The mean of n draws from U(a, b) has the standard deviation (b - a) / sqrt(12 n): 0.0006.
    np.testing.assert_allclose(values.mean(axis=0), (low + high) / 2, atol=0.003)
    np.testing.assert_allclose(values.std(axis=0), (high - low) / 12**0.5, rtol=0.02)
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.03
    again = targets(states, ["Edema", "Fracture"], Policy(uncertain=rule)).values
    np.testing.assert_array_equal(values, again)
    other = targets(states, ["Edema", "Fracture"], Policy(uncertain=rule, seed=1)).values
    assert (values != other).any()


def test_rules_per_finding_by_any_spelling() -> None:
    policy = Policy(
        uncertain={"atelectasis": "U_Ones", "effusion": "u-zeros", "default": "UIgnore"}
    )
    assert policy.rules(["Atelectasis", "Pleural Effusion", "Edema"]) == (
        "u-ones",
        "u-zeros",
        "u-ignore",
    )
    made = targets(np.full((1, 3), -1.0), ["Atelectasis", "Pleural Effusion", "Edema"], policy)
    np.testing.assert_array_equal(made.values, [[1, 0, 0]])
    np.testing.assert_array_equal(made.weights, [[1, 1, 0]])


def test_its_name_in_a_file_and_back() -> None:
    policy = Policy.model_validate({"policy": "u-zeros", "blank": "ignore"})
    assert policy == Policy(uncertain="u-zeros", blank="ignore")
    assert Policy.model_validate_json(policy.model_dump_json()) == policy


def test_without_a_default_the_others_are_ignored() -> None:
    assert Policy(uncertain={"Edema": "u-ones"}).rule("Fracture") == "u-ignore"


@pytest.mark.parametrize("name", MIXTURES)
def test_mixtures_name_the_five(name: str) -> None:
    assert set(COMPETITION) < set(MIXTURES[name])
    assert all(rule in RULES for rule in Policy(uncertain=name).rules(CHEXPERT))


def test_the_mixture_of_the_literature() -> None:
    rules = Policy(uncertain="mixed").rules(COMPETITION)
    assert rules == ("u-ones", "u-zeros", "u-zeros", "u-ones", "u-zeros")


@pytest.mark.parametrize(
    "bad",
    [
        {"uncertain": "u-twos"},
        {"uncertain": {"Edema": "mixed"}},
        {"blank": "positive"},
        {"soft": 1.5},
        {"ones_range": (0.9, 0.1)},
        {"unknown": 1},
    ],
)
def test_an_invalid_policy_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policy(**bad)


def test_an_unknown_finding_is_refused() -> None:
    with pytest.raises(InputError, match="Received: Edemma"):
        targets(STATES, ["Edema"], Policy(uncertain={"Edemma": "u-ones"}))


def test_other_states_and_shapes_are_refused() -> None:
    with pytest.raises(InputError, match=r"Received: 2.0 for Edema in row 2"):
        targets(np.array([[0.0], [2.0]]), ["Edema"], Policy())
    with pytest.raises(InputError, match=r"\(images, 2\)"):
        targets(STATES, ["Edema", "Fracture"], Policy())
    with pytest.raises(InputError, match=r"probabilities"):
        targets(STATES, ["Edema"], Policy(), np.full((4, 1), 1.5))
    with pytest.raises(InputError, match=r"probabilities"):
        targets(STATES, ["Edema"], Policy(), np.full((3, 1), 0.5))


@settings(max_examples=60, deadline=None)
@given(
    states=arrays(
        float,
        st.tuples(st.integers(0, 12), st.just(3)),
        elements=st.sampled_from([1.0, 0.0, -1.0, NAN]),
    ),
    rule=st.sampled_from([*RULES, *MIXTURES]),
    blank=st.sampled_from(["negative", "ignore"]),
)
def test_targets_of_any_states(states: np.ndarray, rule: str, blank: str) -> None:
    findings = ["Atelectasis", "Edema", "Cardiomegaly"]
    made = targets(states, findings, Policy(uncertain=rule, blank=blank))  # type: ignore[arg-type]
    assert made.values.dtype == made.weights.dtype == np.float32
    assert made.values.shape == made.weights.shape == states.shape
    assert ((made.values >= 0) & (made.values <= 1)).all()
    assert np.isin(made.weights, (0, 1)).all()
    # Certain labels never change.
    certain = np.isin(states, (0.0, 1.0))
    np.testing.assert_array_equal(made.values[certain], states[certain])
    assert (made.weights[certain] == 1).all()
    assert not made.uncertain[states != -1].any()
