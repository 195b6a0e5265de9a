"""Figures of AUROC against cost, and their Pareto front."""

from __future__ import annotations

from collections.abc import Callable

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.figures import cost_figures
from cxrcompare.reporting.results.lookup import Results


def test_pareto_front_by_hand(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(findings=("Edema", "Mass")))
    points = {}
    for row in results.comparison.models:
        estimate = results.estimate(row["name"], "mean")
        if row["cost"] and estimate:
            points[row["name"]] = (row["cost"]["parameters"], estimate.value)
    expected = [
        name
        for name, (cost, value) in points.items()
        if not any(c <= cost and v >= value and (c, v) != (cost, value) for c, v in points.values())
    ]
    assert cost_figures.pareto(results, "parameters") == expected
    assert results.networks[0] in expected
