"""Strengths and limitations: each rests on an adjusted test or an interval."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.narrative import strengths
from cxrcompare.reporting.results.lookup import Results


def test_strengths_rest_on_adjusted_tests(results_of: Callable[..., Results]) -> None:
    values = {"a": 0.90, "b": 0.85}
    neither = results_of(values, {("a", "b"): 0.2})
    assert [profile.strengths for profile in strengths.profiles(neither)] == [[], []]
    first, second = strengths.profiles(results_of(values, {("a", "b"): 0.04}))
    assert first.strengths == ["Edema: significantly better than b (AUROC 0.900, 0.880 to 0.920)."]
    assert second.limits == ["Edema: significantly worse than a (AUROC 0.850, 0.830 to 0.870)."]


def test_limits_name_chance(results_of: Callable[..., Results]) -> None:
    (profile,) = strengths.profiles(results_of({"a": 0.51}, {}))
    assert profile.strengths == []
    assert profile.limits == [
        "Edema: not shown to rank better than chance (AUROC 0.510, 0.490 to 0.530)."
    ]


def test_readers_are_a_strength_or_limit_only_where_a_test_says_so(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema", "Mass", "Nodule"), readers=2)
    plain.readers["below_curve"] = 1.0
    (profile,) = strengths.profiles(Results(plain))
    assert not any("reader" in line for line in (*profile.strengths, *profile.limits))
    columns = ["sensitivity_difference", "specificity_difference", "p_adjusted"]
    missing = float("nan")
    verdicts = {
        "Edema": [[0.1, 0.05, 0.01], [0.2, missing, 0.04]],
        "Mass": [[-0.1, -0.05, 0.01], [-0.1, -0.05, 0.05]],
        "Nodule": [[0.1, -0.05, 0.01], [missing, missing, missing]],
    }
    for finding, values in verdicts.items():
        plain.readers.loc[plain.readers["finding"] == finding, columns] = values
    (profile,) = strengths.profiles(Results(plain))
    assert [line for line in profile.strengths if "reader" in line] == [
        "Edema: significantly better than reader 1 and reader 2 at the reader's specificity or "
        "sensitivity (difference in sensitivity 0.100 to 0.200; difference in specificity 0.050; "
        "adjusted p = 0.040)."
    ]
    assert [line for line in profile.limits if "reader" in line] == [
        "Mass: significantly worse than reader 1 at the reader's specificity or sensitivity "
        "(difference in sensitivity −0.100; difference in specificity −0.050; adjusted p = 0.010)."
    ]


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
