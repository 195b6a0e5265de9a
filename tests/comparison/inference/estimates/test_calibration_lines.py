"""Calibration slope and intercept."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.estimates.calibration_lines import rows as calibration_rows

FEW = Options(replicates=200)


def test_calibration_slope_and_intercept(make_bench, row):
    bench = make_bench(studies=4000, per_patient=1, findings=("Edema",))
    rng = np.random.default_rng(0)
    logit = rng.normal(size=(4000, 1))
    bench.labels["test"] = (rng.random((4000, 1)) < 1 / (1 + np.exp(-logit))).astype(float)
    right = bench.table("right", 1 / (1 + np.exp(-logit)))
    steep = bench.table("steep", 1 / (1 + np.exp(-(2 * logit + 1))))
    found = compare([right, steep], bench.standard(), options=Options(replicates=100))
    slope = {"metric": "calibration_slope", "finding": "Edema", "seed": "all"}
    one = row(found.metrics, model="right", **slope)
    assert one["low"] < 1 < one["high"]
    assert row(found.metrics, model="steep", **slope)["value"] == pytest.approx(
        one["value"] / 2, abs=1e-6
    )


def test_calibration_over_findings_and_seeds(make_bench, rows):
    bench = make_bench()
    paths = [bench.model(f"net__seed{seed}", 0.7) for seed in range(3)]
    found = compare(paths, bench.standard(), options=FEW)
    for metric in ("calibration_slope", "calibration_intercept"):
        some = rows(found.metrics, model="net", metric=metric)
        per_run = some[some["seed"] != "all"]
        single = per_run[per_run["finding"] != "micro"]
        whole = some[some["seed"] == "all"].set_index("finding")
        assert whole.index.tolist() == [*bench.findings, "micro"]
        assert whole.loc["micro", "patient_sd"] < single["patient_sd"].max()
        for finding, part in per_run.groupby("finding"):
            assert whole.loc[finding, "value"] == pytest.approx(part["value"].mean())
        assert (whole["low"] <= whole["value"]).all()


def test_scores_that_hardly_vary_have_no_calibration_slope(bench, row, rows):
    probability = bench.scores(bench.model("x", 0.7))
    probability[:, 1] = 0.5 + (probability[:, 1] - 0.5) / 1000  # logits of SD about 0.001
    found = compare([bench.table("flat", probability)], bench.standard(), options=FEW)
    slope = rows(found.metrics, model="flat", metric="calibration_slope").set_index("finding")
    assert slope["value"].isna().tolist() == [False, True, False, False]
    assert slope["defined"].tolist() == [1, 0, 1, 1]
    assert slope["value"].abs().max() < 10
    one = row(found.warnings, code="slope_undefined")
    assert (one["model"], one["finding"]) == ("flat", "Edema")
    assert "below 0.1" in one["message"]
    intercept = rows(found.metrics, model="flat", metric="calibration_intercept")
    assert intercept["value"].notna().all()


def test_seeds_and_architectures_have_rows_and_the_mean_over_findings_has_none(make_panel):
    rng = np.random.default_rng(0)
    labels = (rng.random((80, 2)) < 0.5).astype(float)
    scores = {name: rng.uniform(0.1, 0.9, (80, 2)) for name in ("a__seed0", "a__seed1")}
    scores["nothing positive"] = np.zeros((80, 2))
    panel = make_panel(labels, scores, trivial=("nothing positive",))
    found = pd.DataFrame(calibration_rows(panel, 0.95))
    assert set(found["model"]) == {"a"}
    assert set(found["finding"]) == {"Atelectasis", "Edema", "micro"}
    assert found.groupby("seed").size().to_dict() == {"0": 6, "1": 6, "all": 6}
    whole, single = found[found["seed"] == "all"], found[found["seed"] != "all"]
    assert whole["seed_sd"].notna().all()
    assert single["seed_sd"].isna().all()
    # the half width of a run is 1.96 standard errors
    half = (single["high"] - single["low"]) / 2
    np.testing.assert_allclose(half, 1.959964 * single["patient_sd"], rtol=1e-6)
