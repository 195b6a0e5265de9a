"""The sentences: each is there because a test or an interval says it, and only then."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping

import pytest

from cxrcompare.comparison.result import Comparison, table
from cxrcompare.reporting import answer, settle, strengths
from cxrcompare.reporting.estimates import Results

NAN = float("nan")


@pytest.fixture
def told(make_comparison: Callable[..., Comparison]) -> Callable[..., Results]:
    """Makes a comparison of one finding from AUROCs and the adjusted p-values of pairs."""

    def make(
        values: Mapping[str, float],
        p_values: Mapping[tuple[str, str], float],
        half: float = 0.02,
        p_all: Mapping[tuple[str, str], float] | None = None,
        **protocol: object,
    ) -> Results:
        plain = make_comparison(networks=tuple(values), findings=("Edema",), **protocol)
        metrics = [
            {"model": name, "seed": "all", "finding": finding, "metric": "auroc", "value": value,
             "low": value - half, "high": value + half, "positives": 100, "negatives": 568,
             "subgroup": "", "defined": 1, "method": "percentile", "patient_sd": half / 2,
             "seed_sd": half / 4}
            for name, value in values.items()
            for finding in ("Edema", "mean")
        ]  # fmt: skip
        differences = [
            {"model_a": a, "model_b": b, "finding": finding, "metric": "auroc",
             "difference": values[a] - values[b], "low": values[a] - values[b] - half,
             "high": values[a] - values[b] + half, "p_value": p / 2, "p_adjusted": p,
             "method": "", "subgroup": "", "p_adjusted_all": (p_all or p_values)[a, b]}
            for (a, b), p in p_values.items()
            for finding in ("Edema", "mean")
        ]  # fmt: skip
        return Results(
            dataclasses.replace(
                plain,
                metrics=table("metrics", metrics),
                differences=table("differences", differences),
            )
        )

    return make


def test_one_winner_is_named_with_its_closest(told: Callable[..., Results]) -> None:
    results = told(
        {"a": 0.90, "b": 0.85, "c": 0.80},
        {("a", "b"): 0.01, ("a", "c"): 0.001, ("b", "c"): 0.2},
    )
    assert answer.answer(results)[0] == (
        "a has the highest AUROC of Edema, 0.900 (95\u00a0% interval 0.880 to 0.920), and beats "
        "each of the other 2 networks; the closest is b, by 0.050 (0.030 to 0.070; adjusted p = "
        "0.010)."
    )


def test_a_tied_group_and_those_it_beats(told: Callable[..., Results]) -> None:
    results = told(
        {"a": 0.90, "b": 0.89, "c": 0.80},
        {("a", "b"): 0.3, ("a", "c"): 0.001, ("b", "c"): 0.004},
    )
    found = answer.answer(results)
    assert found[0] == (
        "a and b cannot be told apart on these 668 studies (AUROC of Edema 0.900 and 0.890; "
        "smallest adjusted p = 0.300)."
    )
    assert found[1] == "Both beat c."


def test_a_network_beaten_by_only_one_of_the_tied(told: Callable[..., Results]) -> None:
    results = told(
        {"a": 0.90, "b": 0.89, "c": 0.86},
        {("a", "b"): 0.3, ("a", "c"): 0.03, ("b", "c"): 0.08},
    )
    found = answer.answer(results)
    assert found[1] == "a beats c; b does not, as far as these data show."


def test_ties_with_the_best_that_are_told_from_each_other(told: Callable[..., Results]) -> None:
    results = told(
        {"a": 0.90, "b": 0.88, "c": 0.85},
        {("a", "b"): 0.3, ("a", "c"): 0.06, ("b", "c"): 0.01},
    )
    assert answer.answer(results)[0].startswith(
        "a cannot be told apart from b and c on these 668 studies, although b beats c ("
    )


def test_many_ties_are_counted(told: Callable[..., Results]) -> None:
    values = {f"n{place}": 0.9 - 0.01 * place for place in range(10)}
    p_values = {
        (one, other): 0.01 if one == "n0" and other in ("n8", "n9") else 0.5
        for one, other in itertools.combinations(values, 2)
    }
    assert answer.answer(told(values, p_values))[:2] == [
        "n0 has the highest AUROC of Edema, 0.900 (95\u00a0% interval 0.880 to 0.920), but cannot "
        "be told apart from 7 of the other 9 networks on these 668 studies.",
        "It beats two: n8 and n9.",
    ]


def test_many_partly_beaten_are_one_sentence(told: Callable[..., Results]) -> None:
    p_values = dict.fromkeys(itertools.combinations("abcde", 2), 0.5)
    p_values |= {("a", name): 0.01 for name in "cde"}
    values = {name: 0.9 - 0.01 * place for place, name in enumerate("abcde")}
    assert answer.answer(told(values, p_values))[1] == (
        "Only some of these beat c, d and e; the matrix of differences has every pair."
    )


def test_all_tied_says_nothing_of_winning(told: Callable[..., Results]) -> None:
    results = told({"a": 0.90, "b": 0.89}, {("a", "b"): 0.05})  # 0.05 is not below 0.05
    found = " ".join(answer.answer(results))
    assert "cannot be told apart" in found
    assert "beat" not in found


def test_a_pair_without_a_test_is_said_to_have_none(told: Callable[..., Results]) -> None:
    results = told({"a": 0.90, "b": 0.70}, {})
    assert "was not tested" in answer.answer(results)[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.51, "not told from chance"), (0.40, "worse than chance"), (0.60, None)],
)
def test_chance_is_told_by_the_interval(
    told: Callable[..., Results], value: float, words: str | None
) -> None:
    results = told({"a": 0.90, "b": value}, {("a", "b"): 0.001})
    found = " ".join(answer.answer(results))
    assert (words in found) if words else ("chance" not in found)


def test_one_network_is_compared_with_nothing(told: Callable[..., Results]) -> None:
    found = answer.answer(told({"only": 0.8}, {}))
    assert found[0].startswith(
        "only reaches an AUROC of Edema of 0.800 (95\u00a0% interval 0.780 to"
    )
    assert "beat" not in " ".join(found)


@pytest.fixture
def against(told: Callable[..., Results]) -> Callable[..., Results]:
    """Makes a comparison whose tests against trivial models have these adjusted p-values."""

    def make(
        tests: Mapping[tuple[str, str, str], tuple[float, float]],
        trivial: Mapping[tuple[str, str], float],
        networks: tuple[str, ...] = ("a", "b"),
    ) -> Results:
        pairs = dict.fromkeys(itertools.combinations(networks, 2), 0.5)
        plain = told(dict.fromkeys(networks, 0.7), pairs).comparison
        sample = plain.metrics.to_dict("records")[0]
        metrics = [
            sample | {"model": name, "finding": "mean", "metric": metric, "value": value}
            for (name, metric), value in trivial.items()
        ]
        rows = [
            {"model_a": a, "model_b": b, "finding": "mean", "metric": metric, "difference": value,
             "low": None, "high": None, "p_value": p, "p_adjusted": p, "method": "",
             "subgroup": "", "p_adjusted_all": None}
            for (a, b, metric), (value, p) in tests.items()
        ]  # fmt: skip
        names = list(dict.fromkeys(name for name, _ in trivial))
        models = [row for row in plain.models if row["kind"] == "network"]
        models += [{"name": name, "kind": "trivial", "seeds": [], "description": "", "cost": None}
                   for name in names]  # fmt: skip
        return Results(
            dataclasses.replace(
                plain,
                models=models,
                metrics=table("metrics", plain.metrics.to_dict("records") + metrics),
                extra={"against_trivial": rows},
            )
        )

    return make


def test_networks_that_fail_against_metadata_are_named(against: Callable[..., Results]) -> None:
    results = against(
        {("a", "metadata alone", "auroc"): (0.04, 0.5), ("b", "metadata alone", "auroc"):
         (-0.2, 0.001), ("a", "prevalence", "auroc"): (0.2, 0.001),
         ("b", "prevalence", "auroc"): (0.01, 0.9), ("a", "prevalence", "brier"): (-0.03, 0.01),
         ("b", "prevalence", "brier"): (0.03, 0.01)},
        {("metadata alone", "auroc"): 0.66, ("prevalence", "auroc"): 0.5,
         ("prevalence", "brier"): 0.16},
    )  # fmt: skip
    assert answer.answer(results)[1:3] == [
        "None of the two networks is shown to beat metadata alone in AUROC of Edema (it reaches "
        "0.660; b does worse).",
        "b is not shown to beat prevalence in AUROC of Edema (it reaches 0.500) or Brier score "
        "(it reaches 0.160; b does worse).",
    ]
    first, second = strengths.profiles(results)
    assert first.strengths[-1] == (
        "Better than prevalence in AUROC and Brier score, mean over findings."
    )
    assert first.limits[-1] == "Not shown to beat metadata alone in AUROC, mean over findings."
    assert "Worse than metadata alone in AUROC, mean over findings." in second.limits


def test_beating_every_trivial_model_is_said(against: Callable[..., Results]) -> None:
    results = against(
        {("a", "prevalence", "auroc"): (0.2, 0.001), ("b", "prevalence", "auroc"): (0.2, 0.001)},
        {("prevalence", "auroc"): 0.5},
    )
    assert answer.answer(results)[1] == "Both networks beat prevalence in AUROC of Edema."


def test_clauses_differ_where_other_networks_fail(against: Callable[..., Results]) -> None:
    results = against(
        {("a", "prevalence", "auroc"): (0.2, 0.001), ("b", "prevalence", "auroc"): (0.1, 0.2),
         ("a", "prevalence", "brier"): (-0.03, 0.3), ("b", "prevalence", "brier"): (-0.03, 0.3)},
        {("prevalence", "auroc"): 0.5, ("prevalence", "brier"): 0.16},
    )  # fmt: skip
    assert answer.answer(results)[1] == (
        "b is not shown to beat prevalence in AUROC of Edema (it reaches 0.500); none of the two "
        "networks is shown to beat it in Brier score (it reaches 0.160)."
    )


def test_the_minimum_detectable_difference_is_said(told: Callable[..., Results]) -> None:
    found = answer.answer(told({"a": 0.9, "b": 0.8}, {("a", "b"): 0.001}))[-1]
    assert found == (
        "The smallest difference in AUROC of Edema that this test set detects with 80\u00a0% power "
        "is 0.020 (the paired bootstrap)."
    )


def test_a_detectable_difference_beyond_any_is_said_to_be_so(told: Callable[..., Results]) -> None:
    results = told({"a": 0.9, "b": 0.8}, {("a", "b"): 0.001})
    results.comparison.resolution["minimum_detectable_difference"] = 2.47
    assert "is larger than any there can be" in answer.answer(results)[-1]


def test_nothing_defined_says_so(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(findings=("Edema",), undefined=("Edema",)))
    assert answer.answer(results) == [
        "Nothing can be said of these networks: no finding has both positive and negative studies, "
        "so AUROC is not defined."
    ]


def test_units_needed_by_hand(told: Callable[..., Results]) -> None:
    # interval half-width 0.0196 at 95 %: s = 0.0196 / 1.959964 = 0.0100002
    # (1.959964 + 0.841621) * 0.0100002 / 0.014 = 2.801585 * 0.7142997 = 2.001171; squared 4.004687
    # times 668 studies = 2675.13, so 2676
    results = told({"a": 0.814, "b": 0.80}, {("a", "b"): 0.3}, half=0.0196)
    (pair,) = settle.unresolved(results)
    assert pair.times == pytest.approx(4.004687, abs=1e-4)
    assert pair.units == 2676
    assert (pair.difference.first, pair.difference.second) == ("a", "b")


def test_a_resolved_pair_needs_nothing(told: Callable[..., Results]) -> None:
    assert settle.unresolved(told({"a": 0.9, "b": 0.8}, {("a", "b"): 0.001})) == []


def test_no_difference_at_all_needs_no_number(told: Callable[..., Results]) -> None:
    (pair,) = settle.unresolved(told({"a": 0.8, "b": 0.8}, {("a", "b"): 1.0}))
    assert pair.units is None


def test_strengths_rest_on_tests_over_all_findings(told: Callable[..., Results]) -> None:
    values = {"a": 0.90, "b": 0.85}
    only_pairs = told(values, {("a", "b"): 0.01}, p_all={("a", "b"): 0.2})
    assert [profile.strengths for profile in strengths.profiles(only_pairs)] == [[], []]
    everything = told(values, {("a", "b"): 0.01}, p_all={("a", "b"): 0.04})
    first, second = strengths.profiles(everything)
    assert first.strengths == ["Edema: beats b (AUROC 0.900, 0.880 to 0.920)."]
    assert second.limits == ["Edema: beaten by a (AUROC 0.850, 0.830 to 0.870)."]


def test_limits_name_chance(told: Callable[..., Results]) -> None:
    (profile,) = strengths.profiles(told({"a": 0.51}, {}))
    assert profile.strengths == []
    assert profile.limits == ["Edema: not told from chance (AUROC 0.510, 0.490 to 0.530)."]


def test_where_to_go_depends_on_the_numbers(told: Callable[..., Results]) -> None:
    pair = {("a", "b"): 0.3}
    real = settle.next_steps(told({"a": 0.9, "b": 0.9}, pair, synthetic=False, seeds=3))
    assert not any("synthetic" in step or "one seed" in step for step in real)
    drawn = settle.next_steps(told({"a": 0.9, "b": 0.9}, pair, synthetic=True, seeds=1))
    assert any("synthetic" in step for step in drawn)
    assert any("one seed" in step for step in drawn)
