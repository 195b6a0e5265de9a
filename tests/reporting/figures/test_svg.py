"""Axes, marks and ticks of a drawing."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from cxrcompare.reporting.figures.svg import Axes, clipped, decades, padded, tick, ticks

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


@pytest.mark.parametrize("value", [1.0, 2.1, 3.1e6, 4.0, 450.0, 0.0031])
def test_a_logarithmic_axis_around_one_value_has_a_label(value: float) -> None:
    found = decades(value / 1.5, value * 1.5)
    assert found
    assert all(value / 1.5 <= one <= value * 1.5 for one in found)


def test_a_logarithmic_axis_has_at_most_five_labels() -> None:
    assert decades(1, 10) == [1, 2, 5, 10]
    assert len(decades(1e-5, 1e9)) <= 5


def test_limits_are_widened_and_never_of_no_width() -> None:
    assert padded([0.0, 1.0, NAN], share=0.1) == pytest.approx((-0.1, 1.1))
    assert padded([0.5], least=0.01) == pytest.approx((0.49, 0.51))


def test_words_and_titles_cannot_add_elements() -> None:
    axes = Axes(100, 100)
    hostile = '<b a="1">&'
    axes.text(1, 2, hostile)
    axes.circle(1, 2, 3, "dot", hostile)
    axes.diamond(1, 2, 3, "reader", hostile)
    axes.spans(1, 2, [(hostile, "strong"), ("", "")])
    root = ElementTree.fromstring(axes.svg("name", hostile, hostile))
    assert [part.tag.rpartition("}")[2] for part in root.iter()] == [
        *("svg", "title", "desc", "text", "circle", "title", "polygon", "title", "text"),
        *("tspan", "tspan"),
    ]
    assert [part.text for part in root.iter() if part.text] == [hostile] * 6


def test_a_band_has_a_gap_where_a_number_is_missing() -> None:
    axes = Axes(100, 100, margin=(0, 0, 0, 0))
    axes.band((0, 0.2, 0.4, 0.6), (0, 0, NAN, 0), (1, 0.5, NAN, 1))
    assert axes.parts == ['<path d="M0 100h20v-50l-20-50zM60 100v-100z" class="band"/>']
    axes.band((0, 1), (NAN, NAN), (NAN, NAN))
    assert len(axes.parts) == 1


def test_zero_has_no_decimals_and_no_sign() -> None:
    assert [tick(value, 2) for value in (0.0, -0.001, -0.5, 0.25)] == ["0", "0", "−0.50", "0.25"]
