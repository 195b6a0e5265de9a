"""Figures of one finding: their data are the curves, and their marks follow the networks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.figures import finding_curves
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")


@pytest.fixture
def plain(make_comparison: Callable[..., Comparison]) -> Comparison:
    return make_comparison(networks=("a", "b"), findings=("Edema",), readers=2)


def with_curves(comparison: Comparison, **curves: Any) -> Results:
    """Returns results in which these replace the curves of every network."""
    found = {name: {**own, **curves} for name, own in comparison.curves["Edema"].items()}
    return Results(dataclasses.replace(comparison, curves={"Edema": found}))


def test_the_roc_figure_holds_the_curves_and_the_readers(plain: Comparison) -> None:
    curve = {"fpr": [0.0, 0.2, 1.0], "tpr": [0.0, 0.7, 1.0]}
    results = with_curves(plain, roc={**curve, "low": [0.0, 0.6, 1.0], "high": [0.0, 0.8, 1.0]})
    figure = finding_curves.roc(results, "Edema")
    assert figure is not None
    assert figure.data[1] == ("b", 0.2, 0.7, 0.6, 0.8)
    assert [row[0] for row in figure.data[:6]] == ["b"] * 3 + ["a"] * 3
    name, x, y, *ends = figure.data[6]
    assert (name, y, ends) == ("reader: reader 1", 0.7, [None, None])
    assert x == pytest.approx(0.15)  # 1 - specificity
    assert sum(part.startswith("<polygon") for part in figure.axes.parts) == 2
    assert figure.alt_text.endswith(". 2 readers shown as diamonds")


def test_the_first_network_is_drawn_last_and_so_on_top(plain: Comparison) -> None:
    for draw in (finding_curves.roc, finding_curves.precision_recall):
        figure = draw(Results(plain), "Edema")
        assert figure is not None
        groups = [part for part in figure.axes.parts if part.startswith("<g ")]
        assert groups == ['<g class="n1 series">', '<g class="n0 series">']


def test_the_chance_level_of_precision_is_the_prevalence(plain: Comparison) -> None:
    plain.counts["positives"], plain.counts["negatives"] = 30, 70
    results = Results(plain)
    figure = finding_curves.precision_recall(results, "Edema")
    assert figure is not None
    auprc = results.estimate("a", "Edema", "auprc")
    assert auprc is not None
    assert figure.alt_text.startswith(
        f"Prevalence 0.300. a: AUPRC {auprc.value:.3f} ({auprc.interval}); b: "
    )
    y = f"{figure.axes.up(0.3):.1f}".removesuffix(".0")
    guides = [part for part in figure.axes.parts if 'class="guide"' in part]
    assert guides == [f'<path d="M46 {y}h302" class="guide"/>']


def test_without_curves_there_is_no_figure(plain: Comparison) -> None:
    bare = Results(dataclasses.replace(plain, curves={}))
    assert finding_curves.roc(bare, "Edema") is None
    assert finding_curves.precision_recall(bare, "Edema") is None
    assert finding_curves.calibration(bare, "Edema", "a") is None
    undefined = with_curves(
        plain, roc={"fpr": [0.0, 1.0], "tpr": [NAN, NAN], "low": [NAN, NAN], "high": [NAN, NAN]}
    )
    assert finding_curves.roc(undefined, "Edema") is None


def test_an_empty_bin_has_no_dot_and_a_bin_without_interval_no_whisker(plain: Comparison) -> None:
    def bin_of(left: float, count: int, observed: float, low: float) -> dict[str, float]:
        ends = {"left": left, "right": left + 0.5, "low": low, "high": 0.9}
        return {**ends, "predicted": left + 0.2, "observed": observed, "count": count}

    results = with_curves(
        plain,
        reliability=[bin_of(0.0, 0, NAN, NAN), bin_of(0.5, 4, 0.5, NAN)],
        histogram={"edges": [0.0, 0.5, 1.0], "positive": [0, 2], "negative": [3, 2]},
    )
    figure = finding_curves.calibration(results, "Edema", "a")
    assert figure is not None
    parts = figure.axes.parts
    assert [part for part in parts if "<circle" in part] == [
        part for part in parts if "predicted 0.700, observed 0.500, n 4" in part
    ]
    assert not any("whisker" in part for part in parts)
    assert [row[7] for row in figure.data if row[0] == "positive"] == [0, 2]
    assert [row[7] for row in figure.data if row[0] == "negative"] == [3, 2]
    assert figure.about == "Edema\na"
