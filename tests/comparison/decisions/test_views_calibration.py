"""Calibration under both rules for the views of a study."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.evaluation.probabilities import smooth_calibration


@pytest.fixture
def images():
    """Three views of 1,500 studies: calibrated probabilities of their mean, with noise."""
    rng = np.random.default_rng(0)
    study = np.repeat(np.arange(1500), 3)
    signal = rng.normal(size=1500)
    rows = {
        "image_id": [f"i{n}" for n in range(4500)],
        "study_id": [f"s{n}" for n in study],
        "patient_id": [f"p{n}" for n in study],
    }
    label = (rng.random(1500) < special.expit(signal - 1)).astype(float)[study]
    views = [special.expit(signal[study] - 1 + 0.8 * rng.normal(size=4500)) for _ in range(2)]
    tables = {name: pd.DataFrame({**rows, "Edema": p}) for name, p in zip("ab", views, strict=True)}
    return tables, pd.DataFrame({**rows, "Edema": label})


def test_the_maximum_spoils_calibration_and_both_rules_are_shown(images, row):
    tables, reference = images
    found = compare(tables, reference, options=Options(replicates=100))
    other = compare(tables, reference, options=Options(replicates=100, views_rule="mean"))
    pd.testing.assert_frame_equal(found.views_calibration, other.views_calibration)
    both = found.views_calibration
    assert list(both["model"]) == ["a", "b"]
    assert (both["verdict"] == "mean_better").all()
    assert (both["max_intercept_high"] < -0.3).all()
    assert (both["mean_intercept"].abs() < 0.3).all()
    assert both["p_adjusted"].to_numpy() == pytest.approx(2 * both["p_value"].to_numpy())
    for name, result in (("max", found), ("mean", other)):
        error = row(result.calibration_errors, model="a", finding="Edema")
        shown = row(both, model="a")
        assert shown[f"{name}_error"] == error["error"]
        assert shown[f"{name}_error_low"] == error["low"]
        intercept = row(
            result.metrics, model="a", finding="Edema", metric="calibration_intercept", seed="all"
        )
        assert shown[f"{name}_intercept"] == pytest.approx(intercept["value"])
    by_study = tables["a"].groupby(reference["study_id"], sort=False)["Edema"].mean().to_numpy()
    label = reference.groupby("study_id", sort=False)["Edema"].first().to_numpy()
    plain = smooth_calibration.estimate(label, by_study[None], np.arange(1500), [[0]])
    expected = smooth_calibration.root(plain.value)[0]
    assert row(both, model="a")["mean_error"] == pytest.approx(expected)


def test_no_rows_for_single_views_or_images(images, bench):
    tables, reference = images
    by_image = compare(tables, reference, options=Options(replicates=100, unit="image"))
    assert by_image.views_calibration.empty
    single = compare([bench.model("a", 0.5)], bench.standard(), options=Options(replicates=100))
    assert single.views_calibration.empty
