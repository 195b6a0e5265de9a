"""Two references: values on shared units, verdicts, changes, error rates."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.references import two_references

FEW = Options(replicates=100)


@pytest.fixture
def found(make_bench):
    bench = make_bench(studies=400)
    paths = [bench.model(name, noise) for name, noise in (("a", 0.3), ("b", 0.6), ("c", 1.5))]
    second = bench.labels["test"].copy()
    second[bench.rng.uniform(size=second.shape) < 0.1] = np.nan
    flip = bench.rng.uniform(size=second.shape) < 0.1
    second = np.where(flip, 1 - second, second)
    bench.rows["second"] = bench.rows["test"]
    path = bench.table("experts", second, "second")
    result = compare(paths, bench.standard(), second_reference=path, options=FEW)
    return result, bench, second, [bench.scores(one) for one in paths]


def test_aurocs_are_those_of_the_units_that_both_label(found, row):
    result, bench, second, scores = found
    means = [[], []]
    for f, finding in enumerate(bench.findings):
        known = ~np.isnan(second[:, f])
        one = row(result.reference_models, model="b", finding=finding)
        both = [
            roc_auc_score(labels[known, f], scores[1][known, f])
            for labels in (bench.labels["test"], second)
        ]
        assert [one["auroc"], one["auroc_second"]] == pytest.approx(both)
        assert one["change"] == pytest.approx(both[1] - both[0])
        assert one["low"] < one["change"] < one["high"]
        assert one["units"] == known.sum()
        for side in (0, 1):
            means[side].append(both[side])
    mean = row(result.reference_models, model="b", finding="mean")
    assert [mean["auroc"], mean["auroc_second"]] == pytest.approx(np.mean(means, axis=1))
    ranks = result.reference_models[result.reference_models["finding"] == "mean"]
    assert ranks.set_index("model")["rank"].to_dict() == {"a": 1, "b": 2, "c": 3}


def test_verdicts_are_those_of_a_comparison_with_each_reference(found, bench, row):
    result, bench, second, _ = found
    masked = np.where(np.isnan(second), np.nan, bench.labels["test"])
    paths = [bench.folder / "test" / f"{name}.csv" for name in "abc"]
    for labels, suffix in ((masked, ""), (second, "_second")):
        alone = compare(paths, bench.standard(labels=labels), options=FEW)
        for finding in ("mean", *bench.findings):
            for a, b in ("ab", "ac", "bc"):
                where = {"model_a": a, "model_b": b, "finding": finding}
                one = row(alone.differences, **where, metric="auroc")
                pair = row(result.reference_pairs, **where)
                assert pair["verdict" + suffix] == one["verdict"]
                assert pair["difference" + suffix] == pytest.approx(one["difference"])


def test_changes_are_adjusted_over_pairs_and_the_joint_test_is_reported(found):
    result, bench, *_ = found
    pairs = result.reference_pairs
    mean = pairs[pairs["finding"] == "mean"]
    rest = pairs[pairs["finding"] != "mean"]
    for part, number in ((mean, 3), (rest, 9)):
        expected = np.minimum(2 * number * part["p_value"], 1)
        assert part["p_adjusted"].to_numpy() == pytest.approx(expected.to_numpy())
    assert (
        pairs["change"] - (pairs["difference_second"] - pairs["difference"])
    ).abs().max() < 1e-12
    order = result.reference_order
    assert order["finding"].tolist() == ["mean", *bench.findings]
    assert order["degrees"].tolist() == [2] * 4
    assert order["kendall"].iloc[0] == 1


def test_a_reference_that_one_model_fits_better_changes_the_verdict(make_bench, row):
    bench = make_bench(studies=600)
    paths = [bench.model(name, 0.5) for name in "ab"]
    scores = [bench.scores(path) for path in paths]
    bench.rows["second"] = bench.rows["test"]
    labels = [(score + 0.05 * bench.rng.normal(size=score.shape) > 0.5) * 1.0 for score in scores]
    path = bench.table("other", labels[1], "second")
    result = compare(paths, bench.standard(labels=labels[0]), second_reference=path, options=FEW)
    one = row(result.reference_pairs, finding="mean")
    assert [one["verdict"], one["verdict_second"]] == ["a_better", "b_better"]
    assert one["change_verdict"] == "changed"
    assert row(result.reference_order, finding="mean")["p_value"] < 1e-6


def test_a_second_reference_without_positives_is_not_compared(bench):
    bench.rows["second"] = bench.rows["test"]
    path = bench.table("none", np.zeros((120, 3)), "second")
    paths = [bench.model(name, 0.5) for name in "ab"]
    result = compare(paths, bench.standard(), second_reference=path, options=FEW)
    assert result.reference_models.empty
    assert "references_not_compared" in result.warnings["code"].tolist()
    assert len(result.reference_agreement) == 3


def test_errors_that_do_not_depend_on_scores_change_no_verdict_on_equal_models(make_panel):
    rng = np.random.default_rng(0)
    changed = np.zeros(2)
    runs = 400
    for _ in range(runs):
        truth = (rng.uniform(size=(150, 1)) < 0.35) * 1.0
        shared = truth + 0.7 * rng.normal(size=(150, 1))
        scores = {name: shared + 0.7 * rng.normal(size=(150, 1)) for name in "abc"}
        labels = [
            np.where(rng.uniform(size=truth.shape) < error, 1 - truth, truth)
            for error in (0.15, 0.02)
        ]
        panel = make_panel(labels[0], scores, replicates=100)
        found = two_references.compare(panel, labels[1], FEW)
        mean = [row for row in found.pairs if row.finding == "mean"]
        changed += [mean[0].p_value < 0.05, found.order[0].p_value < 0.05]
    # measured 4.2 and 3.7 % of 1,500
    assert (changed / runs <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / runs)).all()


def test_many_pairs_have_rows_for_the_mean_only(make_panel):
    rng = np.random.default_rng(1)
    labels = (rng.uniform(size=(80, 2)) < 0.5) * 1.0
    panel = make_panel(labels, {f"m{n}": rng.uniform(size=(80, 2)) for n in range(11)})
    found = two_references.compare(panel, labels, dataclasses.replace(FEW, level=0.9))
    assert {row.finding for row in found.pairs} == {"mean"}
    assert {row.change for row in found.pairs} == {0.0}
    assert {row.change_verdict for row in found.pairs} == {"equivalent"}
