"""Every network against every trivial model: paired, adjusted, and written as its own table."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.writing import write

FEW = Options(replicates=400)


@pytest.fixture
def found(bench):
    good, noise = bench.model("good", 0.3), bench.model("noise", 50)
    return compare([good, noise], bench.standard(), options=FEW)


def rows_of(found, **chosen):
    table = found.against_trivial
    for column, value in chosen.items():
        table = table[table[column] == value]
    return table


def test_the_difference_is_network_minus_trivial(found, row):
    one = rows_of(found, model_a="good", model_b="prevalence", finding="mean", metric="brier")
    values = [
        row(found.metrics, model=name, seed="all", finding="mean", metric="brier")["value"]
        for name in ("good", "prevalence")
    ]
    assert one["difference"].item() == pytest.approx(values[0] - values[1], abs=1e-12)
    assert set(rows_of(found)["model_a"]) == {"good", "noise"}
    assert set(rows_of(found)["model_b"]) == {"prevalence", "nothing positive"}


def test_auroc_against_a_constant_is_the_distance_from_chance(found, row):
    # a constant score has AUROC 1/2 without variance, so the standard error is the network's; its
    # own interval is on the logit scale, that of the difference is not
    for finding in (*found.findings, "mean"):
        one = rows_of(
            found, model_a="good", model_b="prevalence", finding=finding, metric="auroc"
        ).iloc[0]
        own = row(found.metrics, model="good", seed="all", finding=finding, metric="auroc")
        assert one["difference"] == pytest.approx(own["value"] - 0.5, abs=1e-9)
        logit = np.log(
            own[["low", "high"]].astype(float) / (1 - own[["low", "high"]].astype(float))
        )
        half = (logit["high"] - logit["low"]) / 2 * own["value"] * (1 - own["value"])
        assert one["high"] - one["low"] == pytest.approx(2 * half, rel=1e-6)


def test_skill_is_found_and_its_lack_is_not(found):
    def p_adjusted(name):
        return rows_of(found, model_a=name, model_b="prevalence", finding="mean", metric="auroc")[
            "p_adjusted"
        ].item()

    assert p_adjusted("good") < 0.05 < p_adjusted("noise")


def test_holm_is_over_networks_and_trivial_models(found):
    # four tests of one finding and metric: smallest times 4, next times 3, ..., running maximum
    family = rows_of(found, finding="mean", metric="auroc").sort_values("p_value")
    expected = np.minimum(np.maximum.accumulate(family["p_value"] * [4, 3, 2, 1]), 1)
    assert family["p_adjusted"].tolist() == pytest.approx(expected.tolist())


def test_it_is_a_file_of_its_own(found, tmp_path):
    write(found, tmp_path)
    table = pd.read_csv(tmp_path / "against_trivial.csv")
    assert set(table["metric"]) <= {"auroc", "accuracy", "brier", "log_loss"}
    assert "prevalence" not in set(found.differences["model_a"]) | set(found.differences["model_b"])
