"""Masks of the findings: the projected areas of their solids, as bits of a 16-bit image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.findings import CHEXPERT, PARENTS
from cxrcompare.synthetic.chest.anatomy import Chest
from cxrcompare.synthetic.imaging.projection import Projection
from cxrcompare.synthetic.shapes.geometry import Rays
from cxrcompare.synthetic.shapes.solids import Ellipsoid, chords

LUNGS, HEART, SHORTCUT = "lungs", "heart", "shortcut"
"""Areas beside those of the findings: the pleural space; heart and mediastinum; a planted marker or
drain. They have bits of their own: No Finding, whose bit is the shortcut's, has no area."""

_BITS: dict[str, int] = {name: bit for bit, name in enumerate(CHEXPERT)} | {
    SHORTCUT: 0,
    LUNGS: 14,
    HEART: 15,
}

THRESHOLD = 0.03
"""Smallest change of attenuation (no unit) that belongs to a finding's mask."""


def footprints(
    truth: np.ndarray, chest: Chest, projection: Projection, rays: Rays
) -> dict[str, np.ndarray]:
    """Returns the mask of each true finding, (H, W) bool by finding.

    The mask of a finding with solids is the area where they change the attenuation. The mask of
    an enlarged heart or mediastinum is the area of the organ. A parent's mask includes its
    children's masks.

    Args:
        truth: (14,) in {0, 1}.
        chest: The solids.
        projection: The attenuation along the rays.
        rays: The geometry.
    """
    found = {name: abs(part) > THRESHOLD for name, part in projection.parts.items()}
    true = {name for name, value in zip(CHEXPERT, truth, strict=True) if value}
    heart = outline(chest.heart, rays)
    if "Cardiomegaly" in true:
        found["Cardiomegaly"] = heart
    if "Enlarged Cardiomediastinum" in true:
        found["Enlarged Cardiomediastinum"] = heart | outline(chest.column[:1], rays)
    for child in ("Pneumonia", "Consolidation", "Edema", "Atelectasis", "Lung Lesion"):
        if child in found:
            parent = PARENTS[child]
            found[parent] = found[child] | found.get(parent, np.zeros(rays.shape, dtype=bool))
    return {name: found[name] for name in CHEXPERT if name in found and name in true}


def outline(solids: Sequence[Ellipsoid], rays: Rays) -> np.ndarray:
    """Returns which rays intersect any of the solids, (H, W) bool."""
    return np.any([chords([solid], [], rays)[0] > 0.0 for solid in solids], axis=0)


def pack(found: dict[str, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Returns all masks as one image, (H, W) uint16: bit i is the mask of CheXpert's finding i.

    Bits 0, 14 and 15 are the shortcut, lungs and heart.
    """
    bits = np.zeros(shape, dtype=np.uint16)
    for name, mask in found.items():
        bits |= mask.astype(np.uint16) << np.uint16(_BITS[name])
    return bits


def unpack(bits: np.ndarray, finding: str) -> np.ndarray:
    """Returns the mask of a finding or area, (H, W) bool, from a mask file's pixels."""
    return (bits >> np.uint16(_BITS[finding]) & np.uint16(1)).astype(bool)
