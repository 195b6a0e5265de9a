"""Metrics of all findings together against scikit-learn and a slow bootstrap."""

import numpy as np
import pytest
from sklearn import metrics

import cxrcompare as cxr


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(3)
    labels = (rng.random((120, 4)) < 0.4).astype(float)
    scores = np.clip(0.5 * labels + 0.6 * rng.random(labels.shape), 0, 1)
    return labels, scores, np.arange(120) // 2


def test_values_are_those_of_scikit_learn(arrays):
    labels, scores, _ = arrays
    for threshold in (0.5, np.array([0.2, 0.4, 0.6, 0.8])):
        called = scores >= threshold
        loss = cxr.hamming_loss(labels, scores, threshold=threshold, replicates=100)
        assert loss.value == pytest.approx(metrics.hamming_loss(labels, called), abs=1e-12)
        share = cxr.subset_accuracy(labels, scores, threshold=threshold, replicates=100)
        assert share.value == pytest.approx(metrics.accuracy_score(labels, called), abs=1e-12)
        assert (loss.positives, loss.negatives) == ((labels == 1).sum(), (labels == 0).sum())


@pytest.mark.parametrize("name", ["hamming_loss", "subset_accuracy"])
def test_intervals_are_those_of_a_bootstrap_over_patients(arrays, name):
    labels, scores, patients = arrays
    found = getattr(cxr, name)(labels, scores, patients, replicates=4000, seed=1)
    right = (scores >= 0.5) == labels
    of_unit = {"hamming_loss": 1 - right.mean(axis=1), "subset_accuracy": right.all(axis=1)}[name]
    drawn = np.random.default_rng(8).integers(0, 60, (2000, 60))
    values = of_unit.reshape(60, 2).mean(axis=1)[drawn].mean(axis=1)  # two units per patient
    low, high = np.percentile(values, [2.5, 97.5])
    width = high - low
    assert found.low == pytest.approx(low, abs=0.15 * width)
    assert found.high == pytest.approx(high, abs=0.15 * width)
    assert found.method == "percentile"


def test_unknown_labels_are_left_out_by_hand():
    """Three units, two findings: 5 known labels, of which 2 are decided wrongly.

    Units 0 and 2 have all labels; unit 0 is right on both, unit 2 on one.
    """
    labels = [[1, 0], [1, np.nan], [0, 1]]
    decisions = [[1, 0], [0, 1], [1, 1]]
    loss = cxr.hamming_loss(labels, decisions, replicates=100)
    assert loss.value == pytest.approx(2 / 5)
    assert cxr.subset_accuracy(labels, decisions, replicates=100).value == pytest.approx(1 / 2)
    assert (loss.method, np.isnan(loss.low)) == ("too few patients", True)


@pytest.mark.parametrize(
    ("labels", "scores", "more", "message"),
    [
        ([1, 0], [1, 0], {}, r"`y_true` must be \(N, F\)"),
        ([[1, 2]], [[1, 0]], {}, "`y_true` must be 1, 0 or missing. Received: 2"),
        ([[1, 0]], [[1, 0, 1]], {}, r"`y_score` must be \(1, 2\), as `y_true`"),
        ([[1, 0]], [[1, np.nan]], {}, "`y_score` must be finite numbers"),
        (
            [[1, 0]],
            [[1, 0]],
            {"threshold": [1, 2, 3]},
            r"`threshold` must be one finite number, or",
        ),
        ([[1, 0]], [[1, 0]], {"groups": ["a", "b"]}, "`groups` must have 1 values"),
        ([["x", 0]], [[1, 0]], {}, "`y_true` must be numbers"),
    ],
)
def test_wrong_arrays_are_one_line(labels, scores, more, message):
    for metric in (cxr.hamming_loss, cxr.subset_accuracy):
        with pytest.raises(cxr.InputError, match=message):
            metric(labels, scores, **more)
