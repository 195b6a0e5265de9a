"""SVG paths: lines simplified to pixel resolution and written compactly."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.reporting.results import numbers

Point = tuple[float, float]

TOLERANCE = 0.15
"""The largest distance of an omitted point from the simplified line, in drawing units."""


def unbroken(xs: Sequence[float | None], ys: Sequence[float | None]) -> list[list[Point]]:
    """Returns the runs of consecutive points whose coordinates are both defined."""
    parts: list[list[Point]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if x is not None and y is not None and numbers.defined(x) and numbers.defined(y):
            parts[-1].append((x, y))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def trace(points: Sequence[Point]) -> str:
    """Returns the path commands through the points, in relative coordinates."""
    kept = [(round(x * 10), round(y * 10)) for x, y in thinned(points)]
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
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        farthest, largest = first, tolerance
        for index in range(first + 1, last):
            distance = _distance(points[index], points[first], points[last])
            if distance > largest:
                farthest, largest = index, distance
        if farthest != first:
            keep.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    return [points[index] for index in sorted(keep)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Returns the distance of a point from the line segment between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return float(
        ((point[0] - start[0] - along * dx) ** 2 + (point[1] - start[1] - along * dy) ** 2) ** 0.5
    )


def short(value: float) -> str:
    """Returns a coordinate rounded to one decimal, without redundant characters."""
    written = f"{value:.1f}".removesuffix(".0")
    if written in ("-0", "0"):
        return "0"
    return written.replace("0.", ".", 1) if written.lstrip("-").startswith("0.") else written
