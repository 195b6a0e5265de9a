"""The networks that are drawn in detail."""

from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.results import drawn_networks
from cxrcompare.reporting.results.lookup import Results


@pytest.mark.parametrize(("count", "shown"), [(2, 2), (12, 12), (13, 8)])
def test_few_are_all_drawn_and_many_by_rank(
    make_comparison: Callable[..., Comparison], count: int, shown: int
) -> None:
    names = tuple(f"m{n:02d}" for n in range(count))
    results = Results(make_comparison(networks=names, findings=("Edema",), gap=0.02))
    assert drawn_networks.drawn(results) == results.networks[:shown]
    assert drawn_networks.others(results) == results.networks[shown:]
