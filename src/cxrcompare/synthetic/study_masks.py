"""All masks of an image of a study: its findings, lungs, heart, and a planted marker or drain."""

from __future__ import annotations

import numpy as np

from cxrcompare.synthetic.imaging.masks import (
    HEART,
    LUNGS,
    SHORTCUT,
    THRESHOLD,
    footprints,
    outline,
    pack,
)
from cxrcompare.synthetic.imaging.radiograph import marker_box
from cxrcompare.synthetic.shapes.solids import splat
from cxrcompare.synthetic.study import Shot, Study

_CAVITY = 0.5
"""Centimetres of pleural space from which a ray belongs to the lungs."""


def areas(study: Study, shot: Shot) -> dict[str, np.ndarray]:
    """Returns the masks of lungs, of heart and mediastinum, and of a planted marker or drain.

    Args:
        study: The study.
        shot: One of its images.
    """
    rays = shot.exposure.rays
    found = {
        LUNGS: shot.projection.cavity > _CAVITY,
        HEART: outline([*shot.chest.heart, *shot.chest.column], rays),
    }
    if study.drain:
        tube = shot.chest.tubes[-1]  # `chest_of` adds the drain last
        weight = np.full(len(tube.points), tube.density * 0.12)
        found[SHORTCUT] = splat(tube.points, tube.radius, weight, rays) > THRESHOLD
    if study.site:
        found[SHORTCUT] = found.get(SHORTCUT, False) | marker_box(shot.exposure)
    return found


def masks_of(study: Study, shot: Shot) -> np.ndarray:
    """Returns all masks of an image of a study as one image, (H, W) uint16; see `pack`."""
    rays = shot.exposure.rays
    found = footprints(study.truth, shot.chest, shot.projection, rays)
    return pack(found | areas(study, shot), rays.shape)
