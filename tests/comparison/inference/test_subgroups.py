"""Subgroups: estimates within, differences within, gaps to the rest; metadata as a model."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inputs.metadata_baseline import groups
from cxrcompare.errors import InputError

FEW = Options(replicates=200)


def about(bench, columns, splits=("test", "valid")):
    parts = []
    for split in splits:
        frame = bench.rows[split][["study_id"]].copy()
        for name, function in columns.items():
            frame[name] = function(split, len(frame))
        parts.append(frame)
    path = bench.folder / "about.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


def sex(split, count):
    return ["F" if n % 4 < 2 else "M" for n in range(count)]  # patients have two studies each


def test_numbers_of_a_subgroup_are_those_of_its_units(bench, row, rows):
    paths = [bench.model("a", 0.5), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(), subgroups=about(bench, {"sex": sex}), options=FEW)
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
    # adjusted over both subgroups
    both = found.differences[
        (found.differences["subgroup"] != "") & (found.differences["finding"] == "mean")
    ]
    p = np.sort(both["p_value"])
    np.testing.assert_allclose(
        np.sort(both["p_adjusted"]), np.minimum([2 * p[0], max(p[1], 2 * p[0])], 1)
    )


def test_the_gap_to_the_rest_is_found_where_it_is_and_turned_round_only_once(make_bench, rows):
    bench = make_bench(studies=600, per_patient=2)
    inside = np.array(sex("test", 600)) == "F"
    bench.signal["test"][inside] = bench.rng.normal(size=(inside.sum(), 3))  # blind there
    paths = [bench.model("a", 0.3)]
    found = compare(paths, bench.standard(), subgroups=about(bench, {"sex": sex}), options=FEW)
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
        [bench.model("a", 0.5)], bench.standard(), subgroups=about(bench, groups_), options=FEW
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
        subgroups=about(bench, {"sex": sex}),
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
        [bench.model("a", 0.5)], bench.standard(), subgroups=about(bench, groups_), options=FEW
    )
    assert sum(found.subgroups["sex"].values()) == 110
    assert "10 of 120" in found.warnings.set_index("code").loc["subgroup_unknown", "message"]


def test_a_table_of_other_ids_is_refused(bench):
    path = bench.folder / "about.csv"
    path.write_text("study_id,sex\nx1,F\n")
    with pytest.raises(InputError, match=r"about\.csv.*'s0'.*x1"):
        compare([bench.model("a", 0.5)], bench.standard(), subgroups=path, options=FEW)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("stage", list("1234") * 5, list("1234") * 5),  # few different values stay as they are
        ("Patient Age", ["17", "18", ""], ["under 18", "18 to 39", ""]),  # ages never do
        ("age", ["39 + 40", "41"], ["18 to 39", "40 to 59"]),  # 39.5: two images of one study
        (
            "age",
            ["17", "18", "39", "40", "59", "60", "79", "80", "95", "3", "50", ""],
            [
                "under 18",
                "18 to 39",
                "18 to 39",
                "40 to 59",
                "40 to 59",
                "60 to 79",
                "60 to 79",
                "80 and over",
                "80 and over",
                "under 18",
                "40 to 59",
                "",
            ],
        ),
        (
            "dose",
            [str(n) for n in range(12)],
            # quartiles of 0..11 are 2.75, 5.5, 8.25
            ["under 2.75"] * 3 + ["2.75 to 5.5"] * 3 + ["5.5 to 8.25"] * 3 + ["8.25 and over"] * 3,
        ),
        ("sex", ["F", "M", ""], ["F", "M", ""]),
    ],
)
def test_numbers_are_cut_into_groups(name, values, expected):
    found = groups({name: np.array(values, dtype=object)})[name]
    assert found.tolist() == expected


def confounded(bench, strength):
    """Makes labels depend on sex, in both splits."""
    for split in ("test", "valid"):
        female = np.array(sex(split, len(bench.labels[split]))) == "F"
        chance = np.where(female, 0.5 + strength, 0.5 - strength)
        bench.labels[split] = (bench.rng.random((len(female), 3)) < chance[:, None]).astype(float)


def fitted(bench, options=FEW, **columns):
    return compare(
        [bench.model("a", 0.5)],
        bench.standard(),
        validation=[bench.model("a", 0.5, "valid")],
        validation_reference=bench.standard("valid"),
        subgroups=about(bench, columns or {"sex": sex}),
        options=options,
    )


def test_metadata_alone_is_a_row_and_finds_what_metadata_tell(make_bench, row):
    bench = make_bench(studies=400)
    confounded(bench, 0.3)
    found = fitted(bench)
    one = row(found.metrics, model="metadata alone", seed="all", finding="Edema", metric="auroc")
    # sex alone: P(F | positive) = .8, P(F | negative) = .2, so AUROC = .8 * .8 + .5 * 2 * .8 * .2
    assert one["value"] == pytest.approx(0.8, abs=0.06)
    assert one["low"] > 0.6
    kinds = {model["name"]: model["kind"] for model in found.models}
    assert kinds["metadata alone"] == "trivial"
    sensitivity = row(
        found.metrics,
        model="metadata alone",
        seed="all",
        finding="Edema",
        metric="sensitivity",
        subgroup="",
    )
    assert sensitivity["value"] == pytest.approx(0.8, abs=0.08)
    assert "metadata alone" not in found.differences["model_b"].tolist()


def test_metadata_that_tell_nothing_score_chance(make_bench, row):
    bench = make_bench(studies=400)
    confounded(bench, 0.0)
    ages = lambda split, count: bench.rng.integers(20, 90, count)  # noqa: E731
    one = row(
        fitted(bench, sex=sex, age=ages).metrics,
        model="metadata alone",
        seed="all",
        finding="mean",
        metric="auroc",
    )
    assert one["low"] < 0.5 < one["high"] + 0.03


def test_without_validation_there_is_no_metadata_model_and_it_says_so(bench):
    found = compare(
        [bench.model("a", 0.5)], bench.standard(), subgroups=about(bench, {"sex": sex}), options=FEW
    )
    assert "no_metadata_model" in found.warnings["code"].tolist()
    assert "metadata alone" not in [model["name"] for model in found.models]


def test_a_finding_that_validation_has_in_one_class_only(bench):
    bench.labels["valid"][:, 0] = 0
    found = fitted(bench)
    codes = found.warnings.set_index("code")["finding"]
    assert codes["metadata_one_class"] == "Atelectasis"
    assert codes["threshold_undefined"] == "Atelectasis"
