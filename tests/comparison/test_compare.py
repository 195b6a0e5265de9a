"""A whole comparison: seeds of the generator, and the order of rows."""

import numpy as np
import pandas as pd

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import TABLES

FEW = Options(replicates=200)


def test_the_same_seed_gives_the_same_comparison_and_another_does_not(bench):
    paths = [bench.model("a__seed0", 0.7), bench.model("a__seed1", 0.9), bench.model("b", 1.0)]
    one, same = (compare(paths, bench.standard(), options=FEW) for _ in range(2))
    other = compare(paths, bench.standard(), options=Options(replicates=200, seed=1))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(same, name))
    assert not one.metrics["low"].equals(other.metrics["low"])
    np.testing.assert_array_equal(one.metrics["value"], other.metrics["value"])


def test_order_of_rows_does_not_change_estimates(bench):
    path = bench.model("a", 0.7)
    one = compare([path], bench.standard(), options=FEW)
    pd.read_csv(path).sample(frac=1, random_state=1).to_csv(path, index=False)
    other = compare([path], bench.standard(), options=FEW)
    pd.testing.assert_frame_equal(one.metrics, other.metrics)
