"""Quantities at a site: by hand, against reweighted samples, and the coverage of the intervals."""

import numpy as np
import pytest

from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.thresholds.site_rates import QUANTITIES, Costs, Estimated, at_site

NAN = float("nan")


def test_by_hand():
    # 1,000 patients, 100 with the finding: 80 flagged, 20 missed; 90 of 900 false alarms
    exact = [Estimated(value, value, value) for value in (0.8, 0.9)]
    found = at_site(*exact, 0.0, 0.1, Costs(2.0, 30.0))
    assert found["flags"].value == pytest.approx(170)
    assert found["missed"].value == pytest.approx(20)
    assert found["false_alarms"].value == pytest.approx(90)
    assert found["ppv"].value == pytest.approx(80 / 170)
    assert found["npv"].value == pytest.approx(810 / 830)
    assert found["number_needed_to_evaluate"].value == pytest.approx(170 / 80)
    assert found["cost"].value == pytest.approx(2 * 90 + 30 * 20)
    for one in found.values():
        assert one.low == pytest.approx(one.value)
        assert one.high == pytest.approx(one.value)


def test_edges_and_missing_intervals_stay_in_range():
    perfect = at_site(Estimated(1.0, 0.9, 1.0), Estimated(1.0, 0.95, 1.0), 0.0, 0.01)
    assert perfect["ppv"].value == 1
    assert 0 <= perfect["ppv"].low < 0.5
    assert perfect["number_needed_to_evaluate"].low == 1
    none = at_site(Estimated(0.0, 0.0, 0.1), Estimated(0.9, 0.8, 0.95), 0.0, 0.1)
    assert none["ppv"].value == 0
    assert none["number_needed_to_evaluate"].value == np.inf
    blank = at_site(Estimated(0.8, NAN, NAN), Estimated(0.9, NAN, NAN), 0.0, 0.1)
    assert blank["ppv"].value == pytest.approx(80 / 170)
    assert np.isnan(blank["ppv"].low)


def test_the_value_is_that_of_a_test_set_reweighted_to_the_prevalence():
    rng = np.random.default_rng(0)
    label, call = rng.random(5000) < 0.4, rng.random(5000) < 0.5
    call |= label & (rng.random(5000) < 0.5)
    weight = np.where(label, 0.03 / label.mean(), 0.97 / (1 - label.mean()))
    sensitivity, specificity = call[label].mean(), 1 - call[~label].mean()
    exact = [Estimated(value, value, value) for value in (sensitivity, specificity)]
    found = at_site(*exact, 0.0, 0.03)
    assert found["ppv"].value == pytest.approx(np.average(label[call], weights=weight[call]))
    assert found["npv"].value == pytest.approx(np.average(~label[~call], weights=weight[~call]))
    assert found["flags"].value == pytest.approx(1000 * np.average(call, weights=weight))


COSTS = Costs(1.0, 8.0)


def test_intervals_cover_at_another_prevalence():
    rng = np.random.default_rng(1)
    sensitivity, specificity, positives, negatives = 0.8, 0.9, 60, 240
    truth = at_site(*(Estimated(v, v, v) for v in (sensitivity, specificity)), 0, 0.05, COSTS)
    hits = dict.fromkeys(truth, 0)
    rounds = 2000
    for _ in range(rounds):
        rates = []
        for rate, count in ((sensitivity, positives), (specificity, negatives)):
            right = rng.binomial(count, rate)
            low, high = intervals.wilson(np.array(right), np.array(count))
            rates.append(Estimated(right / count, float(low), float(high)))
        for name, one in at_site(*rates, 0.0, 0.05, COSTS).items():
            hits[name] += one.low <= truth[name].value <= one.high
    assert set(hits) == set(QUANTITIES)
    for name, count in hits.items():
        assert 0.93 <= count / rounds <= 0.97, name


def test_correlated_rates_have_the_variance_of_replicates():
    rng = np.random.default_rng(2)
    drawn = rng.multivariate_normal([0.8, 0.9], 1e-4 * np.array([[4, -1.2], [-1.2, 1]]), 200_000)
    ends = [Estimated(v, v - 1.96 * s, v + 1.96 * s) for v, s in ((0.8, 0.02), (0.9, 0.01))]
    found = at_site(*ends, -0.6, 0.2, Costs(1.0, 8.0))
    flags = 200 * drawn[:, 0] + 800 * (1 - drawn[:, 1])
    cost = 800 * (1 - drawn[:, 1]) + 8 * 200 * (1 - drawn[:, 0])
    ppv = 200 * drawn[:, 0] / flags
    for name, values in (("flags", flags), ("cost", cost), ("ppv", ppv)):
        width = np.diff(np.quantile(values, [0.025, 0.975]))[0]
        assert found[name].high - found[name].low == pytest.approx(width, rel=0.03)
