"""Subgroups: estimates within, differences within, gaps to the rest."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError

FEW = Options(replicates=200)


def sex(split, count):
    return ["F" if n % 4 < 2 else "M" for n in range(count)]  # patients have two studies each


def test_numbers_of_a_subgroup_are_those_of_its_units(bench, row, rows):
    paths = [bench.model("a", 0.5), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(), subgroups=bench.about({"sex": sex}), options=FEW)
    inside = np.array(sex("test", 120)) == "F"
    scores = pd.read_csv(paths[0])[list(bench.findings)].to_numpy()
    for f, finding in enumerate(bench.findings):
        one = row(found.metrics, model="a", finding=finding, metric="auroc", subgroup="sex=F")
        label = bench.labels["test"][inside, f]
        assert one["value"] == pytest.approx(roc_auc_score(label, scores[inside, f]))
        assert one["positives"] == label.sum()
        assert one["low"] < one["value"] < one["high"]
    assert found.subgroups == {"sex": {"F": 60, "M": 60}}
    pairs = rows(found.differences, subgroup="sex=F", finding="mean")
    assert pairs[["model_a", "model_b"]].to_numpy().tolist() == [["a", "b"]]
    # half of the error rate is for the means of both subgroups
    both = found.differences[
        (found.differences["subgroup"] != "") & (found.differences["finding"] == "mean")
    ]
    np.testing.assert_allclose(both["p_adjusted"], np.minimum(2 * 2 * both["p_value"], 1))
    # and half for three findings in both
    single = rows(found.differences, subgroup="sex=F", finding="Edema")
    np.testing.assert_allclose(single["p_adjusted"], np.minimum(2 * 6 * single["p_value"], 1))


def test_the_gap_to_the_rest_is_found_where_it_is_and_turned_round_only_once(make_bench, rows):
    bench = make_bench(studies=600, per_patient=2)
    inside = np.array(sex("test", 600)) == "F"
    bench.signal["test"][inside] = bench.rng.normal(size=(inside.sum(), 3))  # blind there
    paths = [bench.model("a", 0.3)]
    found = compare(paths, bench.standard(), subgroups=bench.about({"sex": sex}), options=FEW)
    gaps = found.subgroup_gaps
    assert set(gaps["value"]) == {"F"}
    mean = rows(gaps, finding="mean").iloc[0]
    assert mean["high"] < -0.1
    assert mean["p_adjusted"] < 0.05
    within = {
        value: rows(
            found.metrics, subgroup=f"sex={value}", finding="mean", metric="auroc", model="a"
        ).iloc[0]["value"]
        for value in "FM"
    }
    assert mean["difference"] == pytest.approx(within["F"] - within["M"])


def test_small_cells_are_not_compared(bench, rows):
    groups_ = {"view": lambda split, count: ["rare"] * 6 + ["PA"] * (count - 6)}
    found = compare(
        [bench.model("a", 0.5)], bench.standard(), subgroups=bench.about(groups_), options=FEW
    )
    assert rows(found.metrics, subgroup="view=rare").empty
    assert not rows(found.metrics, subgroup="view=PA").empty
    assert "subgroup_too_small" in found.warnings["code"].tolist()
    assert found.subgroup_gaps.empty


def test_a_finding_with_a_small_cell_is_undefined_there(bench, row):
    labels = bench.labels["test"].copy()
    inside = np.array(sex("test", 120)) == "F"
    positive = np.flatnonzero(inside & (labels[:, 0] == 1))
    labels[positive[3:], 0] = 0  # three positives left among the women
    found = compare(
        [bench.model("a", 0.5)],
        bench.standard(labels=labels),
        subgroups=bench.about({"sex": sex}),
        options=FEW,
    )
    one = row(found.metrics, model="a", finding="Atelectasis", metric="auroc", subgroup="sex=F")
    assert np.isnan(one["value"])
    assert one["positives"] == 3
    mean = row(found.metrics, model="a", finding="mean", metric="auroc", subgroup="sex=F")
    assert mean["defined"] == 2


def test_units_whose_group_is_not_known_are_counted(bench):
    groups_ = {"sex": lambda split, count: [""] * 10 + sex(split, count)[10:]}
    found = compare(
        [bench.model("a", 0.5)], bench.standard(), subgroups=bench.about(groups_), options=FEW
    )
    assert sum(found.subgroups["sex"].values()) == 110
    assert "10 of 120" in found.warnings.set_index("code").loc["subgroup_unknown", "message"]


def test_a_table_of_other_ids_is_refused(bench):
    path = bench.folder / "about.csv"
    path.write_text("study_id,sex\nx1,F\n")
    with pytest.raises(InputError, match=r"about\.csv.*'s0'.*x1"):
        compare([bench.model("a", 0.5)], bench.standard(), subgroups=path, options=FEW)
