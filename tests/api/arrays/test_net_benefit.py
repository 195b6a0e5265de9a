"""Net benefit of arrays: by hand, against the decision curve of a comparison, and its interval."""

import numpy as np
import pytest

import cxrcompare as cxr


def test_by_hand():
    """At t = 0.2 a false positive costs 0.25: (3 - 2 * 0.25) / 10 = 0.25."""
    labels = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, np.nan]
    scores = [0.9, 0.5, 0.2, 0.1, 0.8, 0.2, 0.1, 0.1, 0.0, 0.1, 0.9]
    found = cxr.net_benefit(labels, scores, threshold=0.2)
    assert found.value == pytest.approx(0.25)
    assert (found.positives, found.negatives, found.method) == (4, 6, "too few patients")
    assert np.isnan(found.low)


def test_it_is_that_of_the_decision_curve(study):
    test = study.test
    result = cxr.compare({"bad": test.models["bad"]}, test.reference, replicates=100)
    curve = result.to_frame("net_benefit")
    for threshold in (0.1, 0.3):
        row = curve[
            (curve["finding"] == "Edema") & np.isclose(curve["threshold"], threshold)
        ].query("model == 'bad'")
        found = cxr.net_benefit(
            test.reference["Edema"],
            test.models["bad"]["Edema"],
            test.reference["patient_id"],
            threshold=threshold,
        )
        expected = row[["net_benefit", "low", "high"]].to_numpy(dtype=float)[0]
        np.testing.assert_allclose(found[:3], expected, rtol=0, atol=1e-12)


def test_the_interval_covers_the_true_value():
    """Scores with a known net benefit: 0.3 * 0.8 - 0.7 * 0.2 / 4 = 0.205 at t = 0.2."""
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        labels = (rng.random(300) < 0.3).astype(float)
        called = rng.random(300) < np.where(labels == 1, 0.8, 0.2)
        found = cxr.net_benefit(labels, called.astype(float), threshold=0.2)
        covered += found.low <= 0.205 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize(
    ("scores", "threshold", "message"),
    [
        ([0.2, 0.3], 1.0, "`threshold` must be above 0 and below 1. Received: 1.0"),
        ([0.2, 1.3], 0.5, r"`y_prob` must be probabilities in \[0, 1\]. Received: 1.3"),
    ],
)
def test_wrong_arguments_are_one_line(scores, threshold, message):
    with pytest.raises(cxr.InputError, match=message):
        cxr.net_benefit([1, 0], scores, threshold=threshold)
