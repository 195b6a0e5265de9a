"""Figures of the whole comparison: headline, differences, ranks, AUROC by finding."""

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
    plain.metrics.loc[above & (plain.metrics["metric"] == "auroc"), "value"] = 0.6
    figure = overview.headline(Results(plain))
    assert figure is not None
    assert [row[0] for row in figure.data] == [*results.networks, "training prevalence"]
    assert sum('class="hollow"' in part for part in figure.axes.parts) == 1


def test_the_forest_marks_the_significant_pairs(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a", "b", "c"), findings=("Edema",))
    plain.differences["p_adjusted"] = 0.2
    first = (plain.differences["model_a"] == "a") & (plain.differences["model_b"] == "b")
    plain.differences.loc[first, "p_adjusted"] = 0.01
    figure = overview.forest(Results(plain), "Edema")
    assert figure is not None
    assert [row[:2] for row in figure.data] == [("a", "b"), ("a", "c"), ("b", "c")]
    bold = [part for part in figure.axes.parts if 'class="strong b"' in part]
    assert len(bold) == 1
    assert "p = 0.010" in bold[0]
    assert figure.alt_text.count("adjusted p = 0.200") == 2
    assert overview.forest(Results(plain), "Mass") is None


def test_ranks_need_two_networks(make_comparison: Callable[..., Comparison]) -> None:
    one = make_comparison(networks=("a",), findings=("Edema",))
    assert overview.ranks(Results(one)) is None
    assert overview.forest(Results(one), "Edema") is None
    two = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    figure = overview.ranks(two)
    assert figure is not None
    assert [row[:4] for row in figure.data] == [("a", 1, 1, 2), ("b", 2, 1, 2)]
    assert figure.alt_text.startswith("a: rank 1 (1 to 2), best with probability 0.60; b: rank 2")


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
