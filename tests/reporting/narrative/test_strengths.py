"""Strengths and limitations: each rests on an adjusted test or an interval."""

from __future__ import annotations

from collections.abc import Callable

from cxrcompare.reporting.narrative import strengths
from cxrcompare.reporting.results.lookup import Results


def test_strengths_rest_on_tests_over_all_findings(results_of: Callable[..., Results]) -> None:
    values = {"a": 0.90, "b": 0.85}
    only_pairs = results_of(values, {("a", "b"): 0.01}, p_all={("a", "b"): 0.2})
    assert [profile.strengths for profile in strengths.profiles(only_pairs)] == [[], []]
    everything = results_of(values, {("a", "b"): 0.01}, p_all={("a", "b"): 0.04})
    first, second = strengths.profiles(everything)
    assert first.strengths == ["Edema: significantly better than b (AUROC 0.900, 0.880 to 0.920)."]
    assert second.limits == ["Edema: significantly worse than a (AUROC 0.850, 0.830 to 0.870)."]


def test_limits_name_chance(results_of: Callable[..., Results]) -> None:
    (profile,) = strengths.profiles(results_of({"a": 0.51}, {}))
    assert profile.strengths == []
    assert profile.limits == [
        "Edema: not shown to rank better than chance (AUROC 0.510, 0.490 to 0.530)."
    ]
