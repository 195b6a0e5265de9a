"""Ranks, tie groups and the probability of being best."""

import pytest

from cxrcompare.comparison.compare import Options, compare

FEW = Options(replicates=200)


def test_identical_models_cannot_be_told_apart(bench, row, rows):
    path = bench.model("a", 0.7)
    copy = bench.table("b", bench.scores(path))
    found = compare([path, copy], bench.standard(), options=FEW)
    for one in rows(found.differences, finding="mean").itertuples():
        assert (one.difference, one.low, one.high, one.p_value) == (0, 0, 0, 1)
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
