"""Analytic solids and their exact projections: ellipsoids as intervals on rays, tubes as discs.

Lengths are in centimetres. The body's axes: x to the patient's left, y to the front, z up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from cxrcompare.synthetic.shapes import drawing_kernels
from cxrcompare.synthetic.shapes.geometry import Rays


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
        """Returns which points, (N, 3), are inside, (N,) bool."""
        away = (points - self.centre) @ self.matrix.T
        return np.einsum("ij,ij->i", away, away) <= 1.0

    def extent(self, axis: int) -> tuple[float, float]:
        """Returns the smallest and the largest coordinate along an axis."""
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
        axis: The direction of the z semi-axis; z by default.
    """
    scale = np.diag(1.0 / np.asarray(semiaxes, dtype=float))
    turn = np.eye(3) if axis is None else _turn(np.asarray(axis, dtype=float))
    return Ellipsoid(np.asarray(centre, dtype=float), scale @ turn.T)


def _turn(axis: np.ndarray) -> np.ndarray:
    """Returns the smallest rotation from z to the axis."""
    axis = axis / np.linalg.norm(axis)
    x, y, z = (float(value) for value in axis)
    if z < -0.9999:
        return np.diag([1.0, -1.0, -1.0])
    cross = np.array([[0.0, 0.0, x], [0.0, 0.0, y], [-x, -y, 0.0]])
    return np.eye(3) + cross + cross @ cross / (1.0 + z)


def chords(nested: Sequence[Ellipsoid], holes: Sequence[Ellipsoid], rays: Rays) -> np.ndarray:
    """Returns the rays' lengths inside the first 1, 2, ... solids and outside all holes.

    Args:
        nested: Solids; each one is clipped by those before it.
        holes: Solids whose inside is subtracted.
        rays: The geometry.

    Returns:
        (len(nested), H, W) centimetres.
    """
    ways = np.stack([rays.corner, rays.column, rays.row])
    solids = [*nested, *holes]
    centres = np.stack([solid.centre for solid in solids])
    matrices = np.stack([solid.matrix for solid in solids])
    starts = rays.source - centres
    sides = np.concatenate([starts[:, None], np.broadcast_to(ways, (len(solids), 3, 3))], axis=1)
    sides = sides @ matrices.transpose(0, 2, 1)
    out = np.empty((len(nested), *rays.shape))
    drawing_kernels.chords(ways, sides @ sides.transpose(0, 2, 1), len(nested), out)
    return out


def contained(
    points: np.ndarray, bounds: Sequence[Ellipsoid], holes: Sequence[Ellipsoid]
) -> np.ndarray:
    """Returns which points, (N, 3), are inside all bounds and outside all holes, (N,) bool."""
    solids = [*bounds, *holes]
    centres = np.stack([solid.centre for solid in solids])
    matrices = np.stack([solid.matrix for solid in solids])
    return drawing_kernels.contained(points, centres, matrices, len(bounds))


@dataclass(frozen=True)
class Tube:
    """A solid around a curve: rib, vessel, catheter.

    Attributes:
        points: (N, 3), closely spaced points of the curve.
        radius: (N,) centimetres.
        density: Linear attenuation minus that of the displaced tissue, per centimetre; may be
            negative.
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
        knots = drawing_kernels.smooth(knots)
    return drawing_kernels.evenly(knots, spacing)


def splat(points: np.ndarray, radius: np.ndarray, weight: np.ndarray, rays: Rays) -> np.ndarray:
    """Returns the projected thickness of tubes, (H, W) centimetres times weight.

    A tube's chord at distance d from its axis is 2 sqrt(r^2 - d^2), the line integral of a disc.
    A tube is therefore drawn as discs along its axis, weighted by the length of the curve.

    Args:
        points: (N, 3).
        radius: (N,) centimetres.
        weight: (N,) curve length per point times density.
        rays: The geometry.
    """
    column, row, scale = rays.project(points)
    size = radius * scale
    total = np.zeros(rays.shape)
    drawing_kernels.discs(column, row, np.maximum(size, 0.3), weight * np.pi * size**2, total)
    return total
