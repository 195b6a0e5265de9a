"""The decision curve draws the rows of net benefit, and only where it says something."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.comparison.row_types.reader_rows import ReaderNetBenefitRow
from cxrcompare.reporting.figures import net_benefit_figures
from cxrcompare.reporting.formats import page
from cxrcompare.reporting.results.lookup import Results


@pytest.fixture
def results(make_comparison: Callable[..., Comparison]) -> Results:
    plain = make_comparison(networks=("a", "b"), findings=("Edema", "Mass"))
    plain.counts["positives"], plain.counts["negatives"] = 30, 70
    rows = [
        {
            "model": model,
            "finding": "Edema",
            "threshold": threshold,
            "net_benefit": value,
            "low": value - 0.02,
            "high": value + 0.02,
            "treat_all": 0.3 - 0.7 * threshold / (1 - threshold),
            "standardised": value / 0.3,
        }
        for model, values in (
            ("a", (0.29, 0.2, 0.1)),
            ("b", (0.28, 0.15, -0.5)),
            ("metadata alone", (0.2, 0.1, 0.0)),
        )
        for threshold, value in zip((0.1, 0.2, 0.8), values, strict=True)
    ]
    pair = {
        "model_a": "a",
        "model_b": "b",
        "finding": "Edema",
        "threshold": 0.2,
        "difference": 0.05,
        "low": 0.0123,
        "high": 0.0877,
        "p_value": 0.01,
        "p_adjusted": 0.03,
    }
    return Results(
        dataclasses.replace(
            plain,
            net_benefit=table("net_benefit", rows),
            net_benefit_differences=table("net_benefit_differences", [pair]),
        )
    )


def test_every_network_and_both_guides_are_drawn(results: Results) -> None:
    figure = net_benefit_figures.decision(results, "Edema")
    assert figure is not None
    assert [row[0] for row in figure.data] == ["b"] * 3 + ["a"] * 3
    assert figure.data[3][0] == "a"
    assert figure.data[3][1:] == pytest.approx((0.1, 0.29, 0.27, 0.31, 0.3 - 0.7 / 9))
    assert figure.alt_text == "Prevalence 0.300. b: 0.150 at 0.2; a: 0.200 at 0.2"
    assert sum('class="guide"' in part for part in figure.axes.parts) == 2


def test_values_far_below_zero_are_left_out(results: Results) -> None:
    figure = net_benefit_figures.decision(results, "Edema")
    assert figure is not None
    assert sum('class="band"' in part for part in figure.axes.parts) == 2
    lines = [part for part in figure.axes.parts if 'class="line"' in part]
    assert len(lines) == 2
    bottom = figure.axes.up(figure.axes.y[0])
    assert figure.axes.up(-0.5) > bottom  # below the axis, so b ends at 0.2
    assert lines[0].count("L") < lines[1].count("L") or len(lines[0]) < len(lines[1])


def test_the_page_has_the_figure_of_a_finding_with_rows_only(results: Results) -> None:
    drawn = page.figures(results)
    assert [figure.about for figure in drawn.values() if figure.kind == "decision"] == ["Edema"]
    written = page.render(results, drawn)
    assert "Decision curve, Edema" in written
    assert written.count("Differences of net benefit") == 2  # summary and label of one finding
    assert "+0.0123 to +0.0877" in written


def test_readers_are_diamonds_at_the_decision_thresholds(results: Results) -> None:
    rows = [
        ReaderNetBenefitRow("Edema", reader, 0.2, value, value - 0.1, value + 0.1)
        for reader, value in (("r1", 0.2), ("r2", -0.9), ("mean reader", 0.1), ("panel", 0.25))
    ]
    rows.append(ReaderNetBenefitRow("Mass", "r1", 0.2, 0.2, 0.1, 0.3))
    changed = dataclasses.replace(
        results.comparison, reader_net_benefit=table("reader_net_benefit", rows)
    )
    figure = net_benefit_figures.decision(Results(changed), "Edema")
    assert figure is not None
    drawn = figure.axes.svg("f", "t", "d")
    assert "r1: 0.200 at 0.2" in drawn
    assert "panel: 0.250 at 0.2" in drawn
    assert "r2: " not in drawn  # below the axis
    assert "mean reader: " not in drawn
    readers = [row for row in figure.data if row[0] in ("r1", "r2", "mean reader", "panel")]
    assert len(readers) == 4
