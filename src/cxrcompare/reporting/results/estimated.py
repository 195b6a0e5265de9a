"""Estimates and paired differences of a comparison, with undefined numbers as NaN."""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple

from cxrcompare.comparison.row_types.main_rows import AgainstBaselineRow, DifferenceRow, MetricRow
from cxrcompare.reporting.results import numbers

_SWAPPED = {"a_better": "b_better", "b_better": "a_better"}


class Estimate(NamedTuple):
    """An estimate with its interval, counts and standard deviations."""

    value: float
    low: float
    high: float
    positives: float
    negatives: float
    defined: float
    patient_sd: float
    seed_sd: float

    @classmethod
    def of(cls, row: MetricRow) -> Estimate:
        """Returns the estimate of a row."""
        found = _COLUMNS(row)
        return cls(*(map(numbers.number, found) if None in found else found))

    @property
    def exists(self) -> bool:
        """Whether the number is defined."""
        return numbers.defined(self.value)

    @property
    def interval(self) -> str:
        """The interval as text, empty if not defined."""
        return numbers.interval(self.low, self.high)

    @property
    def seeds_dominate(self) -> bool:
        """Whether the value varies more between seeds than over patients."""
        both = numbers.defined(self.seed_sd) and numbers.defined(self.patient_sd)
        return both and self.seed_sd > self.patient_sd


_COLUMNS = itemgetter(*map(MetricRow._fields.index, Estimate._fields))
"""Returns the cells of a row that are those of an estimate."""


class Difference(NamedTuple):
    """A paired difference, first minus second, with its interval and adjusted test."""

    first: str
    second: str
    value: float
    low: float
    high: float
    p_value: float
    p_adjusted: float
    method: str
    verdict: str = ""
    simultaneous_low: float = float("nan")
    simultaneous_high: float = float("nan")

    @classmethod
    def of(cls, row: DifferenceRow | AgainstBaselineRow) -> Difference:
        """Returns the difference of a row; one to a baseline has no verdict."""
        return cls(
            row.model_a,
            row.model_b,
            numbers.number(row.difference),
            numbers.number(row.low),
            numbers.number(row.high),
            numbers.number(row.p_value),
            numbers.number(row.p_adjusted),
            row.method,
            row.verdict if isinstance(row, DifferenceRow) else "",
            numbers.number(row.simultaneous_low),
            numbers.number(row.simultaneous_high),
        )

    @property
    def interval(self) -> str:
        """The interval that is not adjusted, as text; empty if not defined."""
        return numbers.interval(self.low, self.high)

    @property
    def simultaneous(self) -> str:
        """The simultaneous interval as text; empty if not defined."""
        return numbers.interval(self.simultaneous_low, self.simultaneous_high)

    @property
    def swapped(self) -> Difference:
        """The same difference as second minus first."""
        return Difference(
            self.second,
            self.first,
            -self.value,
            -self.high,
            -self.low,
            self.p_value,
            self.p_adjusted,
            self.method,
            _SWAPPED.get(self.verdict, self.verdict),
            -self.simultaneous_high,
            -self.simultaneous_low,
        )
