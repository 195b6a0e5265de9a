"""Lookup of estimates, differences, ranks and operating points by name."""

from __future__ import annotations

import dataclasses
from collections import namedtuple
from collections.abc import Callable

import pandas as pd
import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting.results import lookup
from cxrcompare.reporting.results.estimated import Difference
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")


@pytest.fixture
def plain(make_comparison: Callable[..., Comparison]) -> Comparison:
    return make_comparison(networks=("a", "b"), findings=("Edema", "Mass"), seeds=2)


def test_a_difference_reads_the_same_from_both_sides(plain: Comparison) -> None:
    results = Results(plain)
    one, other = results.difference("a", "b", "mean"), results.difference("b", "a", "mean")
    assert one is not None
    assert other is not None
    assert (other.value, other.low, other.high) == (-one.value, -one.high, -one.low)
    assert other.p_adjusted == one.p_adjusted
    assert one.swapped == other
    assert one.swapped.swapped == one
    assert results.difference("a", "b", "Pneumonia") is None
    assert results.difference("a", "none", "mean") is None


@pytest.mark.parametrize(("metric", "better"), [("auroc", ("a", "b")), ("brier", ("b", "a"))])
def test_better_is_lower_for_a_loss(
    plain: Comparison, metric: str, better: tuple[str, str]
) -> None:
    row = plain.differences.to_dict("records")[0]
    row |= {"metric": metric, "finding": "mean", "difference": 0.1, "p_adjusted": 0.01}
    rows = table("differences", [row | {"model_a": "a", "model_b": "b"}])
    results = Results(dataclasses.replace(plain, differences=rows))
    assert results.is_better(*better, "mean", metric)
    assert not results.is_better(*better[::-1], "mean", metric)


@pytest.mark.parametrize(
    ("level", "p", "rejected"),
    [(0.95, 0.0499, True), (0.95, 0.05, False), (0.9, 0.0999, True), (0.9, 0.1, False)],
)
def test_a_test_rejects_below_one_minus_the_level(
    plain: Comparison, level: float, p: float, rejected: bool
) -> None:
    results = Results(dataclasses.replace(plain, protocol={**plain.protocol, "level": level}))
    found = Difference("a", "b", 0.1, 0.0, 0.2, 0.01, p, "")
    assert results.rejects(found) == rejected
    assert not results.rejects(found._replace(p_adjusted=NAN))


def test_estimates_are_of_all_seeds_and_runs_of_one(plain: Comparison) -> None:
    results = Results(plain)
    metrics = plain.metrics.query("model == 'a' and finding == 'Edema' and metric == 'auroc'")
    by_seed = dict(zip(metrics["seed"].astype(str), metrics["value"], strict=True))
    estimate = results.estimate("a", "Edema")
    assert estimate is not None
    assert estimate.value == by_seed["all"]
    runs = [(seed, run.value) for seed, run in results.runs("a", "Edema")]
    assert runs == [("0", by_seed["0"]), ("1", by_seed["1"])]
    assert results.estimate("a", "Pneumonia") is None
    assert results.estimate("a", "Edema", subgroup="Sex=F") is None
    assert results.scopes == ["mean", "micro", "Edema", "Mass"]


def test_an_operating_point_is_of_all_seeds_if_there_is_one(plain: Comparison) -> None:
    assert [row.seed for row in Results(plain).decisions("a", "Edema")] == ["all"]
    seeds = plain.confusion[plain.confusion["seed"].astype(str) != "all"]
    by_seed = Results(dataclasses.replace(plain, confusion=seeds))
    assert [str(row.seed) for row in by_seed.decisions("a", "Edema")] == ["0", "1"]
    without = Results(dataclasses.replace(plain, confusion=seeds.assign(threshold=NAN)))
    assert without.decisions("a", "Edema") == []


@pytest.mark.parametrize(
    ("unit", "count", "words"),
    [
        ("study", 668, ("study", "studies")),
        ("image", 788, ("image", "images")),
        ("patient", 628, ("patient", "patients")),
        (None, 668, ("unit", "units")),
    ],
)
def test_units_are_counted_and_named(
    plain: Comparison, unit: str | None, count: int, words: tuple[str, str]
) -> None:
    results = Results(dataclasses.replace(plain, protocol={**plain.protocol, "unit": unit}))
    assert results.units == count
    assert results.unit_words == words


def test_missing_cells_are_empty_text_and_no_rows_are_an_empty_list() -> None:
    assert [lookup.text(value) for value in (None, NAN, "a", 3)] == ["", "", "a", "3"]
    kind = namedtuple("kind", "a b")
    assert lookup.rows(pd.DataFrame({"a": [], "b": []}), kind) == []
    assert lookup.rows(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), kind)[1] == kind(2, "y")
    assert [lookup.title(name) for name in ("brier", "own_metric")] == ["Brier", "own metric"]
