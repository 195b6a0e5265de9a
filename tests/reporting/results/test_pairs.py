"""Pairs of networks: all of them, or only those with the first where there are many."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.results.pairs import MOST_PAIRS, pairs


@pytest.mark.parametrize(("count", "shown"), [(1, 0), (2, 1), (7, MOST_PAIRS), (8, 7)])
def test_many_networks_are_compared_with_the_first_only(
    make_comparison: Callable[..., Comparison], count: int, shown: int
) -> None:
    names = tuple(f"n{place}" for place in range(count))
    results = Results(make_comparison(networks=names, findings=("Edema",)))
    found = pairs(results, "Edema")
    assert len(found) == shown
    order = results.networks.index
    assert all(order(item.first) < order(item.second) for item in found)
    if count == 8:
        assert {item.first for item in found} == {results.networks[0]}


def test_a_pair_without_a_test_is_left_out(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a", "b", "c"), findings=("Edema",))
    untested = (plain.differences["model_a"] == "a") & (plain.differences["model_b"] == "c")
    plain.differences.loc[untested, "difference"] = float("nan")
    found = [(item.first, item.second) for item in pairs(Results(plain), "Edema")]
    assert found == [("a", "b"), ("b", "c")]
    assert pairs(Results(plain), "Mass") == []
