"""Bones: ribs, clavicles and scapulae as tubes, the spine as a line of vertebrae."""

from __future__ import annotations

import numpy as np

from cxrcompare.synthetic.chest.body import SIDES, Body
from cxrcompare.synthetic.shapes.solids import Tube, resample

_DENSITY = 0.30
"""Attenuation of cortical bone minus that of soft tissue, per centimetre."""


def spine(body: Body) -> np.ndarray:
    """Returns the centre line of the vertebral bodies, (N, 3), from top to bottom."""
    z = np.linspace(22.0, -30.0, 53) * body.scale
    bend = body.kyphosis * np.clip(z / (18.0 * body.scale), -1.0, 1.3) ** 2
    y = -0.80 * body.depth + np.where(z > 0, 1.0, 0.4) * bend
    rng = np.random.default_rng([body.seed, 3])
    x = rng.normal(0.0, 0.15) * np.sin(z / 9.0)
    return np.stack([x, y, z], axis=1)


def rib_paths(body: Body, side: str) -> np.ndarray:
    """Returns the centre lines of the ribs, (11, N, 3), top to bottom, each starting at the spine.

    Args:
        body: The sizes.
        side: left or right.
    """
    number = np.arange(1, 12)[:, None]
    k, sign = body.scale, SIDES[side]
    start = (14.6 - 2.75 * (number - 1)) * k
    reach = np.minimum([2.5, 2.62, *[2.68] * 9], np.maximum(2.68 - 0.26 * (number[:, 0] - 7), 1.2))
    angle = np.linspace(0.32, reach, 120, axis=1)
    turn = angle / np.pi
    fall = (2.6 + 0.42 * number) * k * np.minimum(1.0, number / 2.5)
    z = start + 0.5 * k * np.sin(np.clip(turn * 3.3, 0, np.pi)) - fall * turn**1.25 * 1.95
    low = -5.0 * k
    height = np.where(z > low, body.apex + 1.2 - low, 24.0 * k)
    round_ = np.sqrt(np.clip(1.0 - ((z - low) / height) ** 2, 0.06, 1.0))
    half = 0.53 * body.width
    x = (body.width - half) * np.sqrt(round_) + (half + 0.5) * round_
    return np.stack(
        [sign * x * np.sin(angle) ** 0.8, -(body.depth + 0.5) * round_**0.7 * np.cos(angle), z],
        axis=2,
    )


def rib_radius(body: Body) -> np.ndarray:
    """Returns the radius along a rib, (N,), smaller at the side, where rays graze the flat bone."""
    side = np.sin(np.linspace(0.32, 2.68, 120)) ** 2
    return 0.58 * body.scale * np.linspace(1.05, 0.85, 120) * (1.0 - 0.30 * side)


def bones(body: Body, arms_up: bool, hunched: float) -> tuple[Tube, ...]:
    """Returns ribs, clavicles and scapulae; each bone is a dense shell around a lighter core."""
    tubes: list[Tube] = []
    k = body.scale
    for side, sign in SIDES.items():
        for number, path in enumerate(rib_paths(body, side), start=1):
            tubes += shell(path, rib_radius(body) * (1.0 if number > 2 else 1.15))
        lift = (2.4 - 1.6 * hunched) if not arms_up else 4.5
        clavicle = resample(
            [
                (sign * 2.6 * k, body.depth * 0.62, 7.8 * k),
                (sign * 6.5 * k, body.depth * 0.64, (8.6 + 0.3 * lift) * k),
                (sign * 11.0 * k, body.depth * 0.3, (9.3 + 0.6 * lift) * k),
                (sign * 16.0 * k, 0.5, (9.6 + 0.8 * lift) * k),
            ],
            0.12,
        )
        tubes += shell(clavicle, np.full(len(clavicle), 0.68 * k))
        tubes += _scapula(body, sign, arms_up, hunched)
    return tuple(tubes)


def shell(path: np.ndarray, radius: np.ndarray) -> list[Tube]:
    """Returns a long bone: a tube minus most of its core."""
    return [Tube(path, radius, _DENSITY), Tube(path, 0.72 * radius, -0.55 * _DENSITY)]


def _scapula(body: Body, sign: float, arms_up: bool, hunched: float) -> list[Tube]:
    """Returns the edges and the spine of a scapula, and the humerus if the arms are down."""
    k = body.scale
    out = (3.4 - 3.2 * hunched) * k + (2.0 if arms_up else 0.0)
    back = -body.depth - 1.2
    edge = [
        (sign * (body.width * 0.62 + out), back, 9.0 * k),
        (sign * (body.width * 0.62 + out), back, 2.0 * k),
        (sign * (body.width * 0.80 + out), back + 0.6, -4.5 * k),
        (sign * (body.width * 0.95 + out), back + 1.5, 2.0 * k),
        (sign * (body.width * 1.08 + out), -3.0, 9.3 * k),
    ]
    blade = resample(edge, 0.15)
    ridge = resample(
        [
            edge[0],
            (sign * (body.width * 0.9 + out), back - 0.5, 10.6 * k),
            (sign * (body.width * 1.2 + out), -1.5, 12.8 * k),
        ],
        0.15,
    )
    tubes = [Tube(blade, np.full(len(blade), 0.42 * k), _DENSITY)]
    tubes += shell(ridge, np.full(len(ridge), 0.6 * k))
    if not arms_up:
        arm = resample(
            [
                (sign * (body.width * 1.22 + out), -1.0, 9.6 * k),
                (sign * (body.width * 1.46 + out), -1.0, -2.0 * k),
                (sign * (body.width * 1.75 + out), -1.0, -20.0 * k),
            ],
            0.15,
        )
        radius = np.interp(np.linspace(0, 1, len(arm)), [0, 0.08, 0.2, 1], [2.3, 2.1, 1.3, 1.2])
        tubes += shell(arm, radius * k)
    return tubes
