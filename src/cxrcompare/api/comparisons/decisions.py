"""Decisions on two models, and the number of studies that a decision needs."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import pandas as pd

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.row_types.main_rows import SampleSizeRow
from cxrcompare.errors import InputError
from cxrcompare.evaluation.sample_size import sample_size as evaluated
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.estimated import Difference
from cxrcompare.reporting.results.lookup import Results, title
from cxrcompare.reporting.results.lookup import rows as rows_of

SAMPLE_SIZE_COLUMNS = (
    "finding",
    "margin",
    "level",
    "power",
    "studies_difference",
    "studies_equivalence",
    "studies_present",
)


class Verdict(NamedTuple):
    """The decision on a model against another one.

    Attributes:
        verdict: "better", "worse", "equivalent", or "undecided".
        difference: First minus second, in units of the metric.
        low: Lower limit of its confidence interval.
        high: Upper limit.
        p_value: Of a difference of 0, adjusted for all pairs of models; NaN without a test.
        margin: The largest difference that does not matter; None if it was not given.
        why: The reason, as a sentence.
    """

    verdict: Literal["better", "worse", "equivalent", "undecided"]
    difference: float
    low: float
    high: float
    p_value: float
    margin: float | None
    why: str


def verdict(comparison: Comparison, first: str, second: str, finding: str, metric: str) -> Verdict:
    """Returns the decision; see `ComparisonResult.verdict`."""
    results = Results(comparison)
    _check(results, first, second, finding, metric)
    found = results.difference(first, second, finding, metric)
    margin = comparison.protocol.get("margin") if metric == "auroc" else None
    if found is None:
        nan = float("nan")
        why = f"the difference of {title(metric)} is not defined"
        return Verdict("undecided", nan, nan, nan, nan, margin, why)
    decided, reason = _decide(found, margin)
    simultaneous = f"; simultaneous {found.simultaneous}" if found.simultaneous else ""
    interval = f"{found.interval}{simultaneous}"
    why = (
        f"{reason}: {title(metric)} of {first} minus {second} is {numbers.signed(found.value)} "
        f"({results.level * 100:g} % interval {interval})"
    )
    return Verdict(decided, found.value, found.low, found.high, found.p_adjusted, margin, why)


def _decide(
    found: Difference, margin: float | None
) -> tuple[Literal["better", "worse", "equivalent", "undecided"], str]:
    p_value = f"adjusted p = {found.p_adjusted:.2g}"
    if found.verdict in ("a_better", "b_better"):
        decided: Literal["better", "worse"] = "better" if found.verdict[0] == "a" else "worse"
        return decided, f"the difference is significant, {p_value}"
    if found.verdict == "equivalent":
        return "equivalent", f"two one-sided tests show a difference below the margin of {margin:g}"
    if not found.verdict:
        return "undecided", "no test is made"
    if margin is None:
        return "undecided", f"the difference is not significant, {p_value}"
    return "undecided", (
        f"the difference is not significant, {p_value}, and equivalence within the margin of "
        f"{margin:g} is not shown"
    )


def _check(results: Results, first: str, second: str, finding: str, metric: str) -> None:
    for name, value, choices in (
        ("a", first, results.networks),
        ("b", second, results.networks),
        ("finding", finding, results.scopes),
        ("metric", metric, results.metrics),
    ):
        if value not in choices:
            raise InputError(f"`{name}` must be one of {', '.join(choices)}. Received: {value}")
    if first == second:
        raise InputError(f"`a` and `b` must be two models. Received: {first} twice")


def sample_size(comparison: Comparison, margin: float | None) -> pd.DataFrame:
    """Returns the sample sizes; see `ComparisonResult.sample_size`."""
    columns = [*SAMPLE_SIZE_COLUMNS]
    if margin is None:
        return comparison.sample_size[columns].copy()
    if not 0 < margin < 0.5:
        raise InputError(f"`margin` must be above 0 and below 0.5. Received: {margin:g}")
    rows = []
    for row in rows_of(comparison.sample_size, SampleSizeRow):
        numbers_of_row = (row.unit_variance, row.seed_variance, row.level, row.power)
        unit, seed, level, power = (math.nan if one is None else one for one in numbers_of_row)
        needed = evaluated(unit, seed, margin, 1 - level, power)
        finite = [number if math.isfinite(number) else math.nan for number in needed]
        rows.append(
            row._replace(margin=margin, studies_difference=finite[0], studies_equivalence=finite[1])
        )
    return pd.DataFrame(rows, columns=list(SampleSizeRow._fields))[columns]
