"""Ranks, tie groups and the probability of being best."""

import numpy as np
import pytest
from scipy import stats

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.ranks import ranks
from cxrcompare.comparison.row_types.main_rows import DifferenceRow
from cxrcompare.evaluation.influence.influence_estimates import Estimates

FEW = Options(replicates=200)


def test_identical_models_cannot_be_told_apart(make_bench, row, rows):
    bench = make_bench(studies=200, per_patient=1)
    path = bench.model("a", 0.7)
    copy = bench.table("b", bench.scores(path))
    found = compare([path, copy], bench.standard(), options=FEW)
    for one in rows(found.differences, finding="mean").itertuples():
        assert (one.difference, one.low, one.high) == (0, 0, 0)
        assert np.isnan(one.p_value) if "not chosen" in one.method else one.p_value == 1
    assert rows(found.warnings, code="identical")["finding"].tolist() == list(bench.findings)
    ranks = rows(found.ranks, metric="auroc")
    assert set(ranks["tie_group"]) == {"a"}
    assert ranks["probability_best"].tolist() == [0.5, 0.5]


def test_ranks_and_tie_groups_say_what_the_adjusted_tests_say(make_bench, rows):
    bench = make_bench(studies=200, per_patient=1)
    paths = [
        bench.model(name, noise)
        for name, noise in (("w", 0.3), ("x", 0.5), ("y", 1.2), ("z", 20.0))
    ]
    found = compare(paths, bench.standard(), options=Options(replicates=500))
    for metric in ("auroc", "brier", "auprc"):
        sign = -1 if metric == "brier" else 1
        ranks = rows(found.ranks, metric=metric).set_index("model")
        tests = rows(found.differences, metric=metric, finding="mean")
        better = dict.fromkeys("wxyz", 0)
        worse = dict(better)
        for one in tests.itertuples():
            shared = set(ranks["tie_group"][one.model_a]) & set(ranks["tie_group"][one.model_b])
            assert bool(shared) == (one.p_adjusted >= 0.05)
            if one.p_adjusted < 0.05:
                wins = sign * one.difference > 0
                better[one.model_b if wins else one.model_a] += 1
                worse[one.model_a if wins else one.model_b] += 1
        for name in "wxyz":
            assert ranks["low"][name] == 1 + better[name]
            assert ranks["high"][name] == 4 - worse[name]
            assert ranks["low"][name] <= ranks["rank"][name] <= ranks["high"][name]
        assert ranks["probability_best"].sum() == pytest.approx(1)
        values = rows(found.metrics, metric=metric, finding="mean", seed="all", subgroup="")
        values = values[values["model"].isin(list("wxyz"))].set_index("model")["value"]
        order = (sign * values).sort_values(ascending=False).index.tolist()
        assert ranks["rank"].sort_values().index.tolist() == order
    assert [model["name"] for model in found.models][:4] == rows(found.ranks, metric="auroc")[
        "model"
    ].tolist()


def by_hand(metric, point, better):
    """Returns the ranks of a, b and c of which `better` is the one significant pair.

    The standard errors are 0.1 and independent.
    """
    values = np.repeat(np.array(point)[:, None], 3, axis=1)
    variance = np.tile(0.01 * np.eye(3), (3, 1, 1))
    estimates = Estimates(
        values,
        np.ones(3, dtype=int),
        np.zeros((3, 3)),
        variance,
        variance[:2, None],
        np.full((2, 1), 50),
        50,
        np.array([True]),
    )
    blank = DifferenceRow(*[""] * len(DifferenceRow._fields))
    blank = blank._replace(metric=metric, finding="mean")
    word = "b_better" if metric == "brier" else "a_better"
    rows = [
        blank._replace(
            model_a=first,
            model_b=second,
            verdict=word if (first, second) == better else "undecided",
        )
        for first, second in ("ab", "ac", "bc")
    ]
    return {row.model: row for row in ranks(list("abc"), {metric: estimates}, rows)}


def test_ranks_by_hand():
    found = by_hand("auroc", [0.9, 0.8, 0.7], ("a", "c"))
    assert [found[name].rank for name in "abc"] == [1, 2, 3]
    # only a is better than c: a is 1st or 2nd, b anywhere, c 2nd or 3rd
    assert [(found[name].low, found[name].high) for name in "abc"] == [(1, 2), (1, 3), (2, 3)]
    assert [found[name].tie_group for name in "abc"] == ["a", "ab", "b"]
    # P(a > b and a > c) with independent normal errors: an integral over the error of a
    x = np.linspace(-0.6, 0.6, 4001)
    density = stats.norm.pdf(x, scale=0.1)
    below = stats.norm.cdf((x + 0.1) / 0.1) * stats.norm.cdf((x + 0.2) / 0.1)
    expected = float((density * below).sum() / density.sum())
    assert found["a"].probability_best == pytest.approx(expected, abs=0.015)
    assert sum(found[name].probability_best for name in "abc") == pytest.approx(1)


def test_a_low_brier_score_is_best():
    found = by_hand("brier", [0.9, 0.8, 0.7], ("a", "c"))
    assert [found[name].rank for name in "abc"] == [3, 2, 1]
    assert (found["c"].low, found["c"].high) == (1, 2)
    assert found["c"].probability_best > 0.6


def test_a_metric_that_no_model_has_is_not_ranked():
    assert by_hand("auroc", [np.nan] * 3, ("a", "c")) == {}


def test_a_model_without_a_value_is_last():
    found = by_hand("auroc", [np.nan, 0.7, 0.8], ("b", "c"))
    assert [found[name].rank for name in "abc"] == [3, 2, 1]
