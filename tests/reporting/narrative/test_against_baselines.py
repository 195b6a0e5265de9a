"""Sentences on networks against baselines: each rests on an adjusted test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxrcompare.reporting.narrative import answer, strengths
from cxrcompare.reporting.results.lookup import Results


def test_networks_that_fail_against_metadata_are_named(against: Callable[..., Results]) -> None:
    results = against(
        {
            ("a", "metadata alone", "auroc"): (0.04, 0.5),
            ("b", "metadata alone", "auroc"): (-0.2, 0.001),
            ("a", "prevalence", "auroc"): (0.2, 0.001),
            ("b", "prevalence", "auroc"): (0.01, 0.9),
            ("a", "prevalence", "brier"): (-0.03, 0.01),
            ("b", "prevalence", "brier"): (0.03, 0.01),
        },
        {
            ("metadata alone", "auroc"): 0.66,
            ("prevalence", "auroc"): 0.5,
            ("prevalence", "brier"): 0.16,
        },
    )
    assert answer.answer(results)[1:3] == [
        "Neither network is significantly better than the baseline metadata alone in AUROC of "
        "Edema (baseline: 0.660; b is significantly worse).",
        "b is not significantly better than the baseline prevalence in AUROC of Edema (baseline: "
        "0.500) or Brier score (baseline: 0.160; b is significantly worse).",
    ]
    first, second = strengths.profiles(results)
    assert first.strengths[-1] == (
        "Significantly better than the baseline prevalence in AUROC and Brier score, mean over "
        "findings."
    )
    assert first.limits[-1] == (
        "Not significantly better than the baseline metadata alone in AUROC, mean over findings."
    )
    assert (
        "Significantly worse than the baseline metadata alone in AUROC, mean over findings."
    ) in second.limits


def test_networks_better_than_every_baseline_are_named(against: Callable[..., Results]) -> None:
    results = against(
        {("a", "prevalence", "auroc"): (0.2, 0.001), ("b", "prevalence", "auroc"): (0.2, 0.001)},
        {("prevalence", "auroc"): 0.5},
    )
    assert answer.answer(results)[1] == (
        "Both networks are significantly better than the baseline prevalence in AUROC of Edema."
    )


def test_clauses_differ_where_other_networks_fail(against: Callable[..., Results]) -> None:
    results = against(
        {
            ("a", "prevalence", "auroc"): (0.2, 0.001),
            ("b", "prevalence", "auroc"): (0.1, 0.2),
            ("a", "prevalence", "brier"): (-0.03, 0.3),
            ("b", "prevalence", "brier"): (-0.03, 0.3),
        },
        {("prevalence", "auroc"): 0.5, ("prevalence", "brier"): 0.16},
    )
    assert answer.answer(results)[1] == (
        "b is not significantly better than the baseline prevalence in AUROC of Edema (baseline: "
        "0.500); neither network is significantly better than it in Brier score (baseline: 0.160)."
    )


@pytest.mark.parametrize(
    ("b", "subject"), [((-0.03, 0.01), "a is"), ((0.03, 0.01), "Both networks are")]
)
def test_networks_significantly_worse_than_a_baseline_are_named(
    against: Callable[..., Results], b: tuple[float, float], subject: str
) -> None:
    # A Brier score is better where it is lower: +0.03 is worse.
    results = against(
        {("a", "prevalence", "brier"): (0.03, 0.01), ("b", "prevalence", "brier"): b},
        {("prevalence", "brier"): 0.16},
    )
    assert answer.answer(results)[1] == (
        f"{subject} significantly worse than the baseline prevalence in Brier score (baseline: "
        "0.160)."
    )
