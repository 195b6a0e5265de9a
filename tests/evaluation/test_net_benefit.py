"""Net benefit: by hand, against its definition and dcurves, and simulated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxrcompare.evaluation import net_benefit


def sample(rng, units=300, models=2, per_patient=1, shift=0.0):
    """Returns labels, probabilities (M, N) of equally good models, and patients."""
    patients = np.arange(units) // per_patient
    signal = rng.normal(size=units // per_patient)[patients] + 0.5 * rng.normal(size=units)
    labels = (rng.random(units) < 1 / (1 + np.exp(1.5 - signal))).astype(float)
    noise = 0.8 * rng.normal(size=(models, units))
    return labels, 1 / (1 + np.exp(1.5 - signal - noise - shift)), patients


def test_by_hand():
    # at 0.2 a false positive costs 0.2 / 0.8 = 1/4 of a true positive; called: .9 .2 (2 TP), .5
    # (1 FP) of 5 units with a label: (2 - 1/4) / 5 = 0.35; all: (3 - 2/4) / 5 = 0.5
    labels = np.array([1, 1, 1, 0, 0, np.nan])
    probabilities = np.array([0.9, 0.2, 0.1, 0.5, 0.19, 0.9])
    assert net_benefit.net_benefit(labels, probabilities, 0.2) == pytest.approx(0.35)
    found = net_benefit.estimate(labels, probabilities[None], np.arange(6), [[0]], 0.2)
    assert found.value[0] == pytest.approx(0.35)
    assert found.treat_all == pytest.approx(0.5)
    assert found.standardised[0] == pytest.approx(0.35 / 0.6)
    assert np.isnan(net_benefit.net_benefit(labels[5:], probabilities[5:], 0.2))


@pytest.mark.parametrize("threshold", [0.01, 0.1, 0.2, 0.5, 0.9])
def test_equals_the_definition_and_the_variance_of_a_mean(threshold):
    labels, probabilities, patients = sample(np.random.default_rng(0), per_patient=3)
    found = net_benefit.estimate(labels, probabilities, patients, [[0], [1]], threshold)
    for a, probability in enumerate(probabilities):
        tp = sum(p >= threshold and y == 1 for p, y in zip(probability, labels, strict=True))
        fp = sum(p >= threshold and y == 0 for p, y in zip(probability, labels, strict=True))
        expected = tp / 300 - fp / 300 * threshold / (1 - threshold)
        assert found.value[a] == pytest.approx(expected, abs=1e-12)
        worth = np.where(labels == 1, 1, -threshold / (1 - threshold)) * (probability >= threshold)
        sums = np.array([(worth - expected)[patients == one].sum() for one in range(100)])
        variance = 100 / 99 * np.sum(sums**2) / 300**2
        assert found.covariance[a, a] == pytest.approx(variance, rel=1e-9)


def test_equals_dcurves():
    dcurves = pytest.importorskip("dcurves")
    labels, probabilities, _ = sample(np.random.default_rng(1))
    thresholds = [0.05, 0.1, 0.2, 0.5]
    frame = pd.DataFrame({"label": labels, "model": probabilities[0]})
    table = dcurves.dca(data=frame, outcome="label", modelnames=["model"], thresholds=thresholds)
    for threshold in thresholds:
        at = table[np.isclose(table["threshold"], threshold)].set_index("model")["net_benefit"]
        found = net_benefit.estimate(labels, probabilities, np.arange(300), [[0]], threshold)
        assert found.value[0] == pytest.approx(at["model"], abs=1e-9)
        assert found.treat_all == pytest.approx(at["all"], abs=1e-9)


def test_order_and_doubled_units_of_patients_do_not_matter():
    labels, probabilities, patients = sample(np.random.default_rng(2), 200)
    one = net_benefit.difference(
        net_benefit.estimate(labels, probabilities, patients, [[0], [1]], 0.2), 0, 1
    )
    order = np.random.default_rng(3).permutation(400)
    twice = net_benefit.difference(
        net_benefit.estimate(
            np.tile(labels, 2)[order],
            np.tile(probabilities, 2)[:, order],
            np.tile(patients, 2)[order],
            [[0], [1]],
            0.2,
        ),
        0,
        1,
    )
    assert list(vars(twice).values()) == pytest.approx(list(vars(one).values()))


def test_the_same_decisions_are_equal_and_seeds_add_their_variance():
    labels, probabilities, patients = sample(np.random.default_rng(4), models=5)
    same = np.stack([probabilities[0], np.clip(probabilities[0] ** 1.0, 0, 1)])
    found = net_benefit.difference(
        net_benefit.estimate(labels, same, patients, [[0], [1]], 0.2), 0, 1
    )
    assert (found.value, found.p_value) == (0, 1)
    assert np.isnan([found.low, found.high]).all()
    many = net_benefit.estimate(labels, probabilities, patients, [[0, 1], [2, 3, 4]], 0.2)
    values = net_benefit.net_benefit(labels, probabilities, 0.2)
    assert many.value[1] == pytest.approx(values[2:].mean())
    assert many.seed_variance[1] == pytest.approx(values[2:].var(ddof=1))
    assert np.isnan(net_benefit.difference(many, 0, 1).p_value)  # two seeds


def test_the_interval_is_students_where_one_class_decides():
    labels, _, patients = sample(np.random.default_rng(5), 60)
    found = net_benefit.estimate(labels, np.ones((1, 60)), patients, [[0]], 0.5)
    one = net_benefit.interval(found, 0)
    error = np.sqrt(found.covariance[0, 0])
    wide = (one.high - one.low) / 2 / error
    assert 1.96 < wide <= stats.t.ppf(0.975, min(found.patients) - 1)


@pytest.mark.parametrize(("units", "per_patient"), [(200, 1), (600, 3)])
def test_intervals_cover_and_the_paired_test_keeps_its_level(units, per_patient):
    rng = np.random.default_rng(6)
    labels, probabilities, _ = sample(rng, 600_000, 1, per_patient)
    truth = {t: net_benefit.net_benefit(labels, probabilities[0], t) for t in (0.1, 0.3)}
    for threshold in (0.1, 0.3):
        covered = rejected = 0
        for _ in range(400):
            found = net_benefit.estimate(*sample(rng, units, 2, per_patient), [[0], [1]], threshold)
            one = net_benefit.interval(found, 0)
            covered += one.low <= truth[threshold] <= one.high
            rejected += net_benefit.difference(found, 0, 1).p_value < 0.05
        assert 0.92 <= covered / 400 <= 0.98
        assert rejected / 400 <= 0.075
