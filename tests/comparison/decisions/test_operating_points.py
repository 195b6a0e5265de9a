"""Operating points side by side: equal rates, their counterparts, and the tests they count."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.evaluation import metrics

MODELS = {"good": 0.3, "bad": 2.5}


@pytest.fixture
def files(bench):
    test = [bench.model(name, noise) for name, noise in MODELS.items()]
    return {
        "predictions": test,
        "reference": bench.standard(),
        "validation": [bench.model(name, noise, "valid") for name, noise in MODELS.items()],
        "validation_reference": bench.standard("valid"),
    }


def test_points_side_by_side(bench, files, row):
    options = Options(replicates=200, fixed_sensitivity=0.8, fixed_specificity=0.7)
    found = compare(**files, options=options)
    table = found.operating_points
    counts = table.groupby(["finding", "point"]).size()
    assert set(counts) == {2}
    assert len(counts) == 3 * 4
    prevalence = bench.labels["test"][:, 1].mean()
    edema = table[table["finding"] == "Edema"].set_index(["point", "model"])
    assert set(edema.loc["same sensitivity", "sensitivity"]) == {0.8}
    assert set(edema.loc["same specificity", "specificity"]) == {0.7}
    assert edema.loc["same flags", "flags"].to_numpy() == pytest.approx(1000 * prevalence)
    # as many flags as positives: sensitivity is the PPV
    at_flags = edema.loc["same flags"]
    assert at_flags["sensitivity"].to_numpy() == pytest.approx(at_flags["ppv"].to_numpy())
    for _, one in edema.iterrows():
        true = prevalence * one["sensitivity"]
        flags = true + (1 - prevalence) * (1 - one["specificity"])
        assert one["flags"] == pytest.approx(1000 * flags)
        assert one["missed"] == pytest.approx(1000 * (prevalence - true))
        assert one["ppv"] == pytest.approx(true / flags)
        for name in ("sensitivity", "specificity", "flags", "missed", "ppv"):
            assert one[f"{name}_low"] <= one[name] + 1e-12
            assert one[name] <= one[f"{name}_high"] + 1e-12
    own = row(found.metrics, model="good", finding="Edema", metric="specificity", seed="all")
    assert edema.loc[("own threshold", "good"), "specificity"] == own["value"]
    assert edema.loc[("own threshold", "good"), "specificity_low"] == own["low"]


def test_counts_are_the_verdicts_of_the_differences(files, row):
    found = compare(**files, options=Options(replicates=200, fixed_flags=200))
    tests = found.differences[found.differences["metric"] == "sensitivity_at_flags"]
    assert set(tests["finding"]) == {"Atelectasis", "Edema", "Mass", "mean"}
    assert row(tests, finding="mean")["verdict"] == "a_better"
    assert tests["method"].str.endswith("at 200 flags per 1,000").all()
    for finding in ("Atelectasis", "Edema", "Mass"):
        wins = row(tests, finding=finding)["verdict"] == "a_better"
        at = found.operating_points[found.operating_points["point"] == "same flags"]
        good = row(at, finding=finding, model="good")
        assert good["target"] == 200
        assert good["tested"] == "sensitivity_at_flags"
        assert (good["better_than"], good["worse_than"]) == (int(wins), 0)
        assert row(at, finding=finding, model="bad")["worse_than"] == int(wins)
    # a family of single findings and one of the mean: 3 tests doubled, and 1 doubled
    factor = tests["p_adjusted"] / tests["p_value"]
    exact = tests["p_adjusted"] < 1
    assert factor[exact & (tests["finding"] != "mean")].to_numpy() == pytest.approx(6)
    assert factor[tests["finding"] == "mean"].to_numpy() == pytest.approx(2)


def test_without_chosen_thresholds_there_is_no_own_threshold(files):
    found = compare(files["predictions"], files["reference"], options=Options(replicates=100))
    assert set(found.operating_points["point"]) == {
        "same sensitivity",
        "same specificity",
        "same flags",
    }


def test_prevalence_thresholds_and_rates_may_be_data(bench, files, row, tmp_path):
    site = {"finding": ["edema"], "prevalence": [0.05]}
    limits = {"finding": ["Atelectasis", "Edema", "Mass"], "threshold": [0.2, 0.3, 0.4]}
    rates = {"finding": ["Edema"], "sensitivity": [0.9], "specificity": [0.8]}
    tables = {"prevalence": site, "thresholds": limits, "labeller_rates": rates}
    paths = {}
    for name, columns in tables.items():
        paths[name] = tmp_path / f"{name}.csv"
        pd.DataFrame(columns).to_csv(paths[name], index=False)
    base = {"predictions": files["predictions"], "reference": files["reference"]}
    options = Options(replicates=100)
    from_files = compare(**base, **paths, options=options)
    frames = {name: pd.DataFrame(columns) for name, columns in tables.items()}
    short = {"prevalence": {"Edema": 0.05}, "labeller_rates": {"Edema": (0.9, 0.8)}}
    for given in (tables, frames, {**tables, **short}):
        found = compare(**base, **given, options=options)
        for name in ("operating_points", "at_prevalence", "label_correction", "thresholds"):
            pd.testing.assert_frame_equal(getattr(found, name), getattr(from_files, name))
    at = from_files.operating_points
    assert set(at.loc[at["finding"] == "Edema", "prevalence"]) == {0.05}
    called = pd.read_csv(files["predictions"][0])["Edema"].to_numpy() >= 0.3
    own = row(at, model="good", finding="Edema", point="own threshold")
    label = bench.labels["test"][:, 1]
    assert own["sensitivity"] == called[label == 1].mean()
    assert metrics.auroc(label, called.astype(float)) == pytest.approx(
        np.mean([own["sensitivity"], own["specificity"]])
    )
