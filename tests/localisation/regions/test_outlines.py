"""Outlines of regions: of squares by hand, holes, parts, and regions smaller than a cell."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.localisation.regions import grid, outlines


def region(*squares: tuple[int, int, int, int]) -> np.ndarray:
    """Returns the shares of squares: top, bottom, left, right in cells of the grid."""
    share = np.zeros((grid.SIDE, grid.SIDE), np.float32)
    for top, bottom, left, right in squares:
        share[top:bottom, left:right] = 1 - share[top, left]
    return share


def area(line: list[int]) -> float:
    """Returns the area within an outline by the shoelace formula."""
    x, y = np.array(line[::2], float), np.array(line[1::2], float)
    return abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / 2


def test_the_outline_of_a_square_is_its_edge():
    (line,) = outlines.of(region((16, 32, 8, 40)), 256)
    x, y = line[::2], line[1::2]
    assert (min(x), max(x)) == pytest.approx((32, 159), abs=1)
    assert (min(y), max(y)) == pytest.approx((64, 127), abs=1)
    assert area(line) == pytest.approx(127 * 63, rel=0.03)


def test_parts_and_holes_have_outlines_of_their_own():
    found = outlines.of(region((4, 20, 4, 20), (8, 16, 8, 16), (40, 50, 40, 50)), 256)
    areas = sorted(round(area(line) / 16) for line in found)
    assert areas == [pytest.approx(size, rel=0.15) for size in (64, 100, 256)]


def test_a_region_smaller_than_a_cell_is_outlined():
    share = np.zeros((grid.SIDE, grid.SIDE), np.float32)
    share[30, 20] = 0.1
    (line,) = outlines.of(share, 256)
    assert all(78 <= one <= 86 for one in line[::2])
    assert all(118 <= one <= 126 for one in line[1::2])


def test_no_region_has_no_outline():
    assert outlines.of(np.zeros((grid.SIDE, grid.SIDE), np.float32), 256) == []


def test_a_region_at_the_border_stays_in_the_image():
    (line,) = outlines.of(np.ones((grid.SIDE, grid.SIDE), np.float32), 256)
    assert (min(line), max(line)) == (0, 255)
