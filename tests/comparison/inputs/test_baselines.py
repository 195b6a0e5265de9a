"""The baselines without images: constant prevalence, and always negative."""

import pytest

from cxrcompare.comparison.compare import Options, compare

FEW = Options(replicates=200)


def test_trivial_models_are_rows_of_the_table(bench, row):
    found = compare([bench.model("net", 0.7)], bench.standard(), options=FEW)
    prevalence = bench.labels["test"].mean(axis=0)
    assert [model["name"] for model in found.models if model["kind"] == "trivial"] == [
        "prevalence",
        "nothing positive",
    ]
    for f, finding in enumerate(bench.findings):
        nothing = {"model": "nothing positive", "seed": "all", "finding": finding}
        one = row(found.metrics, metric="accuracy", **nothing)
        assert one["value"] == pytest.approx(1 - prevalence[f])
        assert row(found.metrics, metric="sensitivity", **nothing)["value"] == 0
        assert row(found.metrics, metric="auroc", **nothing)["value"] == 0.5
        constant = row(
            found.metrics, model="prevalence", seed="all", finding=finding, metric="brier"
        )
        assert constant["value"] == pytest.approx(prevalence[f] * (1 - prevalence[f]))
    assert "prevalence_of_test" in found.warnings["code"].tolist()


def test_the_training_prevalence_is_taken_where_it_is_known(bench, row):
    given = dict(zip(bench.findings, (0.1, 0.2, 0.9), strict=True))
    found = compare(
        [bench.model("net", 0.7)],
        bench.standard(),
        options=FEW,
        context={"training_prevalence": given, "data": "a cohort", "synthetic": True},
    )
    assert "prevalence_of_test" not in found.warnings["code"].tolist()
    one = row(found.metrics, model="prevalence", seed="all", finding="Mass", metric="sensitivity")
    assert one["value"] == 1  # .9 is above one half, so everybody is called
    assert found.protocol["data"] == "a cohort"
    assert found.protocol["synthetic"] is True
