"""Formatting of numbers: rounding, signs, intervals, p-values and protocol values."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.reporting.results import numbers

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.8534, "0.853"), (-0.0004, "0.000"), (-0.5, "−0.500"), (NAN, "–"), (None, "–")],
)
def test_decimals(value: float | None, written: str) -> None:
    assert numbers.decimal(value) == written


def test_signs_and_intervals() -> None:
    assert numbers.signed(0.012) == "+0.012"
    assert numbers.signed(-0.012) == "−0.012"
    assert numbers.signed(NAN) == "–"
    assert numbers.interval(0.1, 0.25, 2) == "0.10 to 0.25"
    assert numbers.interval(NAN, 0.25) == ""


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "p < 0.001"), (0.034, "p = 0.034"), (1.0, "p > 0.999"), (NAN, "p not defined")],
)
def test_p_values_are_never_0_or_1(value: float, written: str) -> None:
    assert numbers.p_value(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(4.1e6, "4.1 M"), (25_600, "25.6 k"), (312.4, "312"), (0.0042, "0.0042"), (NAN, "–")],
)
def test_quantities(value: float, written: str) -> None:
    assert numbers.compact(value) == written


def test_times_and_probabilities() -> None:
    assert [numbers.duration(s) for s in (34, 312, 11160)] == ["34 s", "5.2 min", "3.1 h"]
    assert [numbers.probability(p) for p in (0.0, 0.5, 1.0)] == ["< 0.01", "0.50", "> 0.99"]


def test_percentages() -> None:
    assert [numbers.percent(share) for share in (0.95, 0.975, 0.8)] == [
        "95\u00a0%",
        "97.5\u00a0%",
        "80\u00a0%",
    ]


def test_protocol_values_are_words() -> None:
    assert numbers.stated(None) == "not stated"
    assert numbers.stated({"a": [0, 1]}) == "a 0/1"
    assert numbers.stated(False) == "no"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (999, "999"),
        (999.6, "1 k"),
        (1000, "1 k"),
        (99.96, "100"),
        (9.96, "10"),
        (999_499, "999 k"),
        (999_999, "1 M"),
        (999.9e6, "1 G"),
    ],
)
def test_a_quantity_that_rounds_up_has_the_next_unit(value: float, written: str) -> None:
    assert numbers.compact(value) == written


def test_whole_numbers_and_lists_are_words() -> None:
    assert [numbers.plural(n, "study", "studies") for n in (0, 1, 1234)] == [
        "0 studies",
        "1 study",
        "1,234 studies",
    ]
    assert [numbers.listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert [numbers.spelled(n) for n in (0, 10, 11, 1200)] == ["no", "ten", "11", "1,200"]
    assert numbers.count(NAN) == numbers.duration(NAN) == numbers.probability(None) == "–"


def test_only_finite_numbers_are_defined() -> None:
    assert [numbers.defined(value) for value in (0, -1.5, np.float32(2), np.int64(3))] == [True] * 4
    undefined = (None, NAN, float("inf"), np.float64("nan"), True, "1", [1])
    assert not any(numbers.defined(value) for value in undefined)


def test_a_number_with_its_interval() -> None:
    assert numbers.with_interval(0.5, 0.4, 0.6) == "0.500 (0.400 to 0.600)"
    assert numbers.with_interval(0.5, None, 0.6, 2) == "0.50"
    assert numbers.with_interval(None, None, None) == numbers.UNDEFINED
