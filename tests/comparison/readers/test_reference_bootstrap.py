"""Reader bootstrap of a reference that is the readers' majority."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison.compare import Options, compare

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
