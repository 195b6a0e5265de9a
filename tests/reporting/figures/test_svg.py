"""Axes, marks and ticks of a drawing."""

from __future__ import annotations

import pytest

from cxrcompare.reporting.figures.svg import Axes, clipped, ticks

NAN = float("nan")


def test_places_in_a_drawing() -> None:
    axes = Axes(100, 100, x=(0, 10), y=(0, 1), margin=(10, 10, 20, 30))
    assert (axes.across(0), axes.across(10)) == (10, 90)
    assert (axes.up(0), axes.up(1)) == (70, 20)
    logarithmic = Axes(100, 100, x=(1, 100), margin=(0, 0, 0, 0), log_x=True)
    assert logarithmic.across(10) == pytest.approx(50)


def test_a_line_breaks_where_a_number_is_missing() -> None:
    axes = Axes(100, 100, margin=(0, 0, 0, 0))
    axes.line((0, 0.2, 0.4, 0.6, 0.8), (0, 0.5, NAN, 0.5, 1))
    assert axes.parts[0].count("M") == 2


def test_straight_lines_keep_only_their_ends() -> None:
    axes = Axes(100, 100, margin=(0, 0, 0, 0))
    axes.line((0, 0.25, 0.5, 1), (0, 0.25, 0.5, 1))
    assert axes.parts == ['<path d="M0 100l100-100" class="line"/>']


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0, 1, 5) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.47, 0.93, 5) == [0.5, 0.6, 0.7, 0.8, 0.9]
    assert all(-0.013 <= value <= 0.027 for value in ticks(-0.013, 0.027))


def test_long_names_keep_both_ends() -> None:
    assert clipped("densenet121", 20) == "densenet121"
    assert clipped("a" * 40 + "z" * 40, 12) == "a" * 7 + "…" + "z" * 4
