"""Means over seeds and their noise."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare

FEW = Options(replicates=200)


def test_seeds_are_replicates_of_one_architecture(bench, row, rows):
    paths = [bench.model(f"net__seed{seed}", 0.7) for seed in (0, 1, 10, 2)]
    found = compare(paths, bench.standard(), options=FEW)
    runs = rows(found.metrics, model="net", finding="mean", metric="auroc")
    assert runs["seed"].tolist() == ["all", "0", "1", "2", "10"]
    values = runs["value"].to_numpy()
    assert values[0] == pytest.approx(values[1:].mean())
    assert found.models[0]["seeds"] == ["0", "1", "2", "10"]
    assert found.protocol["seeds"] == {"net": ["0", "1", "2", "10"]}
    one = runs.iloc[0]
    assert one["patient_sd"] > 0
    assert one["seed_sd"] >= 0
    assert np.isnan(runs.iloc[1]["seed_sd"])
    assert "one_seed" not in found.warnings["code"].tolist()


def test_seed_noise_widens_the_interval(bench, row):
    rng = np.random.default_rng(1)
    quiet = [bench.model(f"q__seed{seed}", 0.0) for seed in range(3)]
    loud = [bench.model(f"l__seed{seed}", noise, rng=rng) for seed, noise in enumerate((0.2, 1, 4))]
    found = compare([*quiet, *loud], bench.standard(), options=FEW)
    width, spread = {}, {}
    for name in "ql":
        one = row(found.metrics, model=name, seed="all", finding="mean", metric="auroc")
        width[name], spread[name] = one["high"] - one["low"], one["seed_sd"]
    assert spread["q"] == pytest.approx(0, abs=1e-12)
    assert spread["l"] > 0.03
    assert width["l"] > 2 * width["q"]
