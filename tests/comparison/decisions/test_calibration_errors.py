"""Calibration compared and recalibrated, from files."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.multiplicity import bonferroni


def test_an_overconfident_model_is_found_and_repaired(make_bench, row):
    bench = make_bench(studies=600)
    paths, valid = {}, {}
    for split, found in (("test", paths), ("valid", valid)):
        # the probability of a label given the signal: noise of variance 1 above 0.7
        true = special.ndtr(bench.signal[split] - 0.7)
        found["good"] = bench.table("good", true, split)
        found["bold"] = bench.table("bold", special.expit(3 * special.logit(true)), split)
    found = compare(
        [*paths.values()],
        bench.standard("test"),
        validation=[*valid.values()],
        validation_reference=bench.standard("valid"),
        options=Options(replicates=100, decision_thresholds="0.3"),
    )
    errors = found.calibration_errors
    assert errors["p_adjusted"].to_numpy() == pytest.approx(
        bonferroni(errors["p_value"].to_numpy())
    )
    bold = row(errors, model="bold", finding="Edema")
    assert bold["low"] > 0.02
    assert bold["p_adjusted"] < 1e-4
    assert row(errors, model="good", finding="Edema")["low"] == 0
    assert row(found.calibration_differences, finding="Edema")["verdict"] == "b_better" or (
        row(found.calibration_differences, finding="Edema")["model_a"] == "good"
    )
    measured = found.recalibrated[found.recalibrated["finding"] == "Edema"]
    values = measured.set_index(["model", "version", "metric"])["value"]
    assert values["bold", "raw", "calibration_slope"] == pytest.approx(0.33, abs=0.1)
    assert values["bold", "logistic", "calibration_slope"] == pytest.approx(1, abs=0.25)
    for metric in ("brier", "log_loss", "smooth_calibration_error"):
        assert values["bold", "logistic", metric] < values["bold", "raw", metric]
        assert values["bold", "isotonic", metric] < values["bold", "raw", metric]
    assert set(measured["version"]) == {"raw", "logistic", "isotonic"}
    assert np.isfinite(measured["value"]).all()


def test_without_validation_or_probabilities_there_are_no_rows(bench):
    frame = pd.read_csv(bench.model("a", 0.5))
    path = bench.folder / "test" / "a.csv"
    found = compare([path], bench.standard(), options=Options(replicates=100))
    assert found.recalibrated.empty
    assert len(found.calibration_errors) == 3
    frame[list(bench.findings)] *= 10
    frame.to_csv(path, index=False)
    scores = compare([path], bench.standard(), options=Options(replicates=100, scores=True))
    assert scores.calibration_errors.empty
