"""Sentences on networks against baselines: each rests on an adjusted test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxrcompare.reporting.narrative import against_baselines, answer, strengths
from cxrcompare.reporting.results.lookup import Results


def test_networks_that_fail_against_a_baseline_are_named(against: Callable[..., Results]) -> None:
    results = against(
        {
            ("a", "site alone", "auroc"): (0.04, 0.5),
            ("b", "site alone", "auroc"): (-0.2, 0.001),
            ("a", "prevalence", "auroc"): (0.2, 0.001),
            ("b", "prevalence", "auroc"): (0.01, 0.9),
            ("a", "prevalence", "brier"): (-0.03, 0.01),
            ("b", "prevalence", "brier"): (0.03, 0.01),
        },
        {
            ("site alone", "auroc"): 0.66,
            ("prevalence", "auroc"): 0.5,
            ("prevalence", "brier"): 0.16,
        },
    )
    assert answer.answer(results)[1:3] == [
        "Neither network is significantly better than the baseline site alone in AUROC of "
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
        "Not significantly better than the baseline site alone in AUROC, mean over findings."
    )
    assert (
        "Significantly worse than the baseline site alone in AUROC, mean over findings."
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


def test_networks_are_grouped_by_the_test_against_each_baseline(
    against: Callable[..., Results],
) -> None:
    results = against(
        {
            ("a", "prevalence", "brier"): (-0.03, 0.01),
            ("b", "prevalence", "brier"): (0.03, 0.01),
            ("c", "prevalence", "brier"): (0.03, 0.05),  # 0.05 is not below 0.05
        },
        {("prevalence", "brier"): 0.16},
        ("a", "b", "c"),
    )
    (found,) = against_baselines.outcomes(results, ("a", "b", "c"))
    assert (found.better, found.undecided, found.worse) == (["a"], ["c"], ["b"])
    assert found.failing == ["c", "b"]


def test_a_baseline_with_the_value_of_another_is_left_out(against: Callable[..., Results]) -> None:
    names = ("prevalence", "nothing positive", "site alone")
    results = against(
        {("a", name, "auroc"): (0.2, 0.001) for name in names},
        {(name, "auroc"): 0.66 if name == "site alone" else 0.5 for name in names},
        ("a",),
    )
    found = against_baselines.outcomes(results, ("a",))
    assert [one.baseline for one in found] == ["prevalence", "site alone"]
    assert against_baselines.sentences(results, ("a",), "AUROC") == [
        "a is significantly better than the baselines prevalence and site alone in AUROC."
    ]


def test_three_networks_that_all_fail_are_counted(against: Callable[..., Results]) -> None:
    names = ("a", "b", "c")
    results = against(
        {(name, "prevalence", "auroc"): (0.01, 0.6) for name in names},
        {("prevalence", "auroc"): 0.5},
        names,
    )
    assert against_baselines.sentences(results, names, "AUROC") == [
        "None of the three networks is significantly better than the baseline prevalence in AUROC "
        "(baseline: 0.500)."
    ]


def test_without_tests_nothing_is_said(against: Callable[..., Results]) -> None:
    results = against({}, {("prevalence", "auroc"): 0.5})
    assert against_baselines.sentences(results, ("a", "b"), "AUROC") == []
    assert against_baselines.lines(results, "a") == ([], [])
