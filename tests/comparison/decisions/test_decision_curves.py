"""Decision curves of a comparison: rows, adjustment and refusals."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.decisions.decision_curves import GRID
from cxrcompare.errors import InputError
from cxrcompare.evaluation.probabilities.net_benefit import net_benefit


def test_curves_and_differences(bench, row):
    paths = [bench.model(name, noise) for name, noise in (("a", 0.3), ("b", 0.6), ("c", 4.0))]
    options = Options(replicates=100, decision_thresholds="0.15,0.33")
    found = compare(paths, bench.standard(), options=options)
    assert set(found.net_benefit["threshold"]) == {*GRID, 0.33}
    assert set(found.net_benefit["model"]) == {"a", "b", "c"}
    for f, finding in enumerate(bench.findings):
        one = row(found.net_benefit, model="b", finding=finding, threshold=0.33)
        label, score = bench.labels["test"][:, f], bench.scores(paths[1])[:, f]
        assert one["net_benefit"] == pytest.approx(net_benefit(label, score, 0.33))
        assert one["low"] < one["net_benefit"] < one["high"]
        assert one["treat_all"] == pytest.approx(label.mean() - (1 - label.mean()) * 0.33 / 0.67)
    pairs = found.net_benefit_differences
    assert len(pairs) == 3 * 3 * 2
    assert pairs["p_adjusted"].to_numpy() == pytest.approx(
        np.minimum(18 * pairs["p_value"], 1).to_numpy()
    )
    one = row(pairs, model_a="a", model_b="c", finding="Edema", threshold=0.33)
    assert one["difference"] == pytest.approx(
        row(found.net_benefit, model="a", finding="Edema", threshold=0.33)["net_benefit"]
        - row(found.net_benefit, model="c", finding="Edema", threshold=0.33)["net_benefit"]
    )


def test_a_finding_with_few_patients_has_a_curve_without_interval_or_test(bench, rows):
    bench.labels["test"][:, 1] = 0
    bench.labels["test"][:3, 1] = 1
    bench.labels["test"][:, 2] = 0
    paths = [bench.model("a", 0.3), bench.model("b", 0.6)]
    found = compare(paths, bench.standard(), options=Options(replicates=100))
    few = rows(found.net_benefit, finding="Edema")
    assert few["net_benefit"].notna().all()
    assert few[["low", "high"]].isna().all(axis=None)
    assert set(found.net_benefit_differences["finding"]) == {"Atelectasis"}
    assert rows(found.net_benefit, finding="Mass").empty  # no positive


def test_scores_have_no_net_benefit(bench):
    frame = pd.read_csv(bench.model("a", 0.5))
    frame[list(bench.findings)] = 10 * frame[list(bench.findings)] - 5
    path = bench.folder / "test" / "raw.csv"
    frame.to_csv(path, index=False)
    found = compare([path], bench.standard(), options=Options(replicates=100, scores=True))
    assert found.net_benefit.empty
    assert found.net_benefit_differences.empty


@pytest.mark.parametrize("given", ["", "0.1,,0.2", "0", "0.5,1", "half"])
def test_thresholds_are_checked(given):
    with pytest.raises(InputError, match=r"`decision_thresholds` must be.*Received: "):
        Options(decision_thresholds=given)
    assert Options(decision_thresholds="0.1, 0.2").thresholds_of_decisions == (0.1, 0.2)
    assert np.all(np.diff(GRID) > 0)
