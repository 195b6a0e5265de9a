"""Wilson intervals of proportions."""

import numpy as np
import pytest
from scipy.stats import binomtest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.estimates.proportions import wilson

FEW = Options(replicates=200)


def test_wilson_where_every_patient_has_one_study(make_bench, row):
    bench = make_bench(per_patient=1)
    path = bench.model("net", 0.7)
    found = compare([path], bench.standard(), options=FEW)
    called = bench.scores(path)[:, 0] >= 0.5
    label = bench.labels["test"][:, 0] == 1
    one = row(found.metrics, model="net", seed="all", finding="Atelectasis", metric="sensitivity")
    found_of = binomtest(int((called & label).sum()), int(label.sum()))
    expected = found_of.proportion_ci(method="wilson")
    assert one["method"] == "wilson at the threshold 0.5, not chosen"
    np.testing.assert_allclose([one["low"], one["high"]], [expected.low, expected.high])
    clustered = make_bench(per_patient=3)
    found = compare([clustered.model("net", 0.7)], clustered.standard(), options=FEW)
    one = row(found.metrics, model="net", seed="all", finding="Edema", metric="sensitivity")
    assert one["method"] == "t-test over patients, logit at the threshold 0.5, not chosen"


def test_wilson_by_hand(make_panel):
    # 1 of 4 positives is called: .0456 to .6994 for z = 1.96
    panel = make_panel([[1], [1], [1], [1], [0]], {"a": [[0.9], [0.1], [0.1], [0.1], [0.1]]})
    low, high = wilson(panel, 0, "sensitivity", 0.95)
    assert (low[0], high[0]) == pytest.approx((0.0456, 0.6994), abs=1e-4)


def test_of_several_units_per_patient_only_0_and_1_have_an_interval_of_patients(make_panel):
    labels, scores = np.ones((10, 2)), np.full((10, 2), 0.9)
    scores[0, 1] = 0.1
    panel = make_panel(labels, {"a": scores}, patients=np.arange(10) // 2)
    low, high = wilson(panel, 0, "sensitivity", 0.95)
    # all ten units are called, of five patients: 5 of 5 is .5655 to 1
    assert (low[0], high[0]) == pytest.approx((0.5655, 1), abs=1e-4)
    assert np.isnan([low[1], high[1]]).all()


def test_without_a_threshold_there_is_no_interval(make_panel):
    panel = make_panel([[1], [0]], {"a": [[0.9], [0.1]]}, thresholds=np.nan)
    assert np.isnan(wilson(panel, 0, "accuracy", 0.95)).all()
