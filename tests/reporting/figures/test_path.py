"""Paths: simplified within the tolerance, relative, without drift."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from cxrcompare.reporting.figures import path


def test_a_path_passes_every_place_within_the_tolerance() -> None:
    rng = np.random.default_rng(3)
    places = [(float(x), float(y)) for x, y in zip(range(200), rng.normal(50, 9, 200), strict=True)]
    kept = [(x, y) for x, y in path.thinned(places, 2.0).tolist()]
    assert kept[0] == places[0]
    assert kept[-1] == places[-1]
    assert len(kept) < len(places)
    xs, ys = zip(*kept, strict=True)
    for x, y in places:  # beside the line is never further than straight above or below it
        (left,) = [n for n in range(len(xs) - 1) if xs[n] <= x <= xs[n + 1]][:1]
        slope = (ys[left + 1] - ys[left]) / (xs[left + 1] - xs[left])
        beside = abs(y - np.interp(x, xs, ys)) / math.hypot(1, slope)
        assert beside <= 2.0 + 1e-9


def test_paths_are_relative_and_do_not_drift() -> None:
    assert path.trace([(0, 0), (10, 0), (10, 5.04), (3.26, 9.96)]) == "M0 0h10v5l-6.7 5"
    steps = [(n / 3, n % 2) for n in range(100)]
    written = path.trace(steps)
    across = sum(float(step) for step in re.findall(r"l(-?[\d.]+)", written))
    assert across == pytest.approx(33.0, abs=0.06)


def test_missing_numbers_part_a_line() -> None:
    nan = float("nan")
    parts = path.unbroken((0, 1, nan, 3, 4), (0, 1, 2, None, 4))
    assert [part.tolist() for part in parts] == [[[0, 0], [1, 1]], [[4, 4]]]
    assert path.unbroken((nan,), (1,)) == path.unbroken((), ()) == []
    assert [part.tolist() for part in path.unbroken((0, 1), (2, 3))] == [[[0, 2], [1, 3]]]


def test_a_bar_is_the_path_of_its_corners() -> None:
    rng = np.random.default_rng(5)
    for x0, x1, y0, y1 in rng.normal(0, rng.choice([0.1, 0.3, 20], (4000, 4))).tolist():
        corners = [(x0, y0), (x0, y1), (x1, y1), (x1, y0)]
        assert path.bar(x0, x1, y0, y1) == path.trace(corners) + "z"
    assert path.bar(1, 3, 5, 2) == "M1 5v-3h2v3z"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.04, "0"),
        (-0.04, "0"),
        (0.5, ".5"),
        (-0.5, "-.5"),
        (10.0, "10"),
        (10.04, "10"),
        (-3, "-3"),
    ],
)
def test_coordinates_have_no_redundant_characters(value: float, written: str) -> None:
    assert path.short(value) == written


@pytest.mark.parametrize("tolerance", [0.0, 0.15, 3.0, 1e9])
@pytest.mark.parametrize("seed", range(5))
def test_without_numba_the_same_points_are_kept(seed, tolerance):
    rng = np.random.default_rng(seed)
    steps = rng.integers(0, 3, (200, 2)) * rng.random((200, 1))  # also repeated points
    points = np.cumsum(steps, axis=0) if seed else np.zeros((7, 2))
    expected = path._kept(points, tolerance)
    np.testing.assert_array_equal(path._kept_by_levels(points, tolerance), expected)
    assert path._kept_by_levels(points[:2], tolerance).tolist() == [True, True]
