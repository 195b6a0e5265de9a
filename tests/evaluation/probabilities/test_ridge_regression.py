"""Ridge logistic regression against scikit-learn, by hand, and where classes are separated."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cxrcompare.evaluation.probabilities import ridge_regression


@pytest.mark.parametrize("rare", [0.5, 0.03])
@pytest.mark.parametrize("columns", [1, 4, 12])
def test_it_is_the_fit_of_scikit_learn(columns, rare):
    rng = np.random.default_rng(columns)
    design = rng.normal(size=(600, columns)) * rng.uniform(0.3, 3, columns)
    design[:, 0] = rng.random(600) < 0.3  # a group
    log_odds = design @ rng.normal(size=columns) + np.log(rare / (1 - rare))
    label = (rng.random(600) < 1 / (1 + np.exp(-log_odds))).astype(float)
    found = ridge_regression.fit(design, label)
    reference = LogisticRegression(C=1.0, max_iter=10_000, tol=1e-10).fit(design, label)
    np.testing.assert_allclose(found.weights, reference.coef_[0], atol=2e-5)
    np.testing.assert_allclose(
        found.log_odds(design), reference.decision_function(design), atol=1e-4
    )


def test_without_information_the_intercept_is_the_log_odds_of_the_share():
    """1 of 4 positive: log(1/3), and no weight for a column that is balanced in both classes."""
    found = ridge_regression.fit(np.array([[1.0], [-1], [1], [-1]] * 2), np.array([1, 1, 0, 0] * 2))
    assert found.intercept == pytest.approx(0.0, abs=1e-12)
    assert found.weights == pytest.approx([0.0], abs=1e-12)
    quarter = ridge_regression.fit(np.zeros((8, 1)), np.array([1.0, 1, 0, 0, 0, 0, 0, 0]))
    assert quarter.intercept == pytest.approx(np.log(1 / 3))


def test_the_mean_probability_is_the_share_of_positives():
    rng = np.random.default_rng(1)
    design, label = rng.normal(size=(300, 3)), (rng.random(300) < 0.1).astype(float)
    log_odds = ridge_regression.fit(design, label).log_odds(design)
    assert np.mean(1 / (1 + np.exp(-log_odds))) == pytest.approx(label.mean(), abs=1e-9)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0])
def test_separated_classes_and_equal_columns_have_finite_weights(scale):
    label = np.repeat([0.0, 1.0], 50)
    column = scale * np.linspace(-1, 1, 100)
    found = ridge_regression.fit(np.column_stack([column, column]), label)
    assert np.isfinite(found.weights).all()
    assert found.weights[0] == pytest.approx(found.weights[1], rel=1e-6)
    gradient = column @ (1 / (1 + np.exp(-found.log_odds(np.column_stack([column] * 2)))) - label)
    assert gradient + found.weights[0] == pytest.approx(0, abs=1e-5)
