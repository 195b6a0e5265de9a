"""Analytic solids and their exact projections: convex solids as intervals on rays, tubes as discs.

Lengths are centimetres. The body's axes: x to the patient's left, y to the front, z up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import ArrayLike

from cxrcompare.datasets.phantom.geometry import Rays

_STEP = 0.2
"""Radii of tubes are rounded on the image to steps of this logarithm; their mass is kept."""


@dataclass(frozen=True)
class Ellipsoid:
    """The points p with |matrix (p - centre)| <= 1.

    Attributes:
        centre: (3,) centimetres.
        matrix: (3, 3), maps the solid onto the unit ball.
    """

    centre: np.ndarray
    matrix: np.ndarray

    @cached_property
    def inverse(self) -> np.ndarray:
        """(3, 3), maps the unit ball onto the solid."""
        return np.linalg.inv(self.matrix)

    def contains(self, points: np.ndarray) -> np.ndarray:
        """Returns which points, (N, 3), lie inside, (N,) bool."""
        away = (points - self.centre) @ self.matrix.T
        return np.einsum("ij,ij->i", away, away) <= 1.0

    def extent(self, axis: int) -> tuple[float, float]:
        """Returns the least and greatest coordinate along an axis."""
        half = float(np.sqrt((self.inverse[axis] ** 2).sum()))
        return float(self.centre[axis]) - half, float(self.centre[axis]) + half

    def moved(self, shift: ArrayLike) -> Ellipsoid:
        """Returns the solid shifted by (3,) centimetres."""
        return Ellipsoid(self.centre + np.asarray(shift, dtype=float), self.matrix)

    def scaled(self, factor: float, about: ArrayLike | None = None) -> Ellipsoid:
        """Returns the solid scaled about a point, its centre by default."""
        about = self.centre if about is None else np.asarray(about, dtype=float)
        return Ellipsoid(about + factor * (self.centre - about), self.matrix / factor)


def ellipsoid(centre: ArrayLike, semiaxes: ArrayLike, axis: ArrayLike | None = None) -> Ellipsoid:
    """Returns an ellipsoid.

    Args:
        centre: (3,) centimetres.
        semiaxes: (3,) along x, y and z.
        axis: Where given, the direction that the z semi-axis points to.
    """
    scale = np.diag(1.0 / np.asarray(semiaxes, dtype=float))
    turn = np.eye(3) if axis is None else _turn(np.asarray(axis, dtype=float))
    return Ellipsoid(np.asarray(centre, dtype=float), scale @ turn.T)


def _turn(axis: np.ndarray) -> np.ndarray:
    """Returns the rotation that takes z to the axis by the shortest way."""
    axis = axis / np.linalg.norm(axis)
    x, y, z = (float(value) for value in axis)
    if z < -0.9999:
        return np.diag([1.0, -1.0, -1.0])
    cross = np.array([[0.0, 0.0, x], [0.0, 0.0, y], [-x, -y, 0.0]])
    return np.eye(3) + cross + cross @ cross / (1.0 + z)


Box = tuple[slice, slice]
"""Rows and columns of a window of the image."""


@dataclass(frozen=True)
class Spans:
    """One interval on every ray of a window, in fractions of the way from source to detector.

    Attributes:
        box: The window; rays outside it miss the solid.
        enter: (h, w). Where a ray misses the solid, `leave` is not greater than `enter`.
        leave: (h, w).
    """

    box: Box
    enter: np.ndarray
    leave: np.ndarray

    def meet(self, other: Spans) -> Spans:
        """Returns the common part: the spans of the intersection of two convex solids."""
        box = (_common(self.box[0], other.box[0]), _common(self.box[1], other.box[1]))
        mine, theirs = inside(box, self.box), inside(box, other.box)
        return Spans(
            box,
            np.maximum(self.enter[mine], other.enter[theirs]),
            np.minimum(self.leave[mine], other.leave[theirs]),
        )

    def length(self) -> np.ndarray:
        """Returns the intervals' lengths, (h, w), never negative."""
        return np.maximum(self.leave - self.enter, 0.0)


def _common(first: slice, second: slice) -> slice:
    start = max(first.start, second.start)
    return slice(start, max(start, min(first.stop, second.stop)))


def inside(box: Box, outer: Box) -> Box:
    """Returns a window's place in the array of a window that holds it."""
    (rows, columns), (top, left) = box, (outer[0].start, outer[1].start)
    return (
        slice(rows.start - top, rows.stop - top),
        slice(columns.start - left, columns.stop - left),
    )


def spans(solid: Ellipsoid, rays: Rays) -> Spans:
    """Returns where each ray runs inside the solid (the roots of a quadratic equation)."""
    box = _window(solid, rays)
    start = solid.matrix @ (rays.source - solid.centre)
    first = solid.matrix @ rays.corner
    column, row = solid.matrix @ rays.column, solid.matrix @ rays.row
    u, v = rays.columns[:, box[1]], rays.rows[box[0]]
    along = (first @ first + 2.0 * (first @ column) * u + (column @ column) * u * u) + (
        2.0 * (first @ row) * v + (row @ row) * v * v
    )
    along += (2.0 * (column @ row) * v) * u
    half = (start @ first + (start @ column) * u) + (start @ row) * v
    root = half * half
    root -= along * (float(start @ start) - 1.0)
    np.sqrt(np.maximum(root, 0.0, out=root), out=root)
    np.divide(1.0, along, out=along)
    return Spans(box, (-half - root) * along, (root - half) * along)


def _window(solid: Ellipsoid, rays: Rays) -> Box:
    """Returns the window of a solid's outline: its image is a conic whose dual gives the bounds.

    Hartley and Zisserman 2004, Multiple View Geometry, section 8.3.
    """
    half = rays.inverse @ solid.inverse
    middle = rays.inverse @ (solid.centre - rays.source)
    dual = half @ half.T - np.outer(middle, middle)
    bounds = []
    for axis, size in ((2, rays.shape[0]), (1, rays.shape[1])):
        root = np.sqrt(max(dual[0, axis] ** 2 - dual[axis, axis] * dual[0, 0], 0.0))
        ends = sorted(((dual[0, axis] + root) / dual[0, 0], (dual[0, axis] - root) / dual[0, 0]))
        low = min(max(int(np.floor(ends[0])), 0), size)
        bounds.append(slice(low, max(low, min(int(np.ceil(ends[1])) + 1, size))))
    return bounds[0], bounds[1]


def uncovered(span: Spans, holes: Sequence[Spans]) -> np.ndarray:
    """Returns the length of each interval that no hole covers, (h, w): inclusion and exclusion."""
    length = span.length()
    for index, hole in enumerate(holes):
        common = span.meet(hole)
        if common.enter.size and (common.leave > common.enter).any():
            length[inside(common.box, span.box)] -= uncovered(common, holes[:index])
    return length


@dataclass(frozen=True)
class Tube:
    """A solid round a curve: rib, vessel, catheter.

    Attributes:
        points: (N, 3), close together, along the curve.
        radius: (N,) centimetres.
        density: Linear attenuation beyond what it displaces, per centimetre; may be negative.
        finding: The finding that it belongs to, or empty.
    """

    points: np.ndarray
    radius: np.ndarray
    density: float
    finding: str = ""


def resample(points: Sequence[ArrayLike] | np.ndarray, spacing: float) -> np.ndarray:
    """Returns points of a smooth curve through the given ones, `spacing` centimetres apart."""
    knots = np.asarray(points, dtype=float)
    if len(knots) > 2:
        knots = _smooth(knots)
    steps = np.linalg.norm(np.diff(knots, axis=0), axis=1)
    position = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, position[-1], max(2, int(position[-1] / spacing) + 1))
    return np.stack([np.interp(wanted, position, knots[:, axis]) for axis in range(3)], axis=1)


def _smooth(knots: np.ndarray) -> np.ndarray:
    """Returns a Catmull-Rom curve through the knots, twelve points a piece."""
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    a, b, c, d = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0.0, 1.0, 12, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return np.vstack([curve.reshape(-1, 3), knots[-1:]])


def disc(radius: float) -> np.ndarray:
    """Returns a disc of a radius in pixels, its edge smoothed, its sum the disc's area."""
    reach = int(np.ceil(radius + 0.5))
    grid = np.arange(-reach, reach + 1, dtype=float)
    kernel = np.clip(radius + 0.5 - np.hypot(grid[:, None], grid[None, :]), 0.0, 1.0)
    return kernel * (np.pi * radius**2 / kernel.sum())


def splat(points: np.ndarray, radius: np.ndarray, weight: np.ndarray, rays: Rays) -> np.ndarray:
    """Returns the projected thickness of tubes, (H, W) centimetres times weight.

    A tube's chord at distance d from its axis is 2 sqrt(r^2 - d^2), which is the line integral of a
    disc: so the axis is laid down, weighted by its length in space, and convolved with a disc.

    Args:
        points: (N, 3).
        radius: (N,) centimetres.
        weight: (N,) length along the curve that the point stands for, times density.
        rays: The geometry.
    """
    column, row, scale = rays.project(points)
    size = np.maximum(radius * scale, 0.3)
    step, place = np.unique(np.round(np.log(size) / _STEP).astype(int), return_inverse=True)
    weight = weight * (radius * scale / np.exp(_STEP * step[place])) ** 2
    layers = _deposit(place, column, row, weight, (len(step), *rays.shape))
    total = np.zeros(rays.shape)
    for layer, value in zip(layers, step, strict=True):
        kernel = disc(float(np.exp(_STEP * value)))
        total += cv2.filter2D(layer, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    return total


def lengths(points: np.ndarray) -> np.ndarray:
    """Returns the length of curve that each of its points stands for, (N,)."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return 0.5 * (np.concatenate([[0.0], steps]) + np.concatenate([steps, [0.0]]))


def _deposit(
    layer: np.ndarray,
    column: np.ndarray,
    row: np.ndarray,
    weight: np.ndarray,
    shape: tuple[int, int, int],
) -> np.ndarray:
    """Shares each point's weight among the four pixels round it; returns (L, H, W)."""
    count, height, width = shape
    there = (column > -1) & (column < width) & (row > -1) & (row < height)
    layer, column, row, weight = (item[there] for item in (layer, column, row, weight))
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    right_share, low_share = column - left, row - top
    first = (layer * (height + 2) + top + 1) * (width + 2) + left + 1
    total = np.zeros(count * (height + 2) * (width + 2))
    for down, share_row in ((0, 1 - low_share), (1, low_share)):
        for across, share_column in ((0, 1 - right_share), (1, right_share)):
            total += np.bincount(
                first + down * (width + 2) + across,
                weight * share_row * share_column,
                minlength=len(total),
            )
    return total.reshape(count, height + 2, width + 2)[:, 1:-1, 1:-1].copy()
