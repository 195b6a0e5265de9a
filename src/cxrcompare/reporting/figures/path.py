"""Paths of a drawing: lines kept to what a pixel shows, in as few characters as carry it."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.reporting.results import numbers

Place = tuple[float, float]

TOLERANCE = 0.15
"""How far, in units of the drawing, a line may pass beside a place that is left out."""


def unbroken(xs: Sequence[float], ys: Sequence[float]) -> list[list[Place]]:
    """Returns the stretches of points of which both numbers are defined."""
    parts: list[list[Place]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if numbers.defined(x) and numbers.defined(y):
            parts[-1].append((x, y))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def trace(places: Sequence[Place]) -> str:
    """Returns the commands of a path through places, each relative to the one before it."""
    kept = [(round(x * 10), round(y * 10)) for x, y in thinned(places)]
    commands, last = [f"M{short(kept[0][0] / 10)} {short(kept[0][1] / 10)}"], kept[0]
    for place in kept[1:]:
        dx, dy = place[0] - last[0], place[1] - last[1]
        last = place
        if dy == 0:
            commands += [f"h{short(dx / 10)}"] if dx else []
        elif dx == 0:
            commands.append(f"v{short(dy / 10)}")
        else:
            second = short(dy / 10)
            commands.append(f"l{short(dx / 10)}{'' if second[0] == '-' else ' '}{second}")
    return "".join(commands)


def thinned(places: Sequence[Place], tolerance: float = TOLERANCE) -> list[Place]:
    """Returns the places without those that the line passes within the tolerance anyway.

    Source: Douglas and Peucker 1973, doi 10.3138/FM57-6770-U75U-7727.
    """
    keep = {0, len(places) - 1}
    spans = [(0, len(places) - 1)]
    while spans:
        first, last = spans.pop()
        far, distance = first, tolerance
        for index in range(first + 1, last):
            beside = _distance(places[index], places[first], places[last])
            if beside > distance:
                far, distance = index, beside
        if far != first:
            keep.add(far)
            spans += [(first, far), (far, last)]
    return [places[index] for index in sorted(keep)]


def _distance(place: Place, start: Place, end: Place) -> float:
    """How far a place lies from the straight line between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    along = ((place[0] - start[0]) * dx + (place[1] - start[1]) * dy) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return float(
        ((place[0] - start[0] - along * dx) ** 2 + (place[1] - start[1] - along * dy) ** 2) ** 0.5
    )


def short(value: float) -> str:
    """Returns a coordinate to a tenth, without needless characters."""
    written = f"{value:.1f}".removesuffix(".0")
    if written in ("-0", "0"):
        return "0"
    return written.replace("0.", ".", 1) if written.lstrip("-").startswith("0.") else written
