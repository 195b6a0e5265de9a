"""Sentences on metadata rest on the test of network and metadata against metadata alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from cxrcompare.comparison.result.comparison import table
from cxrcompare.reporting.formats import page
from cxrcompare.reporting.narrative import answer, strengths
from cxrcompare.reporting.results.lookup import Results

ROW = {
    "model": "a",
    "finding": "mean",
    "auroc_metadata": 0.6,
    "auroc_combined": 0.75,
    "difference": 0.15,
    "low": 0.1,
    "high": 0.2,
    "p_value": 0.0005,
    "p_adjusted": 0.001,
}
WEAK = ROW | {
    "model": "b",
    "auroc_combined": 0.61,
    "difference": 0.01,
    "low": -0.01,
    "high": 0.03,
    "p_adjusted": 0.3,
}


def with_rows(results: Results, *rows: dict[str, object]) -> Results:
    return Results(
        dataclasses.replace(
            results.comparison, added_to_metadata=table("added_to_metadata", [*rows])
        )
    )


def test_networks_that_add_and_that_do_not_are_named(against: Callable[..., Results]) -> None:
    plain = against({}, {("metadata alone", "auroc"): 0.6})
    results = with_rows(plain, ROW, WEAK)
    sentences = [line for line in answer.answer(results) if "metadata" in line]
    assert sentences == [
        "a adds significantly to metadata in AUROC of Edema (metadata alone: 0.600; with the "
        "network: 0.750).",
        "b does not add significantly to metadata in AUROC of Edema (metadata alone: 0.600; with "
        "the network: 0.610).",
    ]
    first, second = strengths.profiles(results)
    assert first.strengths[-1] == (
        "Adds significantly to metadata in AUROC (difference 0.150, 0.100 to 0.200; "
        "adjusted p = 0.001)."
    )
    assert second.limits[-1] == (
        "Does not add significantly to metadata in AUROC (difference 0.010, −0.010 to 0.030; "
        "adjusted p = 0.300)."
    )


def test_a_significant_loss_is_not_an_addition(against: Callable[..., Results]) -> None:
    plain = against({}, {("metadata alone", "auroc"): 0.6})
    results = with_rows(plain, ROW | {"difference": -0.15})
    assert any("a does not add" in line for line in answer.answer(results))


def test_better_than_the_metadata_baseline_alone_is_no_statement(
    against: Callable[..., Results],
) -> None:
    results = against(
        {("a", "metadata alone", "auroc"): (0.2, 0.001)}, {("metadata alone", "auroc"): 0.6}, ("a",)
    )
    assert not any("metadata" in line for line in answer.answer(results))
    (profile,) = strengths.profiles(results)
    assert not any("metadata" in line for line in (*profile.strengths, *profile.limits))
    undefined = with_rows(results, ROW | {"p_adjusted": float("nan")})
    assert not any("metadata" in line for line in answer.answer(undefined))


def test_the_page_has_the_table_where_there_are_subgroups(
    make_comparison: Callable[..., object],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema", "Mass"), subgroups=True)
    results = with_rows(Results(plain), ROW, ROW | {"finding": "Mass"}, WEAK)  # type: ignore[arg-type]
    written = page.render(results, page.figures(results))
    assert "Networks beside metadata" in written
    assert written.count("0.750") >= 2
