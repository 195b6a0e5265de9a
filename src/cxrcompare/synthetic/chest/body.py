"""Body: the sizes of one patient's chest, drawn from age, sex and habitus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIDES: dict[str, float] = {"right": -1.0, "left": 1.0}
"""The sign of x for each side of the patient."""


@dataclass(frozen=True)
class Body:
    """One patient's chest at one exposure; lengths in centimetres.

    Attributes:
        age: Years.
        female: Whether breasts are drawn.
        scale: Size of the skeleton, 1 for a man of 175 cm.
        fat: Thickness of subcutaneous fat beyond that of a lean body.
        breast: Radius of a breast.
        width: Half the inner width of the chest.
        depth: Half the inner depth of the chest.
        apex: Height of the lung apices.
        dome: Heights of the (left, right) domes of the diaphragm.
        heart: Cardiothoracic ratio: the heart's width over the inner width of the chest.
        mediastinum: Half the width of the upper mediastinum.
        shift: Shift of mediastinum and heart to the left.
        upright_heart: From 0, a wide, horizontal heart, to 1, a narrow, vertical heart.
        knob: Radius of the aortic arch.
        kyphosis: Forward bend of the upper spine.
        vessels: Factor on the lung vessels' radius.
        seed: Seed of the random numbers for ribs, vessels and texture of this patient.
    """

    age: int
    female: bool
    scale: float
    fat: float
    breast: float
    width: float
    depth: float
    apex: float
    dome: tuple[float, float]
    heart: float
    mediastinum: float
    shift: float
    upright_heart: float
    knob: float
    kyphosis: float
    vessels: float
    seed: int


def draw_body(age: int, female: bool, rng: np.random.Generator) -> Body:
    """Returns a healthy body of the given age and sex.

    Args:
        age: Years.
        female: The patient's sex.
        rng: Random numbers.
    """
    scale = (0.93 if female else 1.0) * float(np.clip(rng.normal(1.0, 0.035), 0.9, 1.1))
    fat = float(np.clip(rng.gamma(2.2, 0.75), 0.2, 5.0))
    old = np.clip((age - 40) / 45, 0.0, 1.0)
    return Body(
        age=age,
        female=female,
        scale=scale,
        fat=fat,
        breast=float(rng.uniform(3.5, 6.0) + 0.5 * fat) * scale if female else 0.0,
        width=scale * float(rng.normal(13.6, 0.5)),
        depth=scale * float(rng.normal(9.2, 0.5) + 0.8 * old),
        apex=scale * float(rng.normal(13.0, 0.7)),
        dome=(scale * float(rng.normal(-10.3, 0.5)), scale * float(rng.normal(-9.0, 0.5))),
        heart=float(np.clip(rng.normal(0.435 + 0.02 * old, 0.025), 0.36, 0.49)),
        mediastinum=scale * float(rng.normal(2.9 + 0.3 * old, 0.2)),
        shift=float(rng.normal(0.0, 0.2)),
        upright_heart=float(np.clip(rng.normal(0.5, 0.2) - 0.08 * fat + 0.1, 0.0, 1.0)),
        knob=scale * float(1.5 + 0.6 * old + rng.normal(0.0, 0.1)),
        kyphosis=float(np.clip(rng.normal(1.5 + 2.5 * old, 0.7), 0.3, 6.0)),
        vessels=float(rng.normal(1.0, 0.06)),
        seed=int(rng.integers(2**31)),
    )
