"""The marks of networks: a disc, a square and two triangles, for SVG figures and the page."""

from __future__ import annotations

MARKS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    ((0.08, 0.08), (0.92, 0.08), (0.92, 0.92), (0.08, 0.92)),
    ((0.5, 0.0), (1.0, 0.95), (0.0, 0.95)),
    ((0.5, 1.0), (1.0, 0.05), (0.0, 0.05)),
)
"""The corners of each mark, as shares of a square; none for the disc."""

_COLOURS = 8


def mark(index: int) -> int:
    """Returns the mark of a network, an index of `MARKS`: another one after each eight networks."""
    return index // _COLOURS % len(MARKS)


def corners(kind: int, x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """Returns the corners of a mark around a position."""
    return [(x + (2 * a - 1) * radius, y + (2 * b - 1) * radius) for a, b in MARKS[kind]]


def clip_path(kind: int) -> str:
    """Returns a mark as a CSS shape."""
    return f"polygon({','.join(f'{100 * a:g}% {100 * b:g}%' for a, b in MARKS[kind])})"
