"""The first screen: answers from tests and verdicts, never from raw differences."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.narrative import first_screen
from cxrcompare.reporting.results.lookup import Results


def _by_question(results: Results) -> dict[str, str]:
    return {one.question: one.words for one in first_screen.answers(results)}


def _judged(results: Results, *verdicts: str) -> Results:
    differences = results.comparison.differences.copy()
    half = list(verdicts) * (len(differences) // len(verdicts))
    differences["verdict"] = half
    return Results(dataclasses.replace(results.comparison, differences=differences))


def test_a_significant_winner_is_named(results_of: Callable[..., Results]) -> None:
    found = _by_question(results_of({"a": 0.90, "b": 0.80}, {("a", "b"): 0.001}, margin=0.02))
    assert found[first_screen.BEST] == (
        "a. Its AUROC of Edema, 0.900, is significantly higher than that of the other network."
    )
    # the interval is 0.08 to 0.12: above the margin
    assert found[first_screen.REAL].startswith("It is real: a is better than b, by 0.100 ")
    assert "The simultaneous interval lies above 0.02 AUROC" in found[first_screen.REAL]
    assert "by default" in found[first_screen.REAL]


def test_a_higher_estimate_alone_wins_nothing(results_of: Callable[..., Results]) -> None:
    results = results_of({"a": 0.95, "b": 0.70, "c": 0.69}, dict.fromkeys(_pairs("abc"), 0.2))
    found = _by_question(results)
    assert found[first_screen.BEST] == (
        "No network is shown to be the best. a has the highest AUROC of Edema, 0.950, but is not "
        "shown to be better than b or c."
    )
    assert first_screen.REAL not in found  # without a margin there is no verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("equivalent", "No: the two networks are equivalent within 0.03 AUROC"),
        ("undecided", "Not known: for the two the tests show neither"),
    ],
)
def test_ties_say_what_the_equivalence_test_says(
    results_of: Callable[..., Results], verdict: str, words: str
) -> None:
    results = results_of({"a": 0.81, "b": 0.80}, {("a", "b"): 0.5}, margin=0.03, margin_given=True)
    found = _by_question(_judged(results, verdict))
    assert found[first_screen.REAL].startswith(words)
    assert "default" not in found[first_screen.REAL]


@pytest.mark.parametrize(
    ("half", "words"), [(0.001, "it is too small to matter"), (0.03, "is not shown.")]
)
def test_a_real_difference_is_compared_with_the_margin(
    results_of: Callable[..., Results], half: float, words: str
) -> None:
    results = results_of({"a": 0.81, "b": 0.80}, {("a", "b"): 0.01}, half=half, margin=0.02)
    assert words in _by_question(results)[first_screen.REAL]


def test_networks_behind_the_leaders_are_named(results_of: Callable[..., Results]) -> None:
    p_values = {("a", "b"): 0.6, ("a", "c"): 0.001, ("b", "c"): 0.001}
    results = _judged(
        results_of({"a": 0.9, "b": 0.89, "c": 0.6}, p_values, margin=0.02),
        "undecided",
        "a_better",
        "a_better",
    )
    assert "Both are significantly better than c." in _by_question(results)[first_screen.REAL]


def test_significant_pairs_among_the_leaders_are_named(
    results_of: Callable[..., Results],
) -> None:
    p_values = {("a", "b"): 0.6, ("a", "c"): 0.2, ("b", "c"): 0.001}
    results = _judged(
        results_of({"a": 0.9, "b": 0.89, "c": 0.6}, p_values, margin=0.02),
        "undecided",
        "undecided",
        "a_better",
    )
    words = _by_question(results)[first_screen.REAL]
    assert words.startswith("Not known: for 2 of the 3 pairs of them")
    assert words.endswith("b is significantly better than c.")


def test_readers_count_tests_not_points(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema", "Mass"), readers=3))
    assert _by_question(results)[first_screen.READERS] == (
        "a is significantly better than a reader in 0 and worse in 0 of 6 tests (one per reader "
        "and finding); for the other 6 there is no conclusion."
    )


def test_a_section_answers_instead(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",), readers=2))
    own = first_screen.Answer(first_screen.READERS, "Yes.", "panel")
    found = first_screen.answers(results, [own])
    assert [one for one in found if one.question == first_screen.READERS] == [own]
    assert found[-1].question == first_screen.NEXT


def test_only_failures_against_baselines_are_caveats(
    make_comparison: Callable[..., Comparison],
) -> None:
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    assert first_screen.caveats(results) == []


def test_nothing_defined_is_one_answer(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(findings=("Edema",), undefined=("Edema",)))
    found = first_screen.answers(results)
    assert found[0].words.startswith("The networks cannot be compared")
    assert first_screen.caveats(results) == []


def _pairs(names: str) -> list[tuple[str, str]]:
    return [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
