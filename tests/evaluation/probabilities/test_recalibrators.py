"""Logistic and isotonic recalibration against scikit-learn, and on shifted probabilities."""

import numpy as np
import pytest
from scipy import special
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from cxrcompare.evaluation.probabilities.recalibrators import recalibrated


def problem(seed, count=400):
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1, 1, count)
    label = (rng.random(count) < special.expit(logit)).astype(float)
    return label, np.round(special.expit(0.5 * logit + 1), 2)


def test_logistic_equals_scikit_learn():
    label, score = problem(0)
    others = np.linspace(0.05, 0.95, 7)
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(special.logit(score)[:, None], label)
    expected = model.predict_proba(special.logit(others)[:, None])[:, 1]
    assert recalibrated(label, score, others, "logistic") == pytest.approx(expected, abs=1e-4)


def test_isotonic_equals_scikit_learn():
    label, score = problem(1)
    others = np.linspace(0, 1, 23)
    model = IsotonicRegression(out_of_bounds="clip", y_min=1e-6, y_max=1 - 1e-6)
    expected = model.fit(score, label).predict(others)
    assert recalibrated(label, score, others, "isotonic") == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("method", ["logistic", "isotonic"])
def test_unknown_labels_are_left_out_and_one_class_has_no_fit(method):
    label, score = problem(2)
    found = recalibrated(label, score, score, method)
    more = np.append(label, np.nan), np.append(score, 0.99)
    np.testing.assert_allclose(recalibrated(*more, score, method), found)
    assert np.isnan(recalibrated(np.ones(5), score[:5], score, method)).all()


def test_separated_classes_have_no_logistic_fit():
    label, score = np.array([0, 0, 1, 1.0]), np.array([0.1, 0.2, 0.3, 0.4])
    assert np.isnan(recalibrated(label, score, score, "logistic")).all()


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method"):
        recalibrated(*problem(3), np.array([0.5]), "beta")
