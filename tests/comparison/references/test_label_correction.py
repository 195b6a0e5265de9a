"""Corrected metrics in a comparison: values, verdicts, refusals."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.evaluation.thresholds.label_noise import mixture

FEW = Options(replicates=100)
RATES = {"Atelectasis": (0.9, 0.95), "edema": (0.85, 0.9)}


def test_rows_are_corrected_by_finding_and_the_mean_is_over_these(bench, row):
    paths = [bench.model(name, noise) for name, noise in (("a", 0.3), ("b", 1.5))]
    scores = [bench.scores(path) for path in paths]
    found = compare(paths, bench.standard(), labeller_rates=RATES, thresholds=0.4, options=FEW)
    table = found.label_correction
    assert set(table["finding"]) == {"mean", "Atelectasis", "Edema"}
    values = []
    for f, (finding, rates) in enumerate(
        zip(("Atelectasis", "Edema"), RATES.values(), strict=True)
    ):
        label = bench.labels["test"][:, f]
        mixed = mixture(label.mean(), *rates)
        observed = roc_auc_score(label, scores[0][:, f])
        one = row(table, model="a", finding=finding, metric="auroc")
        assert one["observed"] == pytest.approx(observed)
        assert one["corrected"] == pytest.approx(0.5 + (observed - 0.5) / mixed.kept)
        assert one["prevalence"] == pytest.approx(mixed.prevalence)
        specificity = row(table, model="a", finding=finding, metric="specificity")
        assert specificity["observed"] == pytest.approx((scores[0][label == 0, f] < 0.4).mean())
        assert specificity["corrected"] > specificity["observed"]
        values.append(one["corrected"])
    mean = row(table, model="a", finding="mean", metric="auroc")
    assert mean["corrected"] == pytest.approx(np.mean(values))
    pair = row(found.label_correction_pairs, finding="mean")
    other = row(table, model="b", finding="mean", metric="auroc")
    assert pair["difference"] == pytest.approx(mean["corrected"] - other["corrected"])
    assert pair["observed"] == pytest.approx(mean["observed"] - other["observed"])
    assert pair["difference"] > pair["observed"]
    assert pair["verdict"] == "a_better"


def test_rates_that_the_labels_contradict_are_named(bench):
    paths = [bench.model("a", 0.5)]
    found = compare(paths, bench.standard(), labeller_rates={"Edema": (0.9, 0.6)}, options=FEW)
    assert found.label_correction.empty
    warning = found.warnings.set_index("code").loc["labeller_rates_impossible"]
    assert warning["finding"] == "Edema"
    assert "specificity 0.6" in warning["message"]


def test_a_perfect_labeller_keeps_every_estimate(bench, rows):
    paths = [bench.model(name, 0.5) for name in "ab"]
    rates = dict.fromkeys(bench.findings, (1.0, 1.0))
    found = compare(paths, bench.standard(), labeller_rates=rates, options=FEW)
    table = found.label_correction
    assert table["corrected"].to_numpy() == pytest.approx(table["observed"].to_numpy())
    one = rows(found.label_correction_pairs, finding="mean")
    plain = rows(found.differences, finding="mean", metric="auroc")
    assert one["difference"].to_numpy() == pytest.approx(plain["difference"].to_numpy())
    assert one["p_value"].to_numpy() == pytest.approx(plain["p_value"].to_numpy(), abs=0.05)
