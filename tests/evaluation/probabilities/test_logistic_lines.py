"""Fits of many variables at once equal fits one by one, however far the start is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from cxrcompare.evaluation.probabilities import logistic, logistic_lines


def draw(runs, units, seed):
    """Returns labels and variables of different spread and location, with ties."""
    rng = np.random.default_rng(seed)
    variables = np.round(rng.normal(size=(runs, units)), 1)
    label = (rng.random(units) < special.expit(variables[0] - 0.5)).astype(float)
    label[:2], label[-2:] = 1, 0
    variables[:, [0, -2]], variables[:, [1, -1]] = 1.5, -1.5  # no threshold separates the classes
    return label, variables * rng.uniform(0.2, 4, (runs, 1)) + rng.uniform(-12, 12, (runs, 1))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(6, 90), st.integers(0, 999))
def test_lines_equal_single_fits(runs, units, seed):
    label, variables = draw(runs, units, seed)
    found = logistic_lines.lines(label, variables, np.zeros(runs))
    for m, x in enumerate(variables):
        one = logistic.fit(np.stack([x, np.ones(units)]), label)
        assert (found.slope[m], found.intercept[m]) == pytest.approx(one.coefficients, rel=1e-7)
        assert found.residual[m] == pytest.approx(one.residual, abs=1e-8)
        # the influence on the slope: the first row of the inverse times the score of a unit
        expected = (one.inverse[0, 1] + one.inverse[0, 0] * x) * one.residual
        constant, slope = found.weights[m]
        scale = np.abs(expected).max()
        assert (constant + slope * x) * found.residual[m] == pytest.approx(
            expected, abs=1e-6 * scale
        )


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(6, 90), st.integers(0, 999))
def test_shifts_make_the_mean_probability_the_share_of_positives(runs, units, seed):
    label, variables = draw(runs, units, seed)
    found = logistic_lines.shifts(label, variables)
    assert found.slope.tolist() == [1.0] * runs
    for m, x in enumerate(variables):
        slow = optimize.brentq(lambda a, x=x: (label - special.expit(x + a)).sum(), -60, 60)
        assert found.intercept[m] == pytest.approx(slow, abs=1e-8)
        p = special.expit(x + slow)
        assert found.residual[m] == pytest.approx(label - p, abs=1e-8)
        assert found.weights[m] == pytest.approx([1 / (p * (1 - p)).sum(), 0], rel=1e-6)


@pytest.mark.parametrize("far", [-30.0, 30.0])
def test_a_far_start_converges(far):
    """Logits of 30 make the first information nearly zero."""
    label = np.array([1.0, 0, 1, 0, 1, 0])
    found = logistic_lines.shifts(label, np.full((2, 6), far))
    assert found.intercept == pytest.approx([-far, -far], abs=1e-6)


def test_many_units_are_added_in_blocks(monkeypatch):
    label, variables = draw(3, 500, 1)
    whole = logistic_lines.lines(label, variables, np.zeros(3))
    monkeypatch.setattr(logistic_lines, "_BLOCK", 64)
    blocks = logistic_lines.lines(label, variables, np.zeros(3))
    for one, other in zip(whole, blocks, strict=True):
        assert one == pytest.approx(other, abs=1e-9)


def test_no_variable():
    found = logistic_lines.shifts(np.array([0.0, 1]), np.empty((0, 2)))
    assert found.slope.shape == (0,)
    assert found.residual.shape == (0, 2)
