"""The baselines without images: constant prevalence, and always negative."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inputs.baselines.constant_baselines import nothing_positive, prevalence
from cxrcompare.predictions import Aligned

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


def aligned(labels):
    labels = np.array(labels, dtype=float)
    ids = np.array([f"s{n}" for n in range(len(labels))], dtype=object)
    scores = np.zeros((1, *labels.shape))
    runs = (("a", ""),)
    return Aligned("study", ids, ids, ids, ("Edema", "Mass"), labels, runs, scores, None, ())


# Edema: 1 of 2 known labels is positive; Mass: 1 of 4.
TEST = [[1, 1], [0, 0], [np.nan, 0], [np.nan, 0]]
VALIDATION = [[1, 0], [1, 0]]
TRAINING = {"Edema": 0.3, "Mass": 0.6}


@pytest.mark.parametrize(
    ("validation", "training", "rates", "source"),
    [
        (VALIDATION, TRAINING, [0.3, 0.6], "the training data"),
        (VALIDATION, {"Edema": 0.3}, [1, 0], "validation"),  # training lacks a finding
        (VALIDATION, None, [1, 0], "validation"),
        (None, None, [0.5, 0.25], "the test set"),
    ],
)
def test_the_prevalence_is_of_training_else_validation_else_test(
    validation, training, rates, source
):
    held_out = None if validation is None else aligned(validation)
    found, notes = prevalence(aligned(TEST), held_out, training)
    np.testing.assert_allclose(found.scores, np.tile(rates, (4, 1)))
    assert source in found.description
    codes = [note.code for note in notes]
    assert codes == (["prevalence_of_test"] if source == "the test set" else [])


def test_a_finding_without_labels_has_prevalence_zero():
    found, _ = prevalence(aligned([[1, np.nan], [0, np.nan]]), None, None)
    assert found.scores[0].tolist() == [0.5, 0]


def test_nothing_positive_is_below_its_threshold():
    found = nothing_positive(aligned(TEST))
    assert not (found.scores >= found.thresholds).any()
