"""Findings of the lung: edema, consolidation, pneumonia, atelectasis, lesions, opacities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cxrcompare.synthetic.chest.anatomy import BONE, LUNG, SOFT, Chest, Cloud, Lump
from cxrcompare.synthetic.chest.body import SIDES
from cxrcompare.synthetic.chest.vessels import hilum
from cxrcompare.synthetic.shapes.solids import Tube, ellipsoid, resample


def edema(chest: Chest, severity: float, rng: np.random.Generator) -> Chest:
    """Returns the chest with edema: perihilar fluid in both lungs, wide vessels, Kerley B lines.

    Args:
        chest: The chest.
        severity: In (0, 1].
        rng: Random numbers for the clouds' positions.
    """
    clouds, lines = [], []
    for side, sign in SIDES.items():
        root = hilum(chest.body, side)
        for _ in range(14):
            away = np.array(
                [sign * abs(rng.normal(2.8, 2.0)), rng.normal(0, 3.0), rng.normal(-1.2, 4.0)]
            )
            spread = rng.uniform(1.2, 2.6, 3)
            clouds.append(
                Cloud(root + away, np.diag(spread**2), 0.012 + 0.042 * severity, side, "Edema")
            )
        lines += _kerley(chest, side, severity, rng)
    wide = {
        side: replace(tree, radius=tree.radius * (1.12 + 0.4 * severity))
        for side, tree in chest.vessels.items()
    }
    lungs = {
        side: replace(lung, density=lung.density * (1.05 + 0.30 * severity))
        for side, lung in chest.lungs.items()
    }
    return replace(
        chest,
        clouds=(*chest.clouds, *clouds),
        vessels=wide,
        lungs=lungs,
        tubes=(*chest.tubes, *lines),
    )


def _kerley(chest: Chest, side: str, severity: float, rng: np.random.Generator) -> list[Tube]:
    """Returns short horizontal lines at the lateral base: thick interlobular septa."""
    hull, lines = chest.lungs[side].hull, []
    inverse = hull.inverse
    for _ in range(int(4 + 10 * severity)):
        height = float(rng.uniform(-0.45, -0.05))
        turn = float(rng.uniform(-0.5, 0.5))
        flat = np.sqrt(1 - height**2) * 0.985
        edge = hull.centre + inverse @ [
            SIDES[side] * flat * np.cos(turn),
            flat * np.sin(turn),
            height,
        ]
        inner = edge - [SIDES[side] * rng.uniform(1.2, 2.2), 0.0, rng.normal(0, 0.1)]
        path = resample([edge, inner], 0.15)
        lines.append(Tube(path, np.full(len(path), 0.09), 0.9 * (0.4 + severity), "Edema"))
    return lines


def lobe(chest: Chest, side: str, zone: str) -> np.ndarray:
    """Returns the centre of a lung zone, (3,): upper, middle or lower."""
    body, sign = chest.body, SIDES[side]
    height, front = {"upper": (6.5, 1.0), "middle": (-2.0, 3.5), "lower": (-6.0, -3.0)}[zone]
    return np.array([sign * 0.53 * body.width, front, height * body.scale])


def consolidation(
    chest: Chest, severity: float, rng: np.random.Generator, finding: str = "Consolidation"
) -> Chest:
    """Returns the chest with a consolidation: a dense, soft-edged region with air bronchograms.

    Args:
        chest: The chest.
        severity: In (0, 1].
        rng: Random numbers for side, zone and shape.
        finding: Consolidation; or Pneumonia, which is larger, with patches around it.
    """
    side = str(rng.choice(list(SIDES)))
    zone = str(rng.choice(["upper", "middle", "lower"], p=[0.25, 0.2, 0.55]))
    middle = lobe(chest, side, zone) + rng.normal(0, [0.8, 1.0, 1.0])
    lobar = finding == "Pneumonia"
    reach = (1.3 + 1.5 * severity) * (1.15 if lobar else 1.0)
    clouds = [
        Cloud(
            middle + rng.normal(0, 0.75 * reach, 3),
            np.diag((reach * rng.uniform(0.45, 0.8, 3)) ** 2),
            0.06 + 0.065 * severity,
            side,
            finding,
        )
        for _ in range(7)
    ]
    if lobar:
        clouds += [
            Cloud(
                middle + rng.normal(0, 4.0, 3),
                np.eye(3) * rng.uniform(0.2, 0.7),
                0.09,
                side,
                finding,
            )
            for _ in range(int(5 + 8 * severity))
        ]
    return replace(
        chest,
        clouds=(*chest.clouds, *clouds),
        tubes=(*chest.tubes, *_bronchogram(chest, side, middle, reach, finding, rng)),
    )


def _bronchogram(
    chest: Chest,
    side: str,
    middle: np.ndarray,
    reach: float,
    finding: str,
    rng: np.random.Generator,
) -> list[Tube]:
    """Returns air-filled bronchi inside the dense region."""
    root, tubes = hilum(chest.body, side), []
    for _ in range(4):
        goal = middle + rng.normal(0, 0.9 * reach, 3)
        path = resample([root, 0.5 * (root + goal) + rng.normal(0, 0.5, 3), goal], 0.2)
        near = np.exp(-0.5 * ((path - middle) ** 2).sum(axis=1) / reach**2)
        tubes.append(Tube(path, 0.20 * np.sqrt(near), -0.16, finding))
    return tubes


def atelectasis(chest: Chest, side: str, severity: float, rng: np.random.Generator) -> Chest:
    """Returns the chest with bands of airless lung above a diaphragm raised by `reshape`.

    Args:
        chest: The chest.
        side: left or right.
        severity: In (0, 1].
        rng: Random numbers for the bands' positions.
    """
    body, sign = chest.body, SIDES[side]
    top = body.dome[0] if side == "left" else body.dome[1]
    lumps = []
    for index in range(1 + int(2.2 * severity)):
        centre = (
            sign * rng.uniform(0.45, 0.68) * body.width,
            rng.uniform(-2.0, 3.0),
            top + 1.6 + 1.5 * index,
        )
        lean = (rng.normal(-0.35 * sign, 0.2), rng.normal(0, 0.12), 1.0)
        size = (2.2 + 2.4 * severity, 2.6 + 2.2 * severity, 0.28 + 0.22 * severity)
        lumps.append(Lump(ellipsoid(centre, size, lean), 0.13, "Atelectasis", side))
    haze = Cloud(
        np.array([sign * 0.45 * body.width, -3.0, top + 1.2]),
        np.diag([7.0, 7.0, 2.5]),
        0.015 + 0.03 * severity,
        side,
        "Atelectasis",
    )
    return replace(chest, lumps=(*chest.lumps, *lumps), clouds=(*chest.clouds, haze))


def lesion(chest: Chest, severity: float, rng: np.random.Generator) -> Chest:
    """Returns the chest with one round mass or several nodules, calcified in 2 of 5 patients.

    Five of six are not hidden by heart or diaphragm; the others are anywhere in the lung.

    Args:
        chest: The chest.
        severity: In (0, 1]; sets the diameter, 1.5 to 6 cm.
        rng: Random numbers for number and positions.
    """
    several, calcified = rng.random() < 0.35, rng.random() < 0.4
    lumps = []
    for _ in range(int(rng.integers(3, 8)) if several else 1):
        side = str(rng.choice(list(SIDES)))
        radius = (0.5 + 2.5 * severity) * (rng.uniform(0.4, 0.75) if several else 1.0)
        centre = _in_lung(chest, side, radius, rng, in_view=bool(rng.random() < 5 / 6))
        size = radius * rng.uniform(0.85, 1.15, 3)
        density = (BONE if calcified else SOFT) - LUNG
        solid = ellipsoid(centre, size, rng.normal(0, 1, 3))
        lumps.append(Lump(solid, density, "Lung Lesion", side))
    return replace(chest, lumps=(*chest.lumps, *lumps))


def opacity(chest: Chest, severity: float, rng: np.random.Generator) -> Chest:
    """Returns the chest with an unspecific opacity: small nodules and lines, or a faint patch.

    Args:
        chest: The chest.
        severity: In (0, 1].
        rng: Random numbers for kind and position.
    """
    clouds = []
    if rng.random() < 0.5:
        for _ in range(int(60 + 60 * severity)):
            side = str(rng.choice(list(SIDES)))
            centre = _in_lung(chest, side, 0.5, rng)
            clouds.append(
                Cloud(
                    centre,
                    np.eye(3) * rng.uniform(0.03, 0.12),
                    0.25 + 0.2 * severity,
                    side,
                    "Lung Opacity",
                )
            )
    else:
        side = str(rng.choice(list(SIDES)))
        middle = _in_lung(chest, side, 2.5, rng)
        for _ in range(5):
            clouds.append(
                Cloud(
                    middle + rng.normal(0, 1.2, 3),
                    np.eye(3) * rng.uniform(0.8, 2.2),
                    0.06 + 0.07 * severity,
                    side,
                    "Lung Opacity",
                )
            )
    return replace(chest, clouds=(*chest.clouds, *clouds))


def _in_lung(
    chest: Chest, side: str, margin: float, rng: np.random.Generator, in_view: bool = False
) -> np.ndarray:
    """Returns a point of the lung at least about `margin` from its wall.

    With `in_view`, heart and diaphragm do not overlap it in a frontal view.
    """
    lung = chest.lungs[side]
    inner = lung.hull.scaled(1.0 - margin / 8.0)
    inverse = inner.inverse
    depths = np.linspace(-15.0, 15.0, 31) if in_view else np.zeros(1)
    point = inner.centre
    for _ in range(60):
        direction = rng.standard_normal(3)
        direction *= rng.random() ** (1 / 3) / np.linalg.norm(direction)
        point = inner.centre + inverse @ direction
        line = point + depths[:, None] * [0.0, 1.0, 0.0]
        solids = (lung.dome.scaled(1.05), *chest.heart, *chest.column)
        if not any(bool(solid.contains(line).any()) for solid in solids):
            break
    return point
