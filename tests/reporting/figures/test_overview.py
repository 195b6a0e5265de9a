"""Figures of the whole comparison: headline, and AUROC by finding."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxrcompare import findings as vocabulary
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.figures import overview
from cxrcompare.reporting.results.lookup import Results


def test_the_headline_leaves_out_baselines_at_chance(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema", "Mass"))
    results = Results(plain)
    figure = overview.headline(results)
    assert figure is not None
    assert [row[0] for row in figure.data] == results.networks  # both baselines are at 0.5
    above = (plain.metrics["model"] == "training prevalence") & (plain.metrics["finding"] == "mean")
    lowest = min(row[2] for row in figure.data)
    plain.metrics.loc[above & (plain.metrics["metric"] == "auroc"), "value"] = lowest - 0.01
    figure = overview.headline(Results(plain))
    assert figure is not None
    assert [row[0] for row in figure.data] == [*results.networks, "training prevalence"]
    assert sum('class="hollow"' in part for part in figure.axes.parts) == 1
    assert figure.note == "Hollow: baselines that use no image."


def test_a_baseline_far_below_is_said_and_does_not_stretch_the_axis(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema", "Mass"))
    alone = overview.headline(Results(plain))
    above = (plain.metrics["model"] == "training prevalence") & (plain.metrics["finding"] == "mean")
    plain.metrics.loc[above & (plain.metrics["metric"] == "auroc"), "value"] = 0.55
    figure = overview.headline(Results(plain))
    assert figure is not None
    assert alone is not None
    assert figure.axes.x == alone.axes.x
    assert figure.data[-1][:2] == ("training prevalence", 0.55)
    assert figure.note == "Below the axis: training prevalence 0.550 (no image used)."


@pytest.mark.parametrize(("count", "parts"), [(1, [1]), (6, [6]), (7, [4, 3]), (14, [7, 7])])
def test_more_than_six_findings_make_two_figures(
    make_comparison: Callable[..., Comparison], count: int, parts: list[int]
) -> None:
    findings = vocabulary.CHEXPERT[:count]
    figures = overview.by_finding(Results(make_comparison(networks=("a", "b"), findings=findings)))
    assert [len(figure.data) // 2 for figure in figures] == parts
    assert [row[0] for figure in figures for row in figure.data[::2]] == list(findings)


def test_an_undefined_finding_keeps_its_row_without_numbers(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema", "Mass"), undefined=("Mass",))
    (figure,) = overview.by_finding(Results(plain))
    assert figure.data[1] == ("Mass", "a", None, None, None)
    assert figure.alt_text.endswith("Mass: highest –")
    assert sum(">not defined<" in part for part in figure.axes.parts) == 1
    nothing = make_comparison(networks=("a",), findings=("Mass",), undefined=("Mass",))
    assert overview.by_finding(Results(nothing)) == []
    assert overview.headline(Results(nothing)) is None


def test_the_axis_fits_intervals_far_from_chance(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema",))
    networks = plain.metrics["model"].isin(["a", "b"]) & (plain.metrics["metric"] == "auroc")
    plain.metrics.loc[networks, ["value", "low", "high"]] = (0.925, 0.92, 0.93)
    figure = overview.headline(Results(plain))
    assert figure is not None
    low, high = figure.axes.x
    assert 0.91 < low < 0.92
    assert 0.93 < high < 0.94
    words = " ".join(figure.axes.parts)
    assert "chance" not in words
    assert ">0.920<" in words or ">0.922<" in words or ">0.925<" in words


def test_many_networks_share_a_row_behind_the_first(
    make_comparison: Callable[..., Comparison],
) -> None:
    names = tuple(f"m{n:02d}" for n in range(20))
    results = Results(make_comparison(networks=names, findings=("Edema",), gap=0.02))
    figure = overview.headline(results)
    assert figure is not None
    assert len(figure.data) == 20
    words = " ".join(figure.axes.parts)
    assert ">12 more<" in words
    assert figure.alt_text.endswith("and 12 more networks")
    assert figure.axes.height < 300
