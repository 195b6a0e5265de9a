"""Wilson intervals of proportions."""

import numpy as np
from scipy.stats import binomtest

from cxrcompare.comparison.compare import Options, compare

FEW = Options(replicates=200)


def test_wilson_where_every_patient_has_one_study(make_bench, row):
    bench = make_bench(per_patient=1)
    path = bench.model("net", 0.7)
    found = compare([path], bench.standard(), options=FEW)
    called = bench.scores(path)[:, 0] >= 0.5
    label = bench.labels["test"][:, 0] == 1
    one = row(found.metrics, model="net", seed="all", finding="Atelectasis", metric="sensitivity")
    found_of = binomtest(int((called & label).sum()), int(label.sum()))
    expected = found_of.proportion_ci(method="wilson")
    assert one["method"] == "wilson"
    np.testing.assert_allclose([one["low"], one["high"]], [expected.low, expected.high])
    clustered = make_bench(per_patient=3)
    found = compare([clustered.model("net", 0.7)], clustered.standard(), options=FEW)
    one = row(found.metrics, model="net", seed="all", finding="Edema", metric="sensitivity")
    assert one["method"] == "percentile"
