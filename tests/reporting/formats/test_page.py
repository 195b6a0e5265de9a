"""The figures of the page."""

from __future__ import annotations

import math
from collections.abc import Callable

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.formats import page
from cxrcompare.reporting.results.lookup import Results


def test_every_figure_carries_its_data(comparison: Comparison) -> None:
    for name, figure in page.figures(Results(comparison)).items():
        assert figure.data, name
        assert all(len(row) == len(figure.columns) for row in figure.data), name
        assert figure.title, name
        assert figure.alt_text, name
        assert not any(math.isinf(v) for row in figure.data for v in row if isinstance(v, float))


def test_figures_come_in_the_order_of_the_page(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    kinds = [figure.kind for figure in page.figures(results).values()]
    assert list(dict.fromkeys(kinds)) == [
        *("headline", "findings", "forest", "ranks", "roc", "pr", "calibration"),
        *("multilabel", "training", "cost"),
    ]
