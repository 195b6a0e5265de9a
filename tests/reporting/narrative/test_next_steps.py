"""Next steps: each follows from the numbers of the comparison."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.narrative import next_steps
from cxrcompare.reporting.results.lookup import Results


def test_next_steps_depend_on_the_numbers(results_of: Callable[..., Results]) -> None:
    pair = {("a", "b"): 0.3}
    real = next_steps.next_steps(results_of({"a": 0.9, "b": 0.9}, pair, synthetic=False, seeds=3))
    assert not any("synthetic" in step or "one seed" in step for step in real)
    drawn = next_steps.next_steps(results_of({"a": 0.9, "b": 0.9}, pair, synthetic=True, seeds=1))
    assert any("synthetic" in step for step in drawn)
    assert any("one seed" in step for step in drawn)
    without = next_steps.next_steps(results_of({"a": 0.9}, {}, thresholds_source="none"))
    assert any(step.startswith("There are no thresholds") for step in without)


def test_networks_with_one_seed_are_named_where_others_have_more(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b", "c"), findings=("Edema", "Mass"), seeds=3)
    for single, words in ((("b",), "b was trained"), (("a", "b"), "a and b were trained")):
        for row in plain.models:
            if row["kind"] == "network":
                row["seeds"] = [0] if row["name"] in single else [0, 1, 2]
        assert next_steps.next_steps(Results(plain))[0].startswith(f"{words} with one seed: ")
    alone = make_comparison(networks=("a",), findings=("Edema",), seeds=1)
    assert not any("one seed" in step for step in next_steps.next_steps(Results(alone)))


def test_seeds_matter_where_they_vary_more_than_patients(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema", "Mass"), seeds=3)
    assert next_steps.seeds_matter(Results(plain)) == []
    mean = (plain.metrics["finding"] == "mean") & (plain.metrics["model"] == "b")
    plain.metrics.loc[mean, ["patient_sd", "seed_sd"]] = [0.01, 0.02]
    assert next_steps.seeds_matter(Results(plain)) == ["b"]
    assert any(
        step.startswith("The variation between seeds of b is larger than that over patients: ")
        for step in next_steps.next_steps(Results(plain))
    )


@pytest.mark.parametrize(
    ("positives", "named"), [([19, 20], "Edema (19)"), ([0, 4], "Edema (0) and Mass (4)")]
)
def test_findings_with_few_positives_are_named(
    make_comparison: Callable[..., Comparison], positives: list[int], named: str
) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema", "Mass"))
    plain.counts["positives"] = positives
    (step,) = [one for one in next_steps.next_steps(Results(plain)) if "Fewer than" in one]
    assert step.startswith(f"Fewer than 20 positives: {named}. ")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("none", "There are no thresholds"),
        ("fixed", "Thresholds were not chosen on validation data"),
        (None, "Thresholds were not chosen on validation data"),
        ("validation", None),
    ],
)
def test_thresholds_need_validation_data(
    make_comparison: Callable[..., Comparison], source: str | None, words: str | None
) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema",), thresholds_source=source)
    found = [step for step in next_steps.next_steps(Results(plain)) if "hresholds" in step]
    assert [step.startswith(str(words)) for step in found] == ([True] if words else [])
