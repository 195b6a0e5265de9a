"""Findings of the pleura: effusion, pneumothorax, thickening and plaques."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cxrcompare.synthetic.chest.anatomy import Chest, Lump
from cxrcompare.synthetic.chest.body import SIDES
from cxrcompare.synthetic.chest.vessels import hilum
from cxrcompare.synthetic.shapes.solids import ellipsoid


def effusion(chest: Chest, severity: float, upright: bool, rng: np.random.Generator) -> Chest:
    """Returns the chest with an effusion: a meniscus if upright, layered behind the lung if supine.

    Args:
        chest: The chest.
        severity: In (0, 1]; sets the fluid's height.
        upright: Whether the patient stands or sits.
        rng: Random numbers for the side; both sides in two of five.
    """
    pick = float(rng.random())
    sides = ("left", "right") if pick < 0.4 else (("right",) if pick < 0.72 else ("left",))
    share = float(rng.uniform(0.5, 1.0))
    for index, side in enumerate(sides):
        chest = fill(chest, side, severity * (share if index else 1.0), upright)
    return chest


def fill(chest: Chest, side: str, amount: float, upright: bool) -> Chest:
    """Returns the chest with fluid on one side; `amount`, in (0, 1], sets its height."""
    body, lung = chest.body, chest.lungs[side]
    sign = SIDES[side]
    top = body.dome[0] if side == "left" else body.dome[1]
    level = top - 2.4 + 9.0 * amount
    if upright:
        bowl = ellipsoid(
            (sign * 0.28 * body.width, 0.8, level + 26.0),
            (0.90 * body.width, 1.25 * body.depth, 26.0),
        )
    else:
        level = top - 2.6 + 5.0 * amount
        bowl = ellipsoid(
            (sign * 0.3 * body.width, 10.0 + 5.0 * amount, level + 27.0),
            (0.95 * body.width, 10.0 + body.depth - 0.5, 28.0),
        )
    return _with_lung(chest, side, replace(lung, above=bowl))


def pneumothorax(chest: Chest, severity: float, side: str) -> Chest:
    """Returns the chest with a pneumothorax: the lung collapses to its hilum, with a pleural line.

    Args:
        chest: The chest.
        severity: In (0, 1].
        side: left or right.
    """
    lung, root = chest.lungs[side], hilum(chest.body, side)
    collapsed = lung.hull.scaled(1.0 - 0.10 - 0.38 * severity, root + np.array([0.0, 0.0, -4.5]))
    return _with_lung(
        chest, side, replace(lung, within=collapsed, density=lung.density * (1.0 + 0.7 * severity))
    )


def pleural_other(chest: Chest, severity: float, rng: np.random.Generator) -> Chest:
    """Returns the chest with pleural thickening at wall and apex, or with calcified plaques.

    Args:
        chest: The chest.
        severity: In (0, 1].
        rng: Random numbers for kind and position.
    """
    lumps = list(chest.lumps)
    sides = tuple(SIDES) if rng.random() < 0.4 else (str(rng.choice(list(SIDES))),)
    for side in sides:
        hull = chest.lungs[side].hull
        inverse = hull.inverse
        if rng.random() < 0.5:
            for height in rng.uniform(-0.35, 0.15, 1):
                wall = _wall_point(inverse, hull.centre, side, height, 0.2)
                peel = ellipsoid(wall, (0.5 + 1.1 * severity, 5.0, 4.0 + 4.0 * severity))
                lumps.append(Lump(peel, 0.13, "Pleural Other", side))
            cap = hull.centre + inverse @ np.array([0.0, 0.0, 1.0])
            lumps.append(
                Lump(ellipsoid(cap, (4.0, 4.0, 1.0 + 1.5 * severity)), 0.13, "Pleural Other", side)
            )
        else:
            for _ in range(2 + int(3 * severity)):
                front = float(rng.uniform(0.2, 0.95))
                wall = _wall_point(inverse, hull.centre, side, float(rng.uniform(-0.4, 0.3)), front)
                plate = rng.uniform(0.8, 1.8, 3) * [1.0, 0.35, 0.8]
                lumps.append(
                    Lump(
                        ellipsoid(wall, plate, rng.normal(0, 1, 3)),
                        0.35 + 0.3 * severity,
                        "Pleural Other",
                        side,
                    )
                )
    return replace(chest, lumps=tuple(lumps))


def _wall_point(
    inverse: np.ndarray, centre: np.ndarray, side: str, height: float, front: float
) -> np.ndarray:
    """Returns a point of the pleura.

    `height` goes from -1, the base, to 1, the apex; `front` from 0, lateral, to 1, anterior.
    """
    flat = np.sqrt(1.0 - height**2)
    turn = front * np.pi / 2
    return centre + inverse @ np.array(
        [SIDES[side] * flat * np.cos(turn), flat * np.sin(turn), height]
    )


def _with_lung(chest: Chest, side: str, lung: object) -> Chest:
    return replace(chest, lungs={**chest.lungs, side: lung})  # type: ignore[dict-item]
