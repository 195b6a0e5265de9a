"""SVG paths: lines simplified to pixel resolution and written compactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.compiling import compiled

Point = tuple[float, float]

TOLERANCE = 0.15
"""The largest distance of an omitted point from the simplified line, in drawing units."""

BAND = 0.5
"""The tolerance of the edges of bands, which are pale."""

COARSE = 2.2
"""The tolerance of the grey lines of networks that are not shown in detail."""


def unbroken(xs: Sequence[float | None], ys: Sequence[float | None]) -> list[np.ndarray]:
    """Returns the runs of consecutive points whose coordinates are both defined, each (N, 2)."""
    points = np.column_stack((np.array(xs, dtype=np.float64), np.array(ys, dtype=np.float64)))
    known = np.isfinite(points).all(axis=1)
    if known.all():
        return [points] if len(points) else []
    ends = np.flatnonzero(np.diff(known, prepend=False, append=False)).tolist()
    return [points[first:last] for first, last in zip(ends[::2], ends[1::2], strict=True)]


def trace(points: np.ndarray | Sequence[Point], tolerance: float = TOLERANCE) -> str:
    """Returns the path commands through the points, (N, 2), in relative coordinates."""
    return _commands(np.rint(thinned(points, tolerance) * 10).astype(np.int64).tolist())


def thinned(points: np.ndarray | Sequence[Point], tolerance: float = TOLERANCE) -> np.ndarray:
    """Returns the points, (N, 2), without those closer to the simplified line than the tolerance.

    Source: Douglas and Peucker 1973, doi 10.3138/FM57-6770-U75U-7727.
    """
    points = np.ascontiguousarray(points, dtype=np.float64)
    return points[_kept(points, tolerance)]


def bar(x0: float, x1: float, y0: float, y1: float) -> str:
    """Returns the closed path of an upright rectangle, simplified like any other path.

    Args:
        x0: The left edge, where the path starts and ends.
        x1: The right edge.
        y0: The edge at which the path starts and ends.
        y1: The opposite edge.
    """
    corners = [(x0, y0), (x1, y0)]
    across, up = x1 - x0, y1 - y0
    if abs(up) > TOLERANCE:
        corners.insert(1, (x0, y1))
        along = across * across / (across * across + up * up)
        if ((across - along * across) ** 2 + (along * up) ** 2) ** 0.5 > TOLERANCE:
            corners.insert(2, (x1, y1))
    return _commands([(round(x * 10), round(y * 10)) for x, y in corners]) + "z"


def _commands(points: Sequence[Sequence[int]]) -> str:
    """Returns the path commands through points in tenths of drawing units."""
    last_x, last_y = points[0]
    commands = [f"M{_TENTHS[last_x]} {_TENTHS[last_y]}"]
    for x, y in points[1:]:
        dx, dy = x - last_x, y - last_y
        last_x, last_y = x, y
        if dy == 0:
            if dx:
                commands.append(f"h{_TENTHS[dx]}")
        elif dx == 0:
            commands.append(f"v{_TENTHS[dy]}")
        else:
            second = _TENTHS[dy]
            commands.append(f"l{_TENTHS[dx]}{'' if second[0] == '-' else ' '}{second}")
    return "".join(commands)


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
    return _WRITTEN[f"{value:.1f}"]


class _Written(dict[str, str]):
    """Numbers with one decimal and how they are written; drawings repeat the same coordinates."""

    def __missing__(self, number: str) -> str:
        written = number.removesuffix(".0")
        if written in ("-0", "0"):
            written = "0"
        elif written.lstrip("-").startswith("0."):
            written = written.replace("0.", ".", 1)
        self[number] = written
        return written


class _Tenths(dict[int, str]):
    """Whole tenths and how they are written."""

    def __missing__(self, tenths: int) -> str:
        self[tenths] = written = short(tenths / 10)
        return written


_WRITTEN = _Written()
_TENTHS = _Tenths()
