"""Readers beside models: hand-worked points, and agreement."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, roc_curve

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError

FEW = Options(replicates=200)


@pytest.fixture
def hand(tmp_path):
    """Ten studies of ten patients, one finding: labels 1 1 1 1 0 0 0 0 0 0.

    The model scores the positives .9 .8 .4 .3 and the negatives .7 .35 .2 .1 .05 .01, so its ROC
    curve passes (0, 2/4), (1/6, 2/4), (1/6, 3/4), (2/6, 3/4), (2/6, 1), (1, 1).
    """
    labels = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    scores = [0.9, 0.8, 0.4, 0.3, 0.7, 0.35, 0.2, 0.1, 0.05, 0.01]

    def put(name, values):
        path = tmp_path / f"{name}.csv"
        ids = {"study_id": list("abcdefghij"), "patient_id": list("abcdefghij")}
        pd.DataFrame({**ids, "Edema": values}).to_csv(path, index=False)
        return path

    return put, put("model", scores), put("reference", labels)


def test_a_reader_by_hand(hand, row):
    put, model, reference = hand
    # finds 1 of 4, calls 1 of 6: (1/6, 1/4), under the curve's 3/4 there
    low = put("low", [1, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    # finds 3 of 4, calls none: (0, 3/4), above the curve's 2/4 there
    high = put("high", [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    # on the curve: (1/6, 3/4) is its upper corner, so not below
    edge = put("edge", [1, 1, 1, 0, 1, 0, 0, 0, 0, 0])
    found = compare([model], reference, readers=[low, high, edge], options=FEW)
    one = row(found.readers, reader="low")
    assert (one["reader_sensitivity"], one["below_curve"]) == (0.25, 1)
    assert one["reader_specificity"] == pytest.approx(5 / 6)
    assert one["model_sensitivity_at_reader"] == 0.75
    # at sensitivity 1/4 the model calls no negative
    assert one["model_specificity_at_reader"] == 1
    # Wilson for 1 of 4 (z = 1.96): .0456 to .6994
    assert one["sensitivity_low"] == pytest.approx(0.0456, abs=1e-4)
    assert one["sensitivity_high"] == pytest.approx(0.6994, abs=1e-4)
    assert row(found.readers, reader="high")["below_curve"] == 0
    assert row(found.readers, reader="edge")["below_curve"] == 0
    assert found.readers_below == {"model": {"Edema": 1.0, "mean": 1.0}}


def test_readers_against_an_interpolated_curve(bench, rows):
    path = bench.model("net", 0.7)
    rng = np.random.default_rng(1)
    labels = bench.labels["test"]
    readings = [np.where(rng.random(labels.shape) < 0.25, 1 - labels, labels) for _ in range(4)]
    readers = [bench.table(f"r{n}", values, "test") for n, values in enumerate(readings)]
    found = compare([path], bench.standard(), readers=readers, options=FEW)
    scores = pd.read_csv(path)[list(bench.findings)].to_numpy()
    for f, finding in enumerate(bench.findings):
        fpr, tpr, _ = roc_curve(labels[:, f], scores[:, f], drop_intermediate=False)
        for n, values in enumerate(readings):
            one = rows(found.readers, finding=finding, reader=f"r{n}").iloc[0]
            sensitivity = values[labels[:, f] == 1, f].mean()
            specificity = 1 - values[labels[:, f] == 0, f].mean()
            assert one["reader_sensitivity"] == pytest.approx(sensitivity)
            assert one["reader_specificity"] == pytest.approx(specificity)
            # a reader's rates are steps of the curve: its highest point there
            at = tpr[fpr <= 1 - specificity + 1e-9].max()
            assert one["model_sensitivity_at_reader"] == pytest.approx(at)
            assert one["below_curve"] == (sensitivity < at - 1e-9)
            assert one["sensitivity_low"] < sensitivity < one["sensitivity_high"]


def test_agreement_of_readers(bench, row, rows):
    rng = np.random.default_rng(1)
    labels = bench.labels["test"]
    readings = [np.where(rng.random(labels.shape) < 0.2, 1 - labels, labels) for _ in range(3)]
    readers = [bench.table(f"r{n}", values, "test") for n, values in enumerate(readings)]
    found = compare([bench.model("net", 0.7)], bench.standard(), readers=readers, options=FEW)
    assert len(found.agreement) == 3 * (3 + 1)
    for f, finding in enumerate(bench.findings):
        one = row(found.agreement, finding=finding, reader_a="r0", reader_b="r2")
        expected = cohen_kappa_score(readings[0][:, f], readings[2][:, f])
        assert one["kappa"] == pytest.approx(expected)
        assert one["low"] < one["kappa"] < one["high"]
        # Fleiss' kappa of three is near the mean of their pairs
        pairs = rows(found.agreement, finding=finding)
        everybody = row(pairs, reader_a="all")["kappa"]
        assert everybody == pytest.approx(
            pairs[pairs["reader_a"] != "all"]["kappa"].mean(), abs=0.03
        )


def test_a_reader_who_left_cells_out_is_judged_on_the_others(hand, row):
    put, model, reference = hand
    some = put("some", [1, None, None, None, 0, 0, None, None, None, None])
    found = compare([model], reference, readers=[some], options=FEW)
    one = row(found.readers, reader="some")
    assert (one["reader_sensitivity"], one["reader_specificity"]) == (1, 1)
    assert one["sensitivity_low"] < 0.3  # one of one


def test_readers_are_refused_like_any_other_file(hand):
    put, model, reference = hand
    half = put("half", [0.5] + [0] * 9)
    with pytest.raises(InputError, match=r"half\.csv: row 2.*1, 0 or blank"):
        compare([model], reference, readers=[half], options=FEW)


def test_tests_are_adjusted_over_networks_findings_and_readers(bench):
    rng = np.random.default_rng(4)
    labels = bench.labels["test"]
    paths = [bench.model("good", 0.3), bench.model("poor", 3.0)]
    readings = [np.where(rng.random(labels.shape) < 0.25, 1 - labels, labels) for _ in range(2)]
    readers = [bench.table(f"r{n}", values, "test") for n, values in enumerate(readings)]
    found = compare(paths, bench.standard(), readers=readers, options=FEW).readers
    assert len(found) == 2 * 3 * 2
    assert found["p_adjusted"].to_numpy() == pytest.approx(
        np.minimum(12 * found["p_value"], 1).to_numpy()
    )
    difference = found["model_sensitivity_at_reader"] - found["reader_sensitivity"]
    assert found["sensitivity_difference"].to_numpy() == pytest.approx(difference.to_numpy())
    difference = found["model_specificity_at_reader"] - found["reader_specificity"]
    assert found["specificity_difference"].to_numpy() == pytest.approx(difference.to_numpy())
    poor = found[found["model"] == "poor"]
    assert (poor["p_adjusted"] < 0.05).any()


def test_a_finding_with_too_few_patients_is_not_tested(hand, row):
    put, model, reference = hand
    reader = put("one", [1, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    found = row(compare([model], reference, readers=[reader], options=FEW).readers, reader="one")
    assert found["sensitivity_difference"] == 0.5
    assert np.isnan(
        found[["p_value", "p_adjusted", "sensitivity_difference_low"]].astype(float)
    ).all()


def test_a_reference_that_is_the_majority_of_the_readers_is_warned_of(bench):
    rng = np.random.default_rng(4)
    labels = bench.labels["test"]
    readings = np.stack(
        [np.where(rng.random(labels.shape) < 0.2, 1 - labels, labels) for _ in range(3)]
    )
    readers = [bench.table(f"r{n}", values, "test") for n, values in enumerate(readings)]
    path = bench.model("net", 0.7)

    def codes(standard, given):
        return set(compare([path], standard, readers=given, options=FEW).warnings["code"])

    voted = bench.standard(labels=(readings.sum(axis=0) >= 2).astype(float))
    assert "readers_are_reference" in codes(voted, readers)
    assert "readers_are_reference" not in codes(voted, readers[:2])
    assert "readers_are_reference" not in codes(bench.standard(), readers)
