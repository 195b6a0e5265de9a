"""Intervals: their method, their range, and what the limits of the range leave unchanged."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.saving import write
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.auroc import delong

FEW = Options(replicates=200)
FREE = ("calibration_slope", "calibration_intercept")
ROUNDING = 1e-12


def unlike_seeds(bench, seeds):
    """Returns networks one of whose seeds learnt a lot, and another little."""
    noise = (0.2, 3.0, 0.6)
    several = [bench.model(f"a__seed{seed}", noise[seed]) for seed in range(seeds)]
    return [*several, *(bench.model(f"b__seed{seed}", 1.0) for seed in range(seeds))]


def outside(frame, value, span):
    ends = np.array([span(metric) for metric in frame["metric"]])
    low, high = frame["low"].to_numpy(), frame["high"].to_numpy()
    out = (low < ends[:, 0]) | (high > ends[:, 1])
    lost = (low > frame[value] + ROUNDING) | (high < frame[value] - ROUNDING)
    return frame[out | lost]


@pytest.mark.parametrize("seeds", [2, 3])
def test_every_interval_lies_in_its_metrics_range_and_holds_its_value(make_bench, tmp_path, seeds):
    bench = make_bench(studies=160)
    options = Options(replicates=400, margin=0.05)
    write(compare(unlike_seeds(bench, seeds), bench.standard(), options=options), tmp_path)
    found = pd.read_csv(tmp_path / "metrics.csv")
    assert set(metrics.SCORE_METRICS + metrics.RATE_METRICS) < set(found["metric"])
    ranged = found[~found["metric"].isin(FREE)]
    assert outside(ranged, "value", metrics.span).empty
    assert ((ranged["low"] == 0) | (ranged["high"] == 1)).any()  # seed noise leads out of it
    for table in ("differences", "against_trivial", "non_inferiority", "analytic"):
        frame = pd.read_csv(tmp_path / f"{table}.csv")
        frame = frame if "metric" in frame else frame.assign(metric="auroc")
        assert outside(frame, "difference", metrics.difference_span).empty, table


def test_p_values_and_ranks_are_those_of_the_noise_as_it_is(bench, monkeypatch):
    paths, standard = unlike_seeds(bench, 2), bench.standard()
    options = Options(replicates=300)
    cut = compare(paths, standard, options=options)
    monkeypatch.setattr(metrics, "span", lambda metric: (-np.inf, np.inf))
    monkeypatch.setattr(metrics, "difference_span", lambda metric: (-np.inf, np.inf))
    free = compare(paths, standard, options=options)
    assert (free.differences["high"] - free.differences["low"]).max() > 2
    for name in ("p_value", "p_adjusted", "verdict"):
        pd.testing.assert_series_equal(cut.differences[name], free.differences[name])
    pd.testing.assert_frame_equal(cut.ranks, free.ranks)
    pd.testing.assert_frame_equal(cut.resolution, free.resolution)


def test_an_interval_of_delongs_test_stays_in_range():
    # Pairs won: .9 .9 .7 against .8 .1 .1, so 3/4; .8 against .2, so 1/4. The difference is 1/2.
    labels = np.array([1.0, 1.0, 0.0, 0.0])
    scores = np.array([[0.9, 0.7, 0.8, 0.1], [0.1, 0.8, 0.2, 0.9]])
    found = delong.paired(delong.delong(labels, scores), 0, 1, 0.99)
    assert found.difference == 0.5
    assert found.difference + 2.5 * found.standard_error > 1
    assert -1 <= found.low < 0.5
    assert found.high == 1


def test_replicates_with_one_class_are_left_out_and_counted(make_bench, row):
    bench = make_bench(studies=60, per_patient=1)
    labels = bench.labels["test"].copy()
    labels[:, 0] = 0
    labels[:2, 0] = 1
    found = compare([bench.model("net", 0.7)], bench.standard(labels=labels), options=FEW)
    # without both of two positives among 60: (58/60)^60 = .13 of the replicates
    lost = found.degenerate_replicates["Atelectasis"]
    assert 10 < lost < 50
    assert found.protocol["degenerate_replicates"] >= lost
    one = row(found.metrics, model="net", seed="all", finding="Atelectasis", metric="auroc")
    assert 0 <= one["value"] <= 1
    assert np.isnan(one["low"])
    assert np.isnan(one["high"])
    assert one["method"] == "too few patients"
    assert {"few_positives", "not_in_mean"} <= set(found.warnings["code"])
    mean = row(found.metrics, model="net", seed="all", finding="mean", metric="auroc")
    rest = found.metrics.query("seed == 'all' and metric == 'auroc' and model == 'net'")
    others = rest[~rest["finding"].isin(["Atelectasis", "mean", "micro"])]["value"]
    assert mean["value"] == pytest.approx(others.mean())
    assert mean["defined"] == len(others)


def test_the_ece_interval_is_basic_and_holds_the_value(bench, row):
    found = compare([bench.model("net", 0.7)], bench.standard(), options=FEW)
    one = row(found.metrics, model="net", seed="all", finding="Edema", metric="ece")
    assert one["method"] == "basic"
    assert 0 <= one["low"] <= one["value"] <= one["high"]
    whole = row(found.metrics, model="net", seed="all", finding="mean", metric="subset_accuracy")
    same = row(found.metrics, model="net", seed="all", finding="micro", metric="subset_accuracy")
    assert whole["value"] == same["value"]
