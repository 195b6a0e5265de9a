"""Pairs of networks: all of them, or only those with the first where there are many."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.results.pairs import MOST_PAIRS, of_first, pairs, words


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


def test_pairs_of_the_first_network_keep_how_they_are_known(
    make_comparison: Callable[..., Comparison],
) -> None:
    results = Results(make_comparison(networks=("a", "b", "c"), findings=("Edema",)))
    found = of_first(results, {("b", "a"), ("a", "c"), ("b", "c")})
    assert found == [("a", "b", ("b", "a")), ("a", "c", ("a", "c"))]
    assert of_first(results, {("b", "c")}) == []


def test_words_say_if_only_pairs_with_one_network_are_there() -> None:
    every = [("a", "b"), ("a", "c"), ("b", "c")]
    assert words([*every, ("a", "a")]) == "pairs of networks"
    assert words(every[:2]) == "pairs of a with another network"
    assert words(every[:1]) == words([]) == "pairs of networks"
