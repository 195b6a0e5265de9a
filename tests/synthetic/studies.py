"""Studies of one body with chosen findings, and their projections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic.chest.anatomy import Chest
from cxrcompare.synthetic.chest.body import draw_body
from cxrcompare.synthetic.imaging.projection import Projection, project
from cxrcompare.synthetic.shapes.geometry import Exposure
from cxrcompare.synthetic.study import Study, chest_of, draw_exposure

BODY = draw_body(55, False, np.random.default_rng(4))
ILLNESSES = [name for name in CHEXPERT if name != "No Finding"]


def study(seed: int = 1, **severities: float) -> Study:
    """Returns an upright study with these findings."""
    named = {name.replace("_", " "): value for name, value in severities.items()}
    return Study(BODY, named, (seed, 2, 3), True)


def exposure(view: str = "PA", **changes: Any) -> Exposure:
    """Returns a straight exposure of 120 pixels."""
    drawn = draw_exposure(study(), view, 120, np.random.default_rng(0))
    return replace(drawn, yaw=0.0, tilt=0.0, inspiration=0.9, **changes)


def projected(of: Study, how: Exposure | None = None) -> tuple[Chest, Projection]:
    """Returns the chest of a study and its line integrals."""
    how = how or exposure()
    chest = chest_of(of, how)
    return chest, project(chest, how.rays)
