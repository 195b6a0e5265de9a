"""Logistic regression: the gradient is zero at the fit, and it equals a slow reference."""

import numpy as np
import pytest
from scipy import optimize, special

from cxrcompare.evaluation.probabilities import logistic


@pytest.mark.parametrize("penalty", [0.0, np.array([0.0, 2.0, 0.5])])
def test_fit_minimises_the_penalised_loss(penalty):
    rng = np.random.default_rng(0)
    label = (rng.random(150) < 0.3).astype(float)
    design = np.vstack([np.ones(150), rng.normal(size=(2, 150)) + label])

    def loss(beta):
        eta = beta @ design
        ridge = np.sum(penalty * beta**2) / 2
        return np.sum(np.logaddexp(0, eta) - label * eta) + ridge

    found = logistic.fit(design, label, penalty)
    slow = optimize.minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-9})
    assert found.coefficients == pytest.approx(slow.x, abs=1e-4)
    p = special.expit(found.coefficients @ design)
    assert found.residual == pytest.approx(label - p)
    gradient = design @ found.residual - penalty * found.coefficients
    assert gradient == pytest.approx(np.zeros(3), abs=1e-9)
    information = (design * p * (1 - p)) @ design.T + np.diag(np.broadcast_to(penalty, 3))
    assert found.inverse @ information == pytest.approx(np.eye(3))


def test_an_intercept_alone_is_the_log_odds():
    label = np.array([1.0, 0, 0, 0])
    found = logistic.fit(np.ones((1, 4)), label)
    assert found.coefficients == pytest.approx([np.log(1 / 3)])
