"""Test sets at the edge of sense: a comparison comes out, undefined is blank, nothing crashes."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import read
from cxrcompare.comparison.result.saving import write
from cxrcompare.comparison.result.summary import summary_table

FEW = Options(replicates=100, margin=0.05)  # with a given margin, for the most tables


def finish(found, folder):
    write(found, folder)
    assert summary_table(read(folder / "comparison.json")) == summary_table(found)
    numbers = found.metrics[["value", "low", "high"]].to_numpy(dtype=float)
    undefined = np.isnan(numbers[:, 0])
    assert np.isnan(numbers[undefined]).all()
    ends = ~np.isnan(numbers).any(axis=1)
    assert (numbers[ends, 1] <= numbers[ends, 2] + 1e-12).all()
    return found


@pytest.mark.parametrize("studies", [1, 2, 3, 7])
def test_a_handful_of_studies(make_bench, tmp_path, studies):
    bench = make_bench(studies=studies, per_patient=1)
    paths = [bench.model(name, 0.5) for name in ("a__seed0", "a__seed1", "b")]
    found = finish(compare(paths, bench.standard(), options=FEW), tmp_path / "out")
    assert found.protocol["studies"] == studies


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
def test_labels_of_one_class_or_none(bench, tmp_path, value):
    labels = np.full(bench.labels["test"].shape, value)
    paths = [bench.model("a__seed0", 0.5), bench.model("a__seed1", 0.5), bench.model("b", 0.5)]
    found = finish(compare(paths, bench.standard(labels=labels), options=FEW), tmp_path / "out")
    auroc = found.metrics[found.metrics["metric"] == "auroc"]
    assert auroc["value"].isna().all()
    assert (auroc["defined"] == 0).all()
    assert summary_table(found)[0][1] == "not defined"


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_constant_models(bench, tmp_path, value):
    paths = [bench.table(name, np.full((120, 3), value)) for name in ("a", "b")]
    found = finish(compare(paths, bench.standard(), options=FEW), tmp_path / "out")
    one = found.metrics.set_index(["model", "finding", "metric", "seed"])["value"]
    assert one["a", "mean", "auroc", "all"] == 0.5
    pair = found.differences.set_index(["finding", "metric"])
    assert pair.loc[("mean", "auroc"), "p_value"] == 1


def test_perfect_models(bench, tmp_path):
    path = bench.table("perfect", bench.labels["test"])
    other = bench.table("wrong", 1 - bench.labels["test"])
    found = finish(compare([path, other], bench.standard(), options=FEW), tmp_path / "out")
    one = found.metrics.set_index(["model", "finding", "metric", "seed"])
    row = one.loc[("perfect", "Edema", "auroc", "all")]
    assert (row["value"], row["high"]) == (1, 1)
    assert 0.8 < row["low"] < 1  # by Newcombe, as the influences are all zero
    row = one.loc[("perfect", "Edema", "sensitivity", "all")]
    assert row["value"] == 1
    assert row["low"] < 1  # by Wilson, as the bootstrap sees no spread
    assert one.loc[("wrong", "Edema", "log_loss", "all"), "value"] > 30
    assert "worse_than_chance" in found.warnings["code"].tolist()


def test_one_finding_only(make_bench, tmp_path):
    bench = make_bench(findings=("Edema",))
    found = finish(compare([bench.model("a", 0.5)], bench.standard(), options=FEW), tmp_path / "o")
    one = found.metrics.set_index(["model", "finding", "metric", "seed"])["value"]
    assert one["a", "mean", "auroc", "all"] == one["a", "Edema", "auroc", "all"]
    assert found.differences.empty


def test_a_run_that_calls_nothing_leaves_its_architectures_precision_undefined(bench, tmp_path):
    scores = pd.read_csv(bench.model("x", 0.5))[list(bench.findings)].to_numpy()
    paths = [bench.table("a__seed0", scores), bench.table("a__seed1", scores / 10)]
    found = finish(compare(paths, bench.standard(), options=FEW), tmp_path / "out")
    one = found.metrics.set_index(["model", "finding", "metric", "seed"])
    assert np.isnan(one.loc[("a", "Edema", "precision", "all"), "value"])
    assert one.loc[("a", "Edema", "precision", "0"), "value"] > 0
    assert one.loc[("a", "mean", "precision", "all"), "defined"] == 0
