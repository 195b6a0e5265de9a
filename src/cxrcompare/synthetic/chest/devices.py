"""Support devices, and fractures of ribs and clavicles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cxrcompare.synthetic.chest.anatomy import Chest, Lump
from cxrcompare.synthetic.chest.body import SIDES
from cxrcompare.synthetic.chest.skeleton import rib_paths, rib_radius, shell
from cxrcompare.synthetic.shapes.solids import Tube, ellipsoid, resample

NAME = "Support Devices"
KINDS: tuple[str, ...] = (
    "tracheal tube",
    "central line",
    "gastric tube",
    "pacemaker",
    "drain",
    "electrodes",
    "wires",
)


def add_devices(chest: Chest, severity: float, bedridden: bool, rng: np.random.Generator) -> Chest:
    """Returns the chest with one to four devices; a higher severity gives more.

    Args:
        chest: The chest.
        severity: In (0, 1].
        bedridden: Whether the image is an AP of a supine patient: tubes rather than pacemakers.
        rng: Random numbers for kinds and positions.
    """
    share = np.array(
        [2.0, 3.0, 2.0, 0.6, 1.0, 2.0, 0.6] if bedridden else [0.2, 2.5, 0.5, 2.5, 1.0, 0.6, 1.8]
    )
    count = 1 + int(3.2 * severity * rng.random())
    kinds = rng.choice(len(KINDS), count, replace=False, p=share / share.sum())
    for kind in sorted(int(value) for value in kinds):
        chest = add_device(chest, KINDS[kind], rng)
    return chest


def add_device(chest: Chest, kind: str, rng: np.random.Generator) -> Chest:
    """Returns the chest with one device of `KINDS`."""
    lumps: list[Lump] = []
    if kind == "pacemaker":
        tubes, lumps = _pacemaker(chest, rng)
    else:
        tubes = {
            "tracheal tube": _tracheal_tube,
            "central line": _central_line,
            "gastric tube": _gastric_tube,
            "drain": _drain,
            "electrodes": _electrodes,
            "wires": _wires,
        }[kind](chest, rng)
    return replace(chest, tubes=(*chest.tubes, *tubes), lumps=(*chest.lumps, *lumps))


def _tube(points: list[tuple[float, float, float]], radius: float, density: float) -> Tube:
    path = resample(np.array(points), 0.12)
    return Tube(path, np.full(len(path), radius), density, NAME)


def _tracheal_tube(chest: Chest, rng: np.random.Generator) -> list[Tube]:
    k, x = chest.body.scale, chest.body.shift
    tip = rng.uniform(4.5, 8.0) * k
    way = [
        (0.5, 4.0, 21.0 * k),
        (0.1, 0.2, 16.0 * k),
        (0.1 + 0.4 * x, -0.4, 0.5 * (16 * k + tip)),
        (0.1 + 0.5 * x, -0.7, tip),
    ]
    wall = _tube(way, 0.42, 0.35)
    stripe = _tube([(a + 0.3, b, c) for a, b, c in way], 0.11, 2.2)
    return [wall, stripe]


def _central_line(chest: Chest, rng: np.random.Generator) -> list[Tube]:
    k, x = chest.body.scale, chest.body.shift
    sign = float(rng.choice([-1.0, 1.0]))
    tip = (-2.6 + x, 1.0, rng.uniform(-2.5, 2.5) * k)
    cava = (-2.6 + x, 0.6, 6.0 * k)
    if rng.random() < 0.5:
        start = [
            (sign * 5.5, 1.0, 21.0 * k),
            (sign * 4.2, 1.2, 14.0 * k),
            (sign * 2.9, 1.5, 9.6 * k),
        ]
    else:
        start = [
            (sign * 15.5, 1.0, 6.0 * k),
            (sign * 12.0, 2.5, 9.4 * k),
            (sign * 6.0, 2.5, 9.0 * k),
        ]
    return [_tube([*start, cava, tip], 0.13, 1.9)]


def _gastric_tube(chest: Chest, rng: np.random.Generator) -> list[Tube]:
    k, x = chest.body.scale, chest.body.shift
    floor = chest.body.dome[0]
    way = [
        (0.2, -1.0, 21.0 * k),
        (0.3, -3.5, 10.0 * k),
        (0.5 + x, -4.5, 0.0),
        (1.6 + x, -2.5, floor + 0.5),
        (4.5, 1.0, floor - 3.5),
        (6.5, 2.0, floor - 6.0 - rng.uniform(0, 2)),
    ]
    return [_tube(way, 0.17, 1.3)]


def _pacemaker(chest: Chest, rng: np.random.Generator) -> tuple[list[Tube], list[Lump]]:
    body = chest.body
    k = body.scale
    sign = 1.0 if rng.random() < 0.8 else -1.0
    centre = np.array([sign * rng.uniform(8.5, 10.5), body.depth * 0.75, rng.uniform(5.0, 7.5) * k])
    can = ellipsoid(centre, (2.4, 0.5, 2.1))
    leads = []
    for goal in [(-2.4 + body.shift, 3.5, -2.0), (3.2 + body.shift, 5.0, -7.0 * k)][
        : int(rng.integers(1, 3))
    ]:
        leads.append(
            _tube(
                [
                    tuple(centre),
                    (sign * 7.0, 2.5, 9.8 * k),
                    (sign * 2.8, 1.8, 8.5 * k),
                    (-2.5 + body.shift, 1.0, 5.0 * k),
                    (-2.7 + body.shift, 2.5, 0.0),
                    goal,
                ],
                0.12,
                2.4,
            )
        )
    return leads, [Lump(can, 4.0, NAME)]


def _drain(chest: Chest, rng: np.random.Generator, side: str = "") -> list[Tube]:
    return [drain(chest, side or str(rng.choice(list(SIDES))), rng)]


def drain(chest: Chest, side: str, rng: np.random.Generator) -> Tube:
    """Returns a chest drain that enters between two ribs and runs upwards along the pleura."""
    body, sign = chest.body, SIDES[side]
    low = rng.uniform(-7.0, -3.0)
    way = [
        (sign * (body.width + 5.5), 1.0, low - 3.0),
        (sign * (body.width - 0.8), 0.5, low),
        (sign * 0.82 * body.width, -1.5, low + 5.5),
        (sign * 0.56 * body.width, -1.0, rng.uniform(7.0, 9.5) * body.scale),
    ]
    return _tube(way, 0.28, 1.0)


def _electrodes(chest: Chest, rng: np.random.Generator) -> list[Tube]:
    body, tubes = chest.body, []
    front = body.depth + 2.0 + 0.7 * body.fat
    for _ in range(int(rng.integers(2, 5))):
        x, z = rng.uniform(-0.85, 0.85) * body.width, rng.uniform(-9.0, 9.0)
        ring = np.linspace(0, 2 * np.pi, 12)
        tubes.append(
            _tube([(x + 0.55 * np.cos(a), front, z + 0.55 * np.sin(a)) for a in ring], 0.16, 2.5)
        )
        sag = rng.uniform(-5, 5)
        tubes.append(
            _tube(
                [(x, front, z), (x + sag, front, z - 6.0), (x + 1.6 * sag + 3.0, front, z - 22.0)],
                0.09,
                1.8,
            )
        )
    return tubes


def _wires(chest: Chest, rng: np.random.Generator) -> list[Tube]:
    """Returns sternal wires."""
    front, tubes = chest.body.depth + 0.8, []
    for z in np.linspace(7.0, -6.5, 6) * chest.body.scale:
        ring = np.linspace(0, 2 * np.pi, 11)
        tilt = rng.normal(0, 0.2)
        tubes.append(
            _tube(
                [
                    (
                        1.1 * np.cos(a),
                        front + 0.5 * np.sin(a),
                        z + 0.5 * np.sin(a) + tilt * np.cos(a),
                    )
                    for a in ring
                ],
                0.07,
                6.0,
            )
        )
    return tubes


def fracture(chest: Chest, severity: float, rng: np.random.Generator) -> Chest:
    """Returns the chest with rib fractures: the lateral part is displaced downwards, with callus.

    Args:
        chest: The chest, whose intact ribs are replaced.
        severity: In (0, 1]; sets the displacement and the number of fractures.
        rng: Random numbers for the choice of ribs.
    """
    side = str(rng.choice(list(SIDES)))
    first = int(rng.integers(3, 8))
    bones = list(chest.bones)
    added: list[Tube] = []
    for number in range(first, first + 1 + int(2.6 * severity)):
        plain = rib_paths(chest.body, side)[number - 1]
        bones = [
            bone
            for bone in bones
            if not (bone.points.shape == plain.shape and np.array_equal(bone.points, plain))
        ]
        cut = int(len(plain) * rng.uniform(0.42, 0.62))
        displacement = np.array(
            [SIDES[side] * (0.2 + 0.3 * severity), 0.0, -(0.7 + 1.1 * severity)]
        )
        outer = (
            plain[cut + 3 :] + displacement * np.linspace(1.0, 0.15, len(plain) - cut - 3)[:, None]
        )
        radius = rib_radius(chest.body)
        bones += shell(plain[:cut], radius[:cut]) + shell(outer, radius[cut + 3 :])
        added.append(
            Tube(
                plain[cut - 6 : cut + 9] + 0.5 * displacement,
                np.full(15, 0.75),
                0.25 + 0.25 * severity,
                "Fracture",
            )
        )
    return replace(chest, bones=tuple(bones), tubes=(*chest.tubes, *added))
