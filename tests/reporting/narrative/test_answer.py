"""The sentences: each is there because a test or an interval says it, and only then."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting.narrative import answer, strengths
from cxrcompare.reporting.results.lookup import Results


def test_one_winner_is_named_with_its_closest(results_of: Callable[..., Results]) -> None:
    results = results_of(
        {"a": 0.90, "b": 0.85, "c": 0.80},
        {("a", "b"): 0.01, ("a", "c"): 0.001, ("b", "c"): 0.2},
    )
    assert answer.answer(results)[0] == (
        "a has the highest AUROC of Edema, 0.900 (95\u00a0% interval 0.880 to 0.920), and is "
        "significantly better than each of the other 2 networks; the closest is b, by 0.050 "
        "(simultaneous interval 0.020 to 0.080; adjusted p = 0.010)."
    )


def test_a_tied_group_and_those_significantly_worse(results_of: Callable[..., Results]) -> None:
    results = results_of(
        {"a": 0.90, "b": 0.89, "c": 0.80},
        {("a", "b"): 0.3, ("a", "c"): 0.001, ("b", "c"): 0.004},
    )
    found = answer.answer(results)
    assert found[0] == (
        "a and b do not differ significantly on these 668 studies (AUROC of Edema 0.900 and 0.890; "
        "smallest adjusted p = 0.300)."
    )
    assert found[1] == "Both are significantly better than c."


def test_a_network_worse_than_only_one_of_the_tied(results_of: Callable[..., Results]) -> None:
    results = results_of(
        {"a": 0.90, "b": 0.89, "c": 0.86},
        {("a", "b"): 0.3, ("a", "c"): 0.03, ("b", "c"): 0.08},
    )
    found = answer.answer(results)
    assert found[1] == "a is significantly better than c; b is not."


def test_ties_with_the_best_that_differ_from_each_other(results_of: Callable[..., Results]) -> None:
    results = results_of(
        {"a": 0.90, "b": 0.88, "c": 0.85},
        {("a", "b"): 0.3, ("a", "c"): 0.06, ("b", "c"): 0.01},
    )
    assert answer.answer(results)[0].startswith(
        "a does not differ significantly from b and c on these 668 studies, although b is "
        "significantly better than c ("
    )


def test_many_ties_are_counted(results_of: Callable[..., Results]) -> None:
    values = {f"n{place}": 0.9 - 0.01 * place for place in range(10)}
    p_values = {
        (one, other): 0.01 if one == "n0" and other in ("n8", "n9") else 0.5
        for one, other in itertools.combinations(values, 2)
    }
    assert answer.answer(results_of(values, p_values))[:2] == [
        "n0 has the highest AUROC of Edema, 0.900 (95\u00a0% interval 0.880 to 0.920), but does "
        "not differ significantly from 7 of the other 9 networks on these 668 studies.",
        "It is significantly better than two networks: n8 and n9.",
    ]


def test_many_partly_worse_are_one_sentence(results_of: Callable[..., Results]) -> None:
    p_values = dict.fromkeys(itertools.combinations("abcde", 2), 0.5)
    p_values |= {("a", name): 0.01 for name in "cde"}
    values = {name: 0.9 - 0.01 * place for place, name in enumerate("abcde")}
    assert answer.answer(results_of(values, p_values))[1] == (
        "Only some of them are significantly better than c, d and e; see the matrix of differences "
        "for every pair."
    )


def test_all_tied_says_nothing_of_winning(results_of: Callable[..., Results]) -> None:
    results = results_of({"a": 0.90, "b": 0.89}, {("a", "b"): 0.05})  # 0.05 is not below 0.05
    found = " ".join(answer.answer(results))
    assert "do not differ significantly" in found
    assert "better" not in found


def test_a_pair_without_a_test_is_said_to_have_none(results_of: Callable[..., Results]) -> None:
    results = results_of({"a": 0.90, "b": 0.70}, {})
    assert "was not tested" in answer.answer(results)[0]


def test_the_smallest_p_value_is_of_all_pairs_not_of_the_leaders(
    results_of: Callable[..., Results],
) -> None:
    results = results_of(
        {"a": 0.90, "b": 0.89, "c": 0.88},
        {("a", "b"): 0.393, ("a", "c"): 0.5, ("b", "c"): 0.152},
    )
    assert answer.answer(results)[0] == (
        "a, b and c do not differ significantly on these 668 studies (AUROC of Edema 0.900, 0.890 "
        "and 0.880; smallest adjusted p = 0.152)."
    )


def test_where_some_differ_the_leaders_smallest_p_value_is_given_apart(
    results_of: Callable[..., Results],
) -> None:
    results = results_of(
        {"a": 0.90, "b": 0.88, "c": 0.85},
        {("a", "b"): 0.3, ("a", "c"): 0.06, ("b", "c"): 0.01},
    )
    assert answer.answer(results)[0].endswith(
        "smallest adjusted p = 0.060 for pairs with a; smallest adjusted p = 0.010 for all pairs)."
    )


@pytest.mark.parametrize("value", [0.51, 0.40])
def test_an_interval_that_is_not_above_one_half_shows_nothing(
    results_of: Callable[..., Results], value: float
) -> None:
    results = results_of({"a": 0.90, "b": value}, {("a", "b"): 0.001})
    assert answer.answer(results)[1] == (
        "b is not shown to rank better than chance: its interval is not entirely above 0.5."
    )
    found = " ".join(answer.answer(results_of({"a": 0.90, "b": 0.60}, {("a", "b"): 0.001})))
    assert "chance" not in found


@pytest.mark.parametrize("run", ["b", "b seed 0"])
def test_worse_than_chance_is_what_the_adjusted_test_says(
    results_of: Callable[..., Results], run: str
) -> None:
    plain = results_of({"a": 0.90, "b": 0.40}, {("a", "b"): 0.001}).comparison
    warning = {"code": "worse_than_chance", "message": "", "model": run, "finding": "Edema"}
    results = Results(dataclasses.replace(plain, warnings=table("warnings", [warning])))
    assert (
        "b ranks worse than chance on Edema: check for inverted scores and swapped labels, rows or "
        "columns."
    ) in answer.answer(results)
    for name, found in (("b", True), ("a", False)):
        limits = next(p.limits for p in strengths.profiles(results) if p.name == name)
        assert any("ranks worse than chance" in line for line in limits) == found
    assert "worse than chance" not in " ".join(answer.answer(Results(plain)))


def test_one_network_is_compared_with_nothing(results_of: Callable[..., Results]) -> None:
    found = answer.answer(results_of({"only": 0.8}, {}))
    assert found[0].startswith("only has an AUROC of Edema of 0.800 (95\u00a0% interval 0.780 to")
    assert "better" not in " ".join(found)


def test_the_minimum_detectable_difference_is_said(results_of: Callable[..., Results]) -> None:
    found = answer.answer(results_of({"a": 0.9, "b": 0.8}, {("a", "b"): 0.001}))[-1]
    assert found == (
        "The tests, corrected for multiple comparisons, detect a difference in AUROC of Edema of "
        "about 0.020 with a nominal power of 80\u00a0% (the paired bootstrap). Smaller differences "
        "may exist."
    )


def test_a_detectable_difference_beyond_any_is_said_to_be_so(
    results_of: Callable[..., Results],
) -> None:
    results = results_of({"a": 0.9, "b": 0.8}, {("a", "b"): 0.001})
    results.comparison.resolution["minimum_detectable_difference"] = 2.47
    assert "detect no possible difference" in answer.answer(results)[-1]


def test_nothing_defined_says_so(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(findings=("Edema",), undefined=("Edema",)))
    assert answer.answer(results) == [
        "The networks cannot be compared: no finding has at least 10 patients with a positive "
        "and 10 with a negative, so there is no mean AUROC, no interval and no test."
    ]


@pytest.mark.parametrize(
    ("verdicts", "given", "sentence"),
    [
        (("equivalent",) * 3, True, "All of them are equivalent within 0.02 AUROC."),
        (
            ("equivalent", "undecided", "undecided"),
            False,
            "Equivalent within 0.02 AUROC (the default margin): a and b; for two other pairs there "
            "is no conclusion.",
        ),
        (
            ("undecided",) * 3,
            False,
            "No two of them are shown to be equivalent within 0.02 AUROC (the default margin): no "
            "conclusion.",
        ),
        (("",) * 3, True, None),
    ],
)
def test_equivalence_is_said_with_its_margin(
    results_of: Callable[..., Results],
    verdicts: tuple[str, ...],
    given: bool,
    sentence: str | None,
) -> None:
    values = {"a": 0.9, "b": 0.89, "c": 0.88}
    plain = results_of(values, dict.fromkeys([("a", "b"), ("a", "c"), ("b", "c")], 0.5)).comparison
    differences = plain.differences.copy()
    pairs = dict(zip((("a", "b"), ("a", "c"), ("b", "c")), verdicts, strict=True))
    differences["verdict"] = [
        pairs[pair] for pair in zip(differences["model_a"], differences["model_b"], strict=True)
    ]
    protocol = {**plain.protocol, "margin": 0.02, "margin_given": given}
    found = answer.answer(
        Results(dataclasses.replace(plain, differences=differences, protocol=protocol))  # type: ignore[arg-type]
    )
    about = [one for one in found if "equivalent" in one.lower()]
    assert about == ([] if sentence is None else [sentence])
