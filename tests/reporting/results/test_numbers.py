"""Formatting of numbers: rounding, signs, intervals, p-values and protocol values."""

from __future__ import annotations

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
