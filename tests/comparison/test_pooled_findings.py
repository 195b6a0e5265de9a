"""Differences pooled over findings in a comparison: rows, covariance, what is left out."""

import dataclasses

import numpy as np
import pytest

from cxrcompare.comparison import pooled_findings
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.pooling import partial_pooling

FEW = Options(replicates=100)


def test_the_posterior_is_that_of_the_differences_and_their_covariance(make_bench, row, rows):
    bench = make_bench(studies=400)
    paths = [bench.model(name, noise) for name, noise in (("a", 0.3), ("b", 1.0))]
    result = compare(paths, bench.standard(), options=FEW)
    table = result.partial_pooling
    assert table["finding"].tolist() == ["mean", *bench.findings]
    plain = rows(result.differences, metric="auroc").set_index("finding")["difference"]
    for finding in bench.findings:
        one = row(table, finding=finding)
        assert one["difference"] == pytest.approx(plain[finding])
        total = one[
            [
                "probability_a_better_by_margin",
                "probability_b_better_by_margin",
                "probability_within_margin",
            ]
        ].sum()
        assert total == pytest.approx(1)
        assert one["probability_a_better"] > one["probability_a_better_by_margin"]
    # pooled estimates are closer together than the plain ones
    single = table[table["finding"] != "mean"]
    assert np.ptp(single["pooled"]) < np.ptp(single["difference"])
    scores = np.stack([bench.scores(path) for path in paths])
    labels, patients = bench.labels["test"], np.arange(400) // 2
    variances = []
    for f in range(3):
        found = auroc_tests.estimate(
            labels[:, [f]], scores[:, :, [f]], patients, [[0], [1]], np.array([True])
        ).covariance[0]
        variances.append(found[0, 0] + found[1, 1] - 2 * found[0, 1])
    alone = partial_pooling.posterior(
        single["difference"].to_numpy(), np.diag(variances), FEW.pooling_scale
    )
    # the findings of this bench are independent, so their covariance is nearly diagonal
    assert single["pooled"].to_numpy() == pytest.approx(alone.mean[:3], abs=0.004)


def test_the_scale_of_the_prior_is_an_option(make_panel):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (100, 3)) * 1.0
    panel = make_panel(labels, {name: rng.uniform(size=(100, 3)) for name in "ab"})
    widths = []
    for scale in (0.001, 0.05, 0.0):  # 0 is a flat prior
        found = pooled_findings.rows(panel, dataclasses.replace(FEW, pooling_scale=scale))
        widths.append(np.ptp([row.pooled for row in found[1:]]))
    assert widths[0] < widths[1] < widths[2]


def test_seeds_widen_the_posterior_and_two_are_left_out(make_panel):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, (150, 3)) * 1.0
    scores = {f"a__seed{s}": 0.3 * labels + rng.uniform(size=(150, 3)) for s in range(3)}
    scores["b"] = rng.uniform(size=(150, 3))
    (mean, *_) = pooled_findings.rows(make_panel(labels, scores), FEW)
    assert mean.low < mean.pooled < mean.high
    del scores["a__seed2"]
    assert pooled_findings.rows(make_panel(labels, scores), FEW) == []


def test_too_few_findings_identical_networks_or_many_pairs_are_not_pooled(make_panel):
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, (100, 3)) * 1.0
    same = rng.uniform(size=(100, 3))
    assert pooled_findings.rows(make_panel(labels, {"a": same, "b": same}), FEW) == []
    two = {name: rng.uniform(size=(100, 2)) for name in "ab"}
    assert pooled_findings.rows(make_panel(labels[:, :2], two), FEW) == []
    many = {f"m{n}": rng.uniform(size=(100, 3)) for n in range(11)}
    assert pooled_findings.rows(make_panel(labels, many), FEW) == []
