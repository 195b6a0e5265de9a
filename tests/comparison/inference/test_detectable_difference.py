"""The minimum detectable difference."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.evaluation.auroc import delong

FEW = Options(replicates=200)


def test_the_minimum_detectable_difference_by_hand(bench, row):
    paths = [bench.model("a", 0.4), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(), options=FEW)
    one = row(found.differences, finding="mean", metric="auroc")
    # half of alpha is for the mean of the one pair, so its level is 97.5 %: (2.241403 + 0.841621)
    # standard errors, of which the 95 % interval spans 2 * 1.959964, or slightly more by Student's
    # distribution
    expected = (2.241403 + 0.841621) * (one["high"] - one["low"]) / (2 * 1.959964)
    resolution = row(found.resolution, finding="mean", metric="auroc")
    assert resolution["minimum_detectable_difference"] == pytest.approx(expected, rel=0.02)
    assert (resolution["power"], resolution["level"]) == (0.8, pytest.approx(0.975))
    # the other half is for three findings and the micro-average
    of_finding = row(found.resolution, finding="Edema", metric="auroc")
    assert of_finding["level"] == pytest.approx(1 - 0.025 / 4)
    assert row(found.sample_size, finding="mean")["level"] == pytest.approx(0.975)
    assert row(found.sample_size, finding="Edema")["level"] == pytest.approx(1 - 0.025 / 4)


def test_one_model_is_compared_with_an_assumed_second(make_bench, row):
    bench = make_bench(per_patient=1)
    path = bench.model("a", 0.5)
    found = compare([path], bench.standard(), options=FEW)
    resolution = row(found.resolution, finding="Edema", metric="auroc")
    assert resolution["basis"] == "one model and an assumed second one, correlation 0.5"
    # Var(a - b) = 2 (1 - 1/2) Var(a), so its standard error is that of the model
    areas = delong.delong(bench.labels["test"][:, 1], bench.scores(path)[None, :, 1])
    error = np.sqrt(areas.covariance[0, 0])
    expected = (1.959964 + 0.841621) * error
    assert resolution["minimum_detectable_difference"] == pytest.approx(expected, rel=1e-5)


def test_identical_models_have_no_detectable_difference(bench, row):
    path = bench.model("a", 0.5)
    copy = bench.table("b", bench.scores(path))
    found = compare([path, copy], bench.standard(), options=FEW)
    resolution = row(found.resolution, finding="mean", metric="auroc")
    assert np.isnan(resolution["minimum_detectable_difference"])
    assert resolution["basis"] == "one pair"


def test_the_mean_and_the_pooled_findings_come_first(bench):
    paths = [bench.model(name, 0.5) for name in "abc"]
    found = compare(paths, bench.standard(), options=FEW).resolution
    assert found["finding"].tolist() == ["mean", "micro", *bench.findings]
    assert set(found["basis"]) == {"median over 3 pairs"}
