"""Net benefit: by hand, against its definition and dcurves, and simulated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxrcompare.evaluation.probabilities import net_benefit


def sample(rng, units=300, models=2, per_patient=1, shift=0.0):
    """Returns labels, probabilities (M, N) of equally good models, and patients."""
    patients = np.arange(units) // per_patient
    signal = rng.normal(size=units // per_patient)[patients] + 0.5 * rng.normal(size=units)
    labels = (rng.random(units) < 1 / (1 + np.exp(1.5 - signal))).astype(float)
    noise = 0.8 * rng.normal(size=(models, units))
    return labels, 1 / (1 + np.exp(1.5 - signal - noise - shift)), patients


def estimated(labels, probabilities, patients, architectures, threshold, paired=True):
    made = net_benefit.Sample(labels, probabilities, patients, architectures)
    return net_benefit.estimate(made, threshold, paired)


def compared(labels, probabilities, patients, threshold=0.2):
    """Returns value, limits and p-value of the first two models' difference."""
    found = estimated(labels, probabilities, patients, [[0], [1]], threshold)
    one = net_benefit.differences(found, np.array([0]), np.array([1]))
    return np.array([part[0] for part in vars(one).values()])


def worths(labels, probability, threshold):
    return np.where(labels == 1, 1, -threshold / (1 - threshold)) * (probability >= threshold)


def test_by_hand():
    # at 0.2 a false positive costs 0.2 / 0.8 = 1/4 of a true positive; called: .9 .2 (2 TP), .5
    # (1 FP) of 5 units with a label: (2 - 1/4) / 5 = 0.35; all: (3 - 2/4) / 5 = 0.5
    labels = np.array([1, 1, 1, 0, 0, np.nan])
    probabilities = np.array([0.9, 0.2, 0.1, 0.5, 0.19, 0.9])
    assert net_benefit.net_benefit(labels, probabilities, 0.2) == pytest.approx(0.35)
    found = estimated(labels, probabilities[None], np.arange(6), [[0]], 0.2)
    assert found.value[0] == pytest.approx(0.35)
    assert found.treat_all == pytest.approx(0.5)
    assert found.standardised[0] == pytest.approx(0.35 / 0.6)
    assert np.isnan(net_benefit.net_benefit(labels[5:], probabilities[5:], 0.2))


@pytest.mark.parametrize("threshold", [0.01, 0.1, 0.2, 0.5, 0.9])
def test_equals_the_definition_and_the_variance_of_a_mean(threshold):
    labels, probabilities, patients = sample(np.random.default_rng(0), per_patient=3)
    found = estimated(labels, probabilities, patients, [[0], [1]], threshold)
    for a, probability in enumerate(probabilities):
        tp = sum(p >= threshold and y == 1 for p, y in zip(probability, labels, strict=True))
        fp = sum(p >= threshold and y == 0 for p, y in zip(probability, labels, strict=True))
        expected = tp / 300 - fp / 300 * threshold / (1 - threshold)
        assert found.value[a] == pytest.approx(expected, abs=1e-12)
        worth = worths(labels, probability, threshold)
        sums = np.array([(worth - expected)[patients == one].sum() for one in range(100)])
        variance = 100 / 99 * np.sum(sums**2) / 300**2
        assert found.covariance[a, a] == pytest.approx(variance, rel=1e-9)
    single = estimated(labels, probabilities, patients, [[0], [1]], threshold, paired=False)
    for name in ("covariance", "parts"):
        own, pair = getattr(single, name), getattr(found, name)
        diagonals = [np.diagonal(one, axis1=-2, axis2=-1) for one in (own, pair)]
        assert diagonals[0] == pytest.approx(diagonals[1], abs=1e-15)
    values = [worths(labels, one, threshold) for one in probabilities]
    centred = [
        np.array([(one - one.mean())[patients == who].sum() for who in range(100)])
        for one in values
    ]
    expected = 100 / 99 * (centred[0] @ centred[1]) / 300**2
    assert found.covariance[0, 1] == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("threshold", [0.01, 0.1, 0.2, 0.5, 0.9])
def test_equals_the_formulas_of_dcurves(threshold):
    # dcurves: true positive rate = P(risk >= t | event) P(event), false positive rate likewise;
    # net benefit = tpr - t / (1 - t) fpr; standardised: over P(event)
    labels, probabilities, _ = sample(np.random.default_rng(5))
    found = estimated(labels, probabilities[:1], np.arange(300), [[0]], threshold)
    event = labels.mean()
    true = (probabilities[0][labels == 1] >= threshold).mean() * event
    false = (probabilities[0][labels == 0] >= threshold).mean() * (1 - event)
    benefit = true - threshold / (1 - threshold) * false
    assert found.value[0] == pytest.approx(benefit, abs=1e-9)
    assert found.standardised[0] == pytest.approx(benefit / event, abs=1e-9)
    everyone = event - threshold / (1 - threshold) * (1 - event)
    assert found.treat_all == pytest.approx(everyone, abs=1e-9)


def test_equals_dcurves():
    dcurves = pytest.importorskip("dcurves")
    labels, probabilities, _ = sample(np.random.default_rng(1))
    thresholds = [0.05, 0.1, 0.2, 0.5]
    frame = pd.DataFrame({"label": labels, "model": probabilities[0]})
    table = dcurves.dca(data=frame, outcome="label", modelnames=["model"], thresholds=thresholds)
    for threshold in thresholds:
        at = table[np.isclose(table["threshold"], threshold)].set_index("model")["net_benefit"]
        found = estimated(labels, probabilities, np.arange(300), [[0]], threshold)
        assert found.value[0] == pytest.approx(at["model"], abs=1e-9)
        assert found.treat_all == pytest.approx(at["all"], abs=1e-9)


def test_order_and_doubled_units_of_patients_do_not_matter():
    labels, probabilities, patients = sample(np.random.default_rng(2), 200)
    one = compared(labels, probabilities, patients)
    order = np.random.default_rng(3).permutation(400)
    twice = compared(
        np.tile(labels, 2)[order],
        np.tile(probabilities, 2)[:, order],
        np.tile(patients, 2)[order],
    )
    assert twice == pytest.approx(one)


def test_the_same_decisions_are_equal_and_seeds_add_their_variance():
    labels, probabilities, patients = sample(np.random.default_rng(4), models=5)
    same = np.stack([probabilities[0], np.clip(probabilities[0] ** 1.0, 0, 1)])
    value, low, high, p_value = compared(labels, same, patients)
    assert (value, p_value) == (0, 1)
    assert np.isnan([low, high]).all()
    many = estimated(labels, probabilities, patients, [[0, 1], [2, 3, 4]], 0.2)
    values = net_benefit.net_benefit(labels, probabilities, 0.2)
    assert many.value[1] == pytest.approx(values[2:].mean())
    assert many.seed_variance[1] == pytest.approx(values[2:].var(ddof=1))
    two = net_benefit.differences(many, np.array([0]), np.array([1]))
    assert np.isnan(two.p_value[0])  # two seeds
    three = net_benefit.intervals(many)
    half = (three.high - three.low)[1] / 2
    assert half > 1.96 * np.sqrt(many.covariance[1, 1] + many.seed_variance[1] / 3)


def test_the_interval_is_students_where_one_class_decides():
    labels, _, patients = sample(np.random.default_rng(5), 60)
    found = estimated(labels, np.ones((1, 60)), patients, [[0]], 0.5)
    one = net_benefit.intervals(found)
    error = np.sqrt(found.covariance[0, 0])
    wide = (one.high - one.low)[0] / 2 / error
    assert 1.96 < wide <= stats.t.ppf(0.975, min(found.patients) - 1)


@pytest.mark.parametrize(("units", "per_patient"), [(200, 1), (600, 3)])
def test_intervals_cover_and_the_paired_test_keeps_its_level(units, per_patient):
    rng = np.random.default_rng(6)
    labels, probabilities, _ = sample(rng, 600_000, 1, per_patient)
    truth = {t: net_benefit.net_benefit(labels, probabilities[0], t) for t in (0.1, 0.3)}
    for threshold in (0.1, 0.3):
        covered = rejected = 0
        for _ in range(400):
            found = estimated(*sample(rng, units, 2, per_patient), [[0], [1]], threshold)
            one = net_benefit.intervals(found)
            covered += one.low[0] <= truth[threshold] <= one.high[0]
            pair = net_benefit.differences(found, np.array([0]), np.array([1]))
            rejected += pair.p_value[0] < 0.05
        assert 0.92 <= covered / 400 <= 0.98
        assert rejected / 400 <= 0.075
