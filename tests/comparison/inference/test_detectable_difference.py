"""The minimum detectable difference."""

import pytest

from cxrcompare.comparison.compare import Options, compare

FEW = Options(replicates=200)


def test_the_minimum_detectable_difference_by_hand(bench, row):
    paths = [bench.model("a", 0.4), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(), options=FEW)
    one = row(found.differences, finding="mean", metric="auroc")
    # (1.959964 + 0.841621) standard errors, of which the 95 % interval spans 2 * 1.959964, or
    # slightly more by Student's distribution
    expected = (1.959964 + 0.841621) * (one["high"] - one["low"]) / (2 * 1.959964)
    told = row(found.resolution, finding="mean", metric="auroc")
    assert told["minimum_detectable_difference"] == pytest.approx(expected, rel=0.02)
    assert (told["power"], told["level"]) == (0.8, 0.95)
