"""Further results: shown where the comparison holds them, and only then."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.comparison.row_types.main_rows import AnalyticRow
from cxrcompare.reporting.formats import page
from cxrcompare.reporting.narrative import strengths
from cxrcompare.reporting.results import further_results
from cxrcompare.reporting.results.lookup import Results


@pytest.fixture
def rich(make_comparison: Callable[..., Comparison]) -> Results:
    plain = make_comparison(
        networks=("a", "b"),
        findings=("Edema", "Mass"),
        readers=3,
        subgroups=True,
        non_inferiority_margin=0.02,
    )
    gap = {
        "model": "a",
        "column": "Sex",
        "value": "F",
        "finding": "mean",
        "metric": "auroc",
        "difference": -0.05,
        "low": -0.08,
        "high": -0.02,
        "p_value": 0.001,
        "p_adjusted": 0.004,
        "against": "rest",
        "verdict": "lower",
    }
    inferior = {
        "model_a": "b",
        "model_b": "a",
        "finding": "mean",
        "metric": "auroc",
        "margin": 0.02,
        "difference": -0.001,
        "low": -0.01,
        "high": 0.008,
        "p_value": 0.002,
        "p_adjusted": 0.004,
        "non_inferior": True,
    }
    return Results(
        dataclasses.replace(
            plain,
            subgroup_gaps=table("subgroup_gaps", [gap, gap | {"model": "b", "p_adjusted": 0.4}]),
            non_inferiority=table("non_inferiority", [inferior]),
            readers_below={"a": {"Edema": 1, "Mass": 2, "mean": 1.5}},
        )
    )


def test_a_gap_is_a_limit_only_where_a_test_says_so(rich: Results) -> None:
    assert further_results.significant_gaps(rich, "a") == [
        "Sex = F: AUROC significantly lower than in the rest by 0.050 (0.020 to 0.080; "
        "adjusted p = 0.004)."
    ]
    assert further_results.significant_gaps(rich, "b") == []
    first = next(profile for profile in strengths.profiles(rich) if profile.name == "a")
    assert further_results.significant_gaps(rich, "a")[0] in first.limits


def test_the_page_shows_them(rich: Results) -> None:
    written = page.render(rich, page.figures(rich))
    for words in (
        "Non-inferiority",
        "Subgroup minus the rest",
        "Mean over findings",
        "Tests against the readers",
    ):
        assert words in written


def test_the_analytic_check_stands_beside_its_pair(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema", "Mass"))
    row = {
        "model_a": "a",
        "model_b": "b",
        "finding": "Edema",
        "method": "DeLong",
        "difference": 0.0123,
        "low": -0.01,
        "high": 0.03,
        "p_value": 0.217,
        "standard_error": 0.0111,
        "bootstrap_standard_error": 0.0113,
    }
    results = Results(
        dataclasses.replace(
            plain,
            analytic=table("analytic", [row]),
            degenerate_replicates={"Edema": 3, "Mass": 0},
        )
    )
    assert further_results.analytic(results, "Edema") == [AnalyticRow(**row)]
    assert further_results.analytic(results, "Mass") == []
    turned = row | {
        "model_a": "b",
        "model_b": "a",
        "difference": -0.0123,
        "low": -0.03,
        "high": 0.01,
    }
    held = dataclasses.replace(results.comparison, analytic=table("analytic", [turned]))
    assert further_results.analytic(Results(held), "Edema") == [AnalyticRow(**row)]
    written = page.render(results, page.figures(results))
    assert written.count("Checked: DeLong’s test with fixed seeds") == 1
    for words in ("0.0111", "0.0113", "0.217", "3 replicates with only one class excluded"):
        assert words in written


def test_the_page_does_without_them(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    written = page.render(results, page.figures(results))
    for words in ("Non-inferiority", "Subgroup minus the rest", "Tests against the readers"):
        assert words not in written
