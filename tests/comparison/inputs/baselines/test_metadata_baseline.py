"""Metadata as groups, and the baseline of metadata alone."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inputs.baselines.metadata_baseline import groups, numeric

FEW = Options(replicates=200)


def sex(split, count):
    return ["F" if n % 4 < 2 else "M" for n in range(count)]  # patients have two studies each


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
        subgroups=bench.about(columns or {"sex": sex}),
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
        [bench.model("a", 0.5)], bench.standard(), subgroups=bench.about({"sex": sex}), options=FEW
    )
    assert "no_metadata_model" in found.warnings["code"].tolist()
    assert "metadata alone" not in [model["name"] for model in found.models]


def test_a_finding_that_validation_has_in_one_class_only(bench):
    bench.labels["valid"][:, 0] = 0
    found = fitted(bench)
    codes = found.warnings.set_index("code")["finding"]
    assert codes["metadata_one_class"] == "Atelectasis"
    assert codes["threshold_undefined"] == "Atelectasis"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["71", "", "39 + 40"], [71, np.nan, 39.5]),
        (["71", "about 70"], None),
        (["71", "70 + PA"], None),
        (["", ""], None),
    ],
)
def test_a_column_is_numeric_if_every_cell_is(cells, expected):
    found = numeric(np.array(cells, dtype=object))
    if expected is None:
        assert found is None
    else:
        np.testing.assert_array_equal(found, expected)


def test_a_text_column_with_many_values_is_left_out(make_bench):
    bench = make_bench(studies=200)
    names = lambda split, count: [f"{split} {n}" for n in range(count)]  # noqa: E731
    found = fitted(bench, sex=sex, file=names)
    described = {one["name"]: one["description"] for one in found.models}["metadata alone"]
    assert described.startswith("logistic regression on sex, fitted on validation (200)")
    assert "no_metadata_model" in set(fitted(bench, file=names).warnings["code"])
