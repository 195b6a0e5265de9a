"""Decisions on two models, and the number of studies that a decision needs."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import pandas as pd
from scipy import special

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.result.rows import ResolutionRow
from cxrcompare.errors import InputError
from cxrcompare.evaluation.metrics import LOWER_IS_BETTER
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Difference, Results, title
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
    margin = comparison.protocol["non_inferiority_margin"] if metric == "auroc" else None
    if found is None:
        nan = float("nan")
        why = f"the difference of {title(metric)} is not defined"
        return Verdict("undecided", nan, nan, nan, nan, margin, why)
    decided, reason = _decide(results, found, metric, margin)
    interval = numbers.interval(found.low, found.high)
    why = (
        f"{reason}: {title(metric)} of {first} minus {second} is {numbers.signed(found.value)} "
        f"({results.level * 100:g} % interval {interval})"
    )
    return Verdict(decided, found.value, found.low, found.high, found.p_adjusted, margin, why)


def _decide(
    results: Results, found: Difference, metric: str, margin: float | None
) -> tuple[Literal["better", "worse", "equivalent", "undecided"], str]:
    p_value = f"adjusted p = {found.p_adjusted:.2g}"
    if results.rejects(found):
        higher = (found.value > 0) != (metric in LOWER_IS_BETTER)
        return "better" if higher else "worse", f"the difference is significant, {p_value}"
    if margin is not None and -margin < found.low and found.high < margin:
        return "equivalent", f"the interval is inside the margin of {margin:g}"
    if not numbers.defined(found.p_adjusted):
        return "undecided", "no test is made"
    if margin is None:
        return "undecided", f"the difference is not significant, {p_value}, and no margin was given"
    return "undecided", (
        f"the difference is not significant, {p_value}, and the interval exceeds the margin "
        f"of {margin:g}"
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
    chosen = comparison.protocol["non_inferiority_margin"] if margin is None else margin
    if chosen is None or not 0 < chosen < 0.5:
        received = "none" if chosen is None else f"{chosen:g}"
        raise InputError(f"`margin` must be above 0 and below 0.5. Received: {received}")
    protocol = comparison.protocol
    present = protocol["studies"] if protocol["unit"] == "study" else protocol["images"]
    rows = [
        (
            row.finding,
            chosen,
            row.level,
            row.power,
            *_needed(row.minimum_detectable_difference, row.level, row.power, present, chosen),
            present,
        )
        for row in rows_of(comparison.resolution, ResolutionRow)
    ]
    return pd.DataFrame(rows, columns=list(SAMPLE_SIZE_COLUMNS))


def _needed(
    detectable: float | None,
    level: float | None,
    power: float | None,
    present: int | None,
    margin: float,
) -> tuple[float, float]:
    """Returns the units for a difference equal to the margin, and for equivalence within it.

    The variance of a difference is inversely proportional to the number of units. The test of a
    difference has the quantiles (1 + level) / 2 and power; the two one-sided tests of equivalent
    models have the quantiles level and (1 + power) / 2.
    """
    if detectable is None or level is None or power is None or present is None:
        return math.nan, math.nan
    if math.isnan(detectable):
        return math.nan, math.nan
    for_difference = present * (detectable / margin) ** 2
    two_sided = special.ndtri((1 + level) / 2) + special.ndtri(power)
    one_sided = special.ndtri(level) + special.ndtri((1 + power) / 2)
    return (
        math.ceil(for_difference),
        math.ceil(for_difference * (one_sided / two_sided) ** 2),
    )
