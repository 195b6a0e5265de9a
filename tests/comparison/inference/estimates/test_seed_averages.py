"""Means over seeds and their noise."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.estimates.seed_averages import average, seed_weights
from cxrcompare.comparison.inference.scoring import Scored

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


def test_points_are_means_over_seeds(make_panel):
    scores = {name: np.zeros((4, 1)) for name in ("a__seed0", "a__seed1", "b")}
    panel = make_panel([[0], [1], [0], [1]], scores)
    point = np.array([[0.6], [0.8], [0.5]])
    runs = Scored(point, np.tile(point, (100, 1, 1)), np.array([3, 2, 3]))
    weights = seed_weights(panel, np.random.default_rng(0))
    assert {name: one.shape for name, one in weights.items()} == {"a": (100, 2), "b": (100, 1)}
    found, noise = average(panel, runs, weights)
    # a: (.6 + .8) / 2
    np.testing.assert_allclose(found.point[:, 0], [0.7, 0.5])
    assert found.defined.tolist() == [2, 3]  # a finding must be defined for every seed
    # the standard deviation of .6 and .8 is .1414, of their mean .1414 / sqrt(2)
    assert noise.seed_sd[0, 0] == pytest.approx(0.1)
    assert np.isnan(noise.seed_sd[1, 0])
    assert noise.patient_sd[:, 0].tolist() == pytest.approx([0, 0], abs=1e-12)
