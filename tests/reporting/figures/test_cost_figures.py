"""Figures of AUROC against cost, and their Pareto front."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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


def costing(
    make_comparison: Callable[..., Comparison], cost: str, points: dict[str, tuple[float, float]]
) -> Results:
    """Makes a comparison of networks with these costs and AUROCs."""
    plain = make_comparison(networks=tuple(points), findings=("Edema", "Mass"))
    for row in plain.models:
        if row["name"] in points:
            row["cost"] = {cost: points[row["name"]][0]}
    mean = (plain.metrics["finding"] == "mean") & (plain.metrics["metric"] == "auroc")
    for name, (_, value) in points.items():
        plain.metrics.loc[mean & (plain.metrics["model"] == name), "value"] = value
    return Results(plain)


@pytest.mark.parametrize(
    ("cost", "front"),
    [("parameters", {"a", "b", "twin"}), ("prediction_images_per_second", {"b", "d", "twin"})],
)
def test_the_front_depends_on_the_direction_of_the_cost(
    make_comparison: Callable[..., Comparison], cost: str, front: set[str]
) -> None:
    points = {"a": (1.0, 0.8), "b": (2.0, 0.9), "twin": (2.0, 0.9), "c": (2.0, 0.8), "d": (4, 0.7)}
    results = costing(make_comparison, cost, points)
    assert set(cost_figures.pareto(results, cost)) == front
    figure = cost_figures.cost_against_quality(results, cost)
    assert figure is not None
    assert {row[0] for row in figure.data if row[5]} == front
    assert {row[0]: row[1:3] for row in figure.data} == points
    assert sum('class="hollow"' in part for part in figure.axes.parts) == 5 - len(front)


def test_costs_that_are_not_stated_are_not_drawn(
    make_comparison: Callable[..., Comparison],
) -> None:
    points = {"a": (0.0, 0.8), "b": (float("nan"), 0.9), "c": (3.1e6, 0.7)}
    results = costing(make_comparison, "parameters", points)
    figure = cost_figures.cost_against_quality(results, "parameters")
    assert figure is not None
    assert [row[0] for row in figure.data] == ["c"]
    assert any(">3 M</text>" in part for part in figure.axes.parts)  # the axis has labels
    assert cost_figures.cost_against_quality(results, "train_seconds") is None
