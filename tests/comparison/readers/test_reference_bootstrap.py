"""Reader bootstrap of a reference that is the readers' majority."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.readers.reference_bootstrap import is_majority, resample

FEW = Options(replicates=200)


def test_the_reference_is_resampled_where_it_is_the_readers_majority(bench):
    rng = np.random.default_rng(1)
    truth = bench.labels["test"]
    readings = np.array(
        [np.where(rng.random(truth.shape) < 0.2, 1 - truth, truth) for _ in range(5)]
    )
    voted = (readings.mean(axis=0) > 0.5).astype(float)
    readers = [bench.table(f"r{n}", values, "test") for n, values in enumerate(readings)]
    paths = [bench.model("a", 0.5), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(labels=voted), readers=readers, options=FEW)
    assert found.reference_bootstrap is not None
    assert found.reference_bootstrap["readers"] == 5
    resampled = found.reference_resampled.to_dict("records")
    plain = found.metrics.set_index(["model", "seed", "finding", "metric", "subgroup"])
    scores = pd.read_csv(paths[0])[list(bench.findings)].to_numpy()
    wider = 0
    for one in resampled:
        here = plain.loc[(one["model"], "all", one["finding"], "auroc", "")]
        assert one["value"] == pytest.approx(here["value"])
        assert one["reader_sd"] > 0
        wider += (one["high"] - one["low"]) > (here["high"] - here["low"])
    assert wider >= 6  # of 8: two models, three findings and the mean
    first = resampled[0]
    assert first["value"] == pytest.approx(roc_auc_score(voted[:, 0], scores[:, 0]))
    assert set(found.reference_resampled_differences["finding"]) == {*bench.findings, "mean"}
    # a reference that is not their majority is not resampled
    other = compare(paths, bench.standard(), readers=readers, options=FEW)
    assert other.reference_bootstrap is None
    assert other.reference_resampled.empty


def ratings(*columns):
    return {f"r{n}": np.array(column, dtype=float)[:, None] for n, column in enumerate(columns)}


def test_a_majority_is_of_three_readers_or_more_and_ties_are_not_compared(make_panel):
    panel = make_panel([[1], [0], [1]], {"a": [[0.9], [0.1], [0.6]]})
    assert is_majority(panel, ratings([1, 0, 1], [1, 0, 0], [0, 0, 1]))
    assert not is_majority(panel, ratings([1, 0, 1], [1, 0, 0], [0, 0, 0]))  # the third vote is 0
    assert not is_majority(panel, ratings([1, 0, 1], [1, 0, 1]))
    # four readers: the third label is a tie, and the others agree
    assert is_majority(panel, ratings([1, 0, 1], [1, 0, 1], [1, 0, 0], [0, 0, 0]))
    assert not is_majority(panel, ratings(*[[np.nan] * 3] * 3))  # nothing to compare


def test_readers_who_agree_add_no_variability(make_panel):
    rng = np.random.default_rng(0)
    labels = (np.arange(40) % 2).astype(float)
    scores = {name: labels[:, None] + rng.normal(size=(40, 1)) for name in "ab"}
    panel = make_panel(labels[:, None], scores)
    same = ratings(labels, labels, labels)
    auroc = np.array([[roc_auc_score(labels, one[:, 0])] for one in scores.values()])
    found = resample(panel, same, auroc, 0.95, rng)
    assert found.size == {"readers": 3, "replicates": 100}
    assert [one.reader_sd for one in found.rows] == pytest.approx([0] * 4, abs=1e-12)
    assert [one.finding for one in found.rows] == ["Atelectasis", "mean"] * 2
    (first, mean) = found.differences
    assert first.difference == pytest.approx(auroc[0, 0] - auroc[1, 0])
    assert mean.difference == pytest.approx(first.difference)
    assert 0 < first.p_value <= 1
