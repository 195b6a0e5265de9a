"""Metrics of arrays: the numbers of a comparison, in scikit-learn's order of arguments."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn_metrics

import cxrcompare as cxr

SCORES = ("auroc", "auprc", "brier", "log_loss", "ece")
RATES = ("accuracy", "sensitivity", "specificity", "precision", "npv", "f1")


def arrays(study, name="bad", finding="Edema"):
    test = study.test
    return (
        test.reference[finding].to_numpy(),
        test.models[name][finding].to_numpy(),
        test.reference["patient_id"].to_numpy(),
    )


@pytest.mark.parametrize("metric", [*SCORES, *RATES])
def test_estimates_equal_those_of_a_comparison(study, metric):
    found = cxr.compare({"bad": study.test.models["bad"]}, study.test.reference, replicates=300)
    table = found.metrics
    row = table[
        (table["model"] == "bad") & (table["finding"] == "Edema") & (table["metric"] == metric)
    ].iloc[0]
    more = {} if metric == "auroc" else {"replicates": 300}
    estimate = getattr(cxr, metric)(*arrays(study), **more)
    np.testing.assert_allclose(
        estimate[:3], row[["value", "low", "high"]].astype(float), rtol=0, atol=1e-12
    )
    assert (estimate.positives, estimate.negatives, estimate.method) == (
        row["positives"],
        row["negatives"],
        row["method"].removesuffix(" at the threshold 0.5, not chosen"),
    )


@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        ("auroc", sklearn_metrics.roc_auc_score),
        ("auprc", sklearn_metrics.average_precision_score),
        ("brier", sklearn_metrics.brier_score_loss),
        ("log_loss", sklearn_metrics.log_loss),
        ("accuracy", lambda y, s: sklearn_metrics.accuracy_score(y, s >= 0.5)),
        ("sensitivity", lambda y, s: sklearn_metrics.recall_score(y, s >= 0.5)),
        ("precision", lambda y, s: sklearn_metrics.precision_score(y, s >= 0.5)),
        ("f1", lambda y, s: sklearn_metrics.f1_score(y, s >= 0.5)),
    ],
)
def test_values_equal_those_of_scikit_learn(study, metric, reference):
    labels, scores, _ = arrays(study)
    more = {} if metric == "auroc" else {"replicates": 100}
    found = getattr(cxr, metric)(labels, scores, **more)
    assert float(found) == pytest.approx(reference(labels, scores), abs=1e-12)
    assert found.low < found.value < found.high


def test_without_groups_every_unit_is_a_patient(study):
    labels, scores, patients = arrays(study)
    own = cxr.sensitivity(labels, scores)
    assert own.method == "wilson"
    assert own == cxr.sensitivity(labels, scores, np.arange(len(labels)))
    assert cxr.sensitivity(labels, scores, patients).method == "t-test over patients, logit"
    assert cxr.auroc(labels, scores).method == "DeLong, logit"
    assert cxr.auroc(labels, scores, patients).method == "Obuchowski, logit"


def test_wilson_by_hand():
    # 16 of 20 positives found: (16 + z^2/2 -+ z sqrt(16 * 4 / 20 + z^2/4)) / (20 + z^2), z = 1.96
    labels = [1] * 20 + [0] * 20
    scores = [1] * 16 + [0] * 24
    found = cxr.sensitivity(labels, scores)
    assert (found.value, round(found.low, 4), round(found.high, 4)) == (0.8, 0.5840, 0.9193)


def test_a_threshold_is_inclusive():
    labels = [1] * 10 + [0] * 10
    scores = [0.3] * 10 + [0.2] * 10
    assert cxr.accuracy(labels, scores, threshold=0.3).value == 1
    assert cxr.accuracy(labels, scores, threshold=0.31).value == 0.5


def test_unknown_labels_are_left_out(study):
    labels, scores, patients = arrays(study)
    missing = labels.copy()
    missing[:20] = np.nan
    found = cxr.auroc(missing, scores, patients)
    assert found == cxr.auroc(labels[20:], scores[20:], patients[20:])
    nullable = pd.Series(missing).astype("Int64")
    assert cxr.auroc(nullable, scores, patients) == found


def test_few_patients_have_no_interval():
    found = cxr.auroc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    assert found.value == 0.75
    assert np.isnan([found.low, found.high]).all()
    assert found.method == "too few patients"
    assert np.isnan(cxr.auroc([1, 1], [0.1, 0.2]).value)


def test_an_estimate_prints_its_interval():
    found = cxr.accuracy([1] * 10 + [0] * 10, [1] * 10 + [0] * 10)
    text = "1.0000 [0.8389, 1.0000] (0.95 interval: wilson; 10 positive, 10 negative)"
    assert str(found) == text


@pytest.mark.parametrize(
    ("labels", "scores", "groups", "match"),
    [
        ([0, 2], [0.1, 0.2], None, "`y_true` must be 1, 0 or missing. Received: 2"),
        ([0, 1], [0.1], None, "`y_score` must have 2 values, as `y_true` has. Received: 1"),
        ([0, 1], [0.1, np.inf], None, "`y_score` must be finite numbers. Received: inf"),
        ([0, 1], ["a", "b"], None, "`y_score` must be numbers"),
        ([[0], [1]], [0.1, 0.2], None, r"`y_true` must be \(N,\) with N > 0"),
        ([], [], None, r"`y_true` must be \(N,\)"),
        ([0, 1], [0.1, 0.2], ["p"], "`groups` must have 2 values"),
        ([0, 1], [0.1, 0.2], ["p", None], "`groups` must have a patient in every row.*row 1"),
    ],
)
def test_wrong_arrays_are_refused(labels, scores, groups, match):
    for function in (cxr.auroc, cxr.f1):
        with pytest.raises(cxr.InputError, match=match):
            function(labels, scores, groups)


def test_probabilities_and_options_are_checked(study):
    labels, scores, _ = arrays(study)
    for function in (cxr.brier, cxr.log_loss, cxr.ece):
        with pytest.raises(cxr.InputError, match="must be probabilities"):
            function(labels, scores + 1)
    with pytest.raises(cxr.InputError, match="`replicates` must be"):
        cxr.auprc(labels, scores, replicates=3)
    with pytest.raises(cxr.InputError, match="`level` must be"):
        cxr.auroc(labels, scores, level=95)
    with pytest.raises(cxr.InputError, match="`threshold` must be a finite number"):
        cxr.f1(labels, scores, threshold=float("nan"))
