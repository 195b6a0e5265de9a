"""The quick part of the simulation of verdicts, `benchmarks/verdicts.py`.

In 120 sets, a rate of 5 % has a standard error of 2 points; the limits are 2.5 of these away.
"""

import importlib
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SETS = 120

pytestmark = pytest.mark.slow

CELLS = {
    "one finding": {"studies": 200, "models": 5},
    "few positives, many models": {"studies": 500, "prevalence": 0.03, "models": 6},
    "few positives, different shapes": {"prevalence": 0.025, "models": 2, "effect": "shapes"},
    "clusters": {"studies": 600, "prevalence": 0.2, "units": 3},
    "CheXpert": {"studies": 500, "prevalence": "chexpert", "findings": 14},
    "three seeds": {"prevalence": 0.2, "seeds": 3, "seed_sd": 0.01},
    "ties": {"prevalence": 0.2, "effect": "ties"},
    "at the margin": {"prevalence": 0.5, "studies": 5000, "models": 2, "effect": "margin"},
    "one better finding": {"prevalence": 0.2, "findings": 5, "effect": "one finding"},
    "Brier score": {"metric": "brier"},
    "pooled Brier score": {"metric": "brier", "findings": 3},
    "sensitivity": {"metric": "sensitivity", "rule": "given"},
    "chosen threshold": {"metric": "specificity", "rule": "youden", "validation": 200},
    "fixed sensitivity": {"metric": "specificity", "rule": "sensitivity=0.9", "validation": 500},
    "AUPRC": {"metric": "auprc", "models": 3},
}


@pytest.mark.parametrize("name", CELLS)
def test_false_verdicts_are_rare_and_intervals_cover(name, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    verdicts = importlib.import_module("verdicts")
    cell = importlib.import_module("simulated_sets").Cell(**CELLS[name])
    monkeypatch.setattr(verdicts, "REPLICATES", 300)
    row = verdicts.rates(cell, "cxrcompare", SETS, seed=1)
    assert row.fwer <= 0.05 + 2.5 * 0.02
    assert row.simultaneous >= 0.95 - 2.5 * 0.02
    most = 1.0 if "few" in name else 0.995  # with few positives, differences are conservative
    assert 0.88 <= row.coverage_difference <= most
    if not np.isnan(row.coverage):
        assert 0.88 <= row.coverage <= 0.995


def test_real_differences_and_equivalence_are_found(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    verdicts = importlib.import_module("verdicts")
    cell = importlib.import_module("simulated_sets").Cell
    better = verdicts.rates(cell(studies=3000, prevalence=0.2, effect="one"), "cxrcompare", 20, 1)
    assert better.power > 0.9
    equal = verdicts.rates(cell(studies=10000, prevalence=0.5, models=2), "cxrcompare", 20, 1)
    assert equal.equivalent > 0.7
