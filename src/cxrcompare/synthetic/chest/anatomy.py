"""The healthy chest: converts a body's sizes to solids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.synthetic.chest.body import SIDES, Body
from cxrcompare.synthetic.chest.skeleton import bones, spine
from cxrcompare.synthetic.chest.vessels import Tree, airways, vessel_tree
from cxrcompare.synthetic.shapes.solids import Ellipsoid, Tube, ellipsoid

SOFT, LUNG, BONE = 0.19, 0.048, 0.36
"""Linear attenuation per centimetre, near that of water, lung and bone at 60 keV (NISTIR 5632)."""

VESSEL = 0.16
"""Attenuation of a vessel minus that of the displaced lung, per centimetre."""


@dataclass(frozen=True)
class Lung:
    """One side of the chest.

    Attributes:
        hull: The pleural space, up to mediastinum and diaphragm.
        dome: The diaphragm and the region below it.
        above: If set, fluid fills the pleural space outside this solid.
        within: If set, air fills the pleural space outside this solid (a collapsed lung).
        density: Attenuation of the lung per centimetre.
    """

    hull: Ellipsoid
    dome: Ellipsoid
    above: Ellipsoid | None = None
    within: Ellipsoid | None = None
    density: float = LUNG


@dataclass(frozen=True)
class Cloud:
    """A region of dense lung whose attenuation is a Gaussian.

    Attributes:
        centre: (3,).
        covariance: (3, 3) square centimetres.
        density: Attenuation per centimetre at the centre, minus the lung's.
        side: The lung that clips it.
        finding: The finding that it belongs to.
    """

    centre: np.ndarray
    covariance: np.ndarray
    density: float
    side: str
    finding: str


@dataclass(frozen=True)
class Lump:
    """A convex solid that adds attenuation to other solids.

    Attributes:
        solid: Its shape.
        density: Added attenuation per centimetre.
        finding: The finding that it belongs to, or empty.
        inside: The pleural space that clips it, "left" or "right", or empty.
    """

    solid: Ellipsoid
    density: float
    finding: str = ""
    inside: str = ""


@dataclass(frozen=True)
class Chest:
    """All solids between source and detector.

    Attributes:
        body: The sizes from which it was built.
        coat: Overlapping solids of soft tissue: trunk first, then neck, shoulders, breasts.
        lungs: Lungs by side.
        heart: Solids of the heart.
        column: Solids of the mediastinum above and behind the heart.
        air: Tubes of air in soft tissue (trachea, bronchi) and of gas (stomach).
        lumps: Further solids.
        bones: Ribs, clavicles, scapulae.
        spine: (N, 3), the centre line of the vertebral column from top to bottom.
        vessels: Vessels by side, drawn only inside aerated lung.
        clouds: Disease in the lung.
        tubes: Lines, wires, septa and bronchi of findings.
    """

    body: Body
    coat: tuple[Ellipsoid, ...]
    lungs: dict[str, Lung]
    heart: tuple[Ellipsoid, ...]
    column: tuple[Ellipsoid, ...]
    air: tuple[Tube, ...]
    lumps: tuple[Lump, ...]
    bones: tuple[Tube, ...]
    spine: np.ndarray
    vessels: dict[str, Tree]
    clouds: tuple[Cloud, ...] = ()
    tubes: tuple[Tube, ...] = ()


def build_chest(body: Body, arms_up: bool, hunched: float = 0.0, spacing: float = 0.15) -> Chest:
    """Returns the chest of a body.

    Args:
        body: The sizes.
        arms_up: Whether the arms are lifted, as for a lateral view.
        hunched: From 0, scapulae outside the lungs (PA), to 1, over the lungs (AP).
        spacing: Largest distance of points along a vessel.
    """
    lungs = {side: _lung(body, side) for side in SIDES}
    return Chest(
        body=body,
        coat=_coat(body, arms_up),
        lungs=lungs,
        heart=heart(body),
        column=_column(body),
        air=airways(body),
        lumps=_lumps(body),
        bones=bones(body, arms_up, hunched),
        spine=spine(body),
        vessels={side: vessel_tree(body, lungs[side].hull, side, spacing) for side in SIDES},
    )


def hull_centre(body: Body) -> float:
    """Returns the height of the chest's widest level."""
    return -5.0 * body.scale


def _lung(body: Body, side: str) -> Lung:
    sign = SIDES[side]
    half = 0.53 * body.width
    low = hull_centre(body)
    hull = ellipsoid(
        (sign * (body.width - half), -0.2, low),
        (half, body.depth, body.apex - low),
        (-0.045 * sign, -0.03, 1.0),
    )
    top = body.dome[0] if side == "left" else body.dome[1]
    tall = 8.5 * body.scale
    dome = ellipsoid(
        (sign * 0.47 * body.width, 1.6, top - tall),
        (0.585 * body.width, 1.12 * body.depth, tall),
    )
    return Lung(hull, dome)


def _coat(body: Body, arms_up: bool) -> tuple[Ellipsoid, ...]:
    wall = 2.2 * body.scale + body.fat
    trunk = ellipsoid(
        (0.0, 0.0, -12.0 * body.scale),
        (body.width + wall + 2.2, body.depth + 0.7 * wall + 1.4, 38.0 * body.scale),
    )
    neck = ellipsoid((0.0, -1.0, 22.0 * body.scale), (6.0 + 0.3 * body.fat, 6.5, 13.0))
    parts = [trunk, neck]
    for sign in SIDES.values():
        if arms_up:
            parts.append(
                ellipsoid((sign * 14.0, 1.0, 22.0), (5.5, 5.5, 12.0), (0.3 * sign, 0.6, 1.0))
            )
        else:
            parts.append(
                ellipsoid(
                    (sign * (body.width + 2.6), -1.0, 8.5 * body.scale),
                    (7.2 + 0.7 * body.fat, 7.4 + 0.3 * body.fat, 12.0 * body.scale),
                    (-0.45 * sign, 0.0, 1.0),
                )
            )
            parts.append(
                ellipsoid(
                    (sign * (body.width + 10.5 + body.fat), -1.0, -8.0),
                    (4.4 + 0.4 * body.fat, 4.6, 24.0),
                    (0.28 * sign, 0.0, -1.0),
                )
            )
        if body.breast:
            parts.append(
                ellipsoid(
                    (sign * 0.6 * body.width, body.depth + 0.35 * wall, -7.0 * body.scale),
                    (1.15 * body.breast, 0.65 * body.breast, 1.25 * body.breast),
                )
            )
        else:
            parts.append(
                ellipsoid(
                    (sign * 0.55 * body.width, body.depth + 0.2 * wall, 2.5 * body.scale),
                    (6.5, 2.0 + 0.2 * body.fat, 7.0),
                )
            )
    return tuple(parts)


def heart(body: Body) -> tuple[Ellipsoid, ...]:
    """Returns the heart's solids, scaled to the body's cardiothoracic ratio."""
    hang = body.upright_heart
    plain = (
        ellipsoid((2.6, 2.6, -5.2 + hang), (5.2, 6.0, 7.0), (0.85 - 0.3 * hang, 0.3, -0.5)),
        ellipsoid((-1.3, 1.8, -3.8), (3.2, 4.8, 5.4)),
        ellipsoid((1.6, 1.0, -0.5), (3.6, 3.4, 6.2), (-0.35, 0.0, 1.0)),
    )
    right, left = min(part.extent(0)[0] for part in plain), max(part.extent(0)[1] for part in plain)
    factor = body.heart * 2.0 * body.width / (left - right)
    floor = min(part.scaled(factor, (0.0, 1.0, 0.0)).extent(2)[0] for part in plain)
    drop = min(0.0, min(body.dome) - 2.6 - floor)
    return tuple(
        part.scaled(factor, (0.0, 1.0, 0.0)).moved((body.shift, 0.0, drop)) for part in plain
    )


def _column(body: Body) -> tuple[Ellipsoid, ...]:
    wide, k = body.mediastinum, body.scale
    x = body.shift
    return (
        ellipsoid((0.2 + x, -0.5, 6.5 * k), (wide, 3.7 * k, 12.5 * k)),
        ellipsoid((1.0 + x, -6.2, -3.0), (1.6 * k, 2.2, 24.0 * k)),
        ellipsoid((0.75 * wide + 0.3 + x, -1.8, 5.0 * k), (body.knob, 3.0 * k, 1.05 * body.knob)),
        ellipsoid((2.6 * k + x, 1.2, 1.2 * k), (1.7 * k, 2.2, 2.2 * k)),
    )


def _lumps(body: Body) -> tuple[Lump, ...]:
    wide, x, low = np.random.default_rng([body.seed, 4]).uniform((0.3, 0.36, 2.3), (1.2, 0.54, 4.0))
    size = np.array([2.8, 3.0, 1.7]) * wide
    gas = ellipsoid((x * body.width, 2.5, body.dome[0] - low), size)
    sternum = ellipsoid((0.0, body.depth + 0.6, -1.0), (2.0, 0.6, 9.0), (0.0, 0.1, 1.0))
    return (Lump(gas, -SOFT), Lump(sternum, 0.06))
