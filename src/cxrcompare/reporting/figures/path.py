"""SVG paths: lines simplified to pixel resolution and written compactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.compiling import compiled
from cxrcompare.reporting.results import numbers

Point = tuple[float, float]

TOLERANCE = 0.15
"""The largest distance of an omitted point from the simplified line, in drawing units."""

BAND = 0.5
"""The tolerance of the edges of bands, which are pale."""

COARSE = 2.2
"""The tolerance of the grey lines of networks that are not shown in detail."""


def unbroken(xs: Sequence[float | None], ys: Sequence[float | None]) -> list[list[Point]]:
    """Returns the runs of consecutive points whose coordinates are both defined."""
    parts: list[list[Point]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if x is not None and y is not None and numbers.defined(x) and numbers.defined(y):
            parts[-1].append((x, y))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def trace(points: Sequence[Point], tolerance: float = TOLERANCE) -> str:
    """Returns the path commands through the points, in relative coordinates."""
    kept = [(round(x * 10), round(y * 10)) for x, y in thinned(points, tolerance)]
    commands, last = [f"M{short(kept[0][0] / 10)} {short(kept[0][1] / 10)}"], kept[0]
    for point in kept[1:]:
        dx, dy = point[0] - last[0], point[1] - last[1]
        last = point
        if dy == 0:
            commands += [f"h{short(dx / 10)}"] if dx else []
        elif dx == 0:
            commands.append(f"v{short(dy / 10)}")
        else:
            second = short(dy / 10)
            commands.append(f"l{short(dx / 10)}{'' if second[0] == '-' else ' '}{second}")
    return "".join(commands)


def thinned(points: Sequence[Point], tolerance: float = TOLERANCE) -> list[Point]:
    """Returns the points without those closer to the simplified line than the tolerance.

    Source: Douglas and Peucker 1973, doi 10.3138/FM57-6770-U75U-7727.
    """
    kept = _kept(np.array(points, dtype=np.float64), tolerance)
    return [points[index] for index in np.flatnonzero(kept).tolist()]


def _kept_by_levels(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Returns what `_kept` does, without numba: each round splits all spans at once."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    while True:
        ends = np.flatnonzero(keep)
        span = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        start = points[ends[:-1]][span]
        (right, up), (dx, dy) = (points[:-1] - start).T, (points[ends[1:]][span] - start).T
        length = dx * dx + dy * dy
        along = np.divide(right * dx + up * dy, length, out=np.zeros(len(span)), where=length > 0)
        along = np.clip(along, 0.0, 1.0)
        distance = np.sqrt((right - along * dx) ** 2 + (up - along * dy) ** 2)
        largest = np.maximum.reduceat(distance, ends[:-1])
        farthest = np.flatnonzero((distance == largest[span]) & (distance > tolerance))
        if not farthest.size:
            return keep
        keep[farthest[np.unique(span[farthest], return_index=True)[1]]] = True


@compiled(otherwise=_kept_by_levels)
def _kept(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Returns whether each of the (N, 2) points is kept by the Douglas-Peucker algorithm, (N,)."""
    size = len(points)
    keep = np.zeros(size, dtype=np.bool_)
    keep[0] = keep[size - 1] = True
    spans = [(0, size - 1)]
    while len(spans) > 0:
        first, last = spans.pop()
        x, y = points[first]
        dx, dy = points[last, 0] - x, points[last, 1] - y
        length = dx * dx + dy * dy
        farthest, largest = first, tolerance
        for index in range(first + 1, last):  # the distance from the segment of first and last
            right, up = points[index, 0] - x, points[index, 1] - y
            along = (right * dx + up * dy) / length if length > 0 else 0.0
            along = min(1.0, max(0.0, along))
            distance = ((right - along * dx) ** 2 + (up - along * dy) ** 2) ** 0.5
            if distance > largest:
                farthest, largest = index, distance
        if farthest != first:
            keep[farthest] = True
            spans.append((first, farthest))
            spans.append((farthest, last))
    return keep


def short(value: float) -> str:
    """Returns a coordinate rounded to one decimal, without redundant characters."""
    written = f"{value:.1f}".removesuffix(".0")
    if written in ("-0", "0"):
        return "0"
    return written.replace("0.", ".", 1) if written.lstrip("-").startswith("0.") else written
