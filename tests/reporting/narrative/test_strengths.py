"""Strengths and limitations: each rests on an adjusted test or an interval."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from cxrcompare.comparison.result.comparison import Comparison
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


def test_readers_are_a_strength_below_every_curve_and_a_limit_below_none(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema", "Mass", "Nodule"), readers=2)
    below = {"Edema": [1.0, 1.0], "Mass": [0.0, 0.0], "Nodule": [1.0, 0.0]}
    for finding, values in below.items():
        plain.readers.loc[plain.readers["finding"] == finding, "below_curve"] = values
    (profile,) = strengths.profiles(Results(plain))
    assert "Every reader is below its ROC curve: Edema." in profile.strengths
    assert "No reader is below its ROC curve: Mass." in profile.limits
    assert not any("Nodule" in line and "reader" in line for line in profile.strengths)
    plain.readers["below_curve"] = float("nan")
    (profile,) = strengths.profiles(Results(plain))
    assert not any("reader" in line for line in (*profile.strengths, *profile.limits))


def test_seeds_that_vary_more_than_patients_are_a_limit(results_of: Callable[..., Results]) -> None:
    results = results_of({"a": 0.9}, {})
    assert strengths.profiles(results)[0].limits == []
    results.comparison.metrics[["patient_sd", "seed_sd"]] = [0.01, 0.02]
    (profile,) = strengths.profiles(Results(results.comparison))
    assert profile.limits == [
        "The standard deviation over seeds (0.020) is larger than that over patients (0.010)."
    ]


def test_better_than_every_other_network_and_few_positives_are_said(
    results_of: Callable[..., Results],
) -> None:
    values = {"a": 0.9, "b": 0.8, "c": 0.79, "d": 0.78}
    results = results_of(values, dict.fromkeys(itertools.combinations(values, 2), 0.01))
    results.comparison.metrics["positives"] = 1
    first, *_, last = strengths.profiles(Results(results.comparison))
    value = "(AUROC 0.900, 0.880 to 0.920; only 1 positive)"
    assert first.strengths == [f"Edema: significantly better than every other network {value}."]
    assert last.limits[0].startswith("Edema: significantly worse than every other network (")
