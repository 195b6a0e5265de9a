"""Lung vessels and airways that branch from the hilum to the pleura."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.synthetic.chest.body import SIDES, Body
from cxrcompare.synthetic.shapes import drawing_kernels
from cxrcompare.synthetic.shapes.solids import Ellipsoid, Tube, resample

_AIR = -0.19


def hilum(body: Body, side: str) -> np.ndarray:
    """Returns the position of a lung's hilum, (3,)."""
    k = body.scale
    x = 4.6 if side == "left" else -4.2
    return np.array([x * k + body.shift, -0.5, (1.6 if side == "left" else 0.7) * k])


@dataclass(frozen=True)
class Tree:
    """The vessels of one lung as points along their centre lines.

    Attributes:
        points: (N, 3).
        radius: (N,) centimetres.
        weight: (N,) length of vessel per point in centimetres.
    """

    points: np.ndarray
    radius: np.ndarray
    weight: np.ndarray


def vessel_tree(body: Body, hull: Ellipsoid, side: str, spacing: float) -> Tree:
    """Returns the vessels of a lung, which branch three times.

    Every main vessel runs towards a point of the pleura. Radii decrease towards the ends and at
    branches, where the sum of cubes is about constant (Murray 1926, doi 10.1073/pnas.12.3.207).

    Args:
        body: The sizes.
        hull: The pleural space.
        side: left or right.
        spacing: Largest distance of points along a long vessel in centimetres.
    """
    rng = np.random.default_rng([body.seed, 11 if side == "left" else 12])
    aims = _directions(rng, 13)
    ends = hull.centre + (aims * rng.uniform(0.80, 0.97, (13, 1))) @ hull.inverse.T
    starts = np.broadcast_to(hilum(body, side), ends.shape)
    radius = 0.42 * body.vessels * rng.uniform(0.7, 1.15, 13)
    layers = []
    for reach in (16.0, 9.0, 5.0, 2.5):
        curves, weight = _curves(rng, starts, ends, max(6, int(reach / spacing)))
        share = np.linspace(1.0, 0.28, curves.shape[1])
        layers.append((curves, radius[:, None] * share, weight))
        if reach > 2.5:
            starts, ends, radius = _branches(rng, curves, ends - starts, radius)
    return Tree(
        np.concatenate([curves.reshape(-1, 3) for curves, _, _ in layers]),
        np.concatenate([radii.ravel() for _, radii, _ in layers]),
        np.concatenate([weight.ravel() for _, _, weight in layers]),
    )


def _directions(rng: np.random.Generator, count: int) -> np.ndarray:
    """Returns directions spread evenly from caudal to cranial, (count, 3)."""
    turn = (np.arange(count) + 0.5) / count
    z = np.clip(1.9 * turn - 0.95 + rng.normal(0, 0.05, count), -0.98, 0.98)
    angle = rng.uniform(0, 2 * np.pi, count)
    flat = np.sqrt(1 - z * z)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=1)


def _curves(
    rng: np.random.Generator, starts: np.ndarray, ends: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns cubic Bezier curves from starts to ends, (B, count, 3), and weights, (B, count)."""
    way = ends - starts
    bow = rng.normal(0.0, 0.10, (2, *way.shape)) * np.linalg.norm(way, axis=1)[:, None]
    knots = np.stack([starts, starts + way / 3 + bow[0], starts + 2 * way / 3 + bow[1], ends])
    points = np.empty((len(way), count, 3))
    return points, drawing_kernels.beziers(knots, points)


def _branches(
    rng: np.random.Generator, curves: np.ndarray, way: np.ndarray, radius: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns starts, ends and radii of three branches of every vessel."""
    at = rng.uniform(0.2, 0.8, (len(curves), 3)).ravel()
    parent = np.repeat(np.arange(len(curves)), 3)
    starts = curves[parent, (at * (curves.shape[1] - 1)).astype(int)]
    length = np.linalg.norm(way, axis=1)[parent, None] + 1e-9
    along = way[parent] / length
    aside = rng.standard_normal(along.shape)
    aside -= along * (aside * along).sum(axis=1, keepdims=True)
    aside /= np.linalg.norm(aside, axis=1, keepdims=True) + 1e-9
    reach = length * (1 - at[:, None]) * rng.uniform(0.6, 1.0, (len(at), 1)) + 0.6
    ends = starts + reach * (0.75 * along + 0.65 * aside)
    return starts, ends, radius[parent] * (1 - 0.72 * at) * 0.72


def airways(body: Body) -> tuple[Tube, ...]:
    """Returns trachea and main bronchi as tubes of air in the mediastinum."""
    k, x = body.scale, body.shift
    fork = np.array([0.2 + x, -1.5, 2.6 * k])
    trachea = resample([(0.0, 0.5, 19.0 * k), (0.1 + 0.5 * x, -0.6, 10.0 * k), fork], 0.15)
    tubes = [Tube(trachea, np.full(len(trachea), 0.85 * k), _AIR)]
    for side in SIDES:
        bronchus = resample(
            [fork, 0.5 * (fork + hilum(body, side)) + [0, 0, -0.2], hilum(body, side)], 0.15
        )
        tubes.append(Tube(bronchus, np.linspace(0.62, 0.42, len(bronchus)) * k, _AIR))
    return tuple(tubes)
