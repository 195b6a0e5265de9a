"""Where each finding lies in an image: footprints of its solids, as bits of one 16-bit picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.findings import CHEXPERT, PARENTS
from cxrcompare.synthetic.chest.anatomy import Chest
from cxrcompare.synthetic.imaging.projection import Projection
from cxrcompare.synthetic.shapes.geometry import Rays
from cxrcompare.synthetic.shapes.solids import Ellipsoid, chords

THRESHOLD = 0.03
"""A finding lies where it changes the attenuation by more than this (no unit)."""


def footprints(
    truth: np.ndarray, chest: Chest, projection: Projection, rays: Rays
) -> dict[str, np.ndarray]:
    """Returns where each finding that is true lies, (H, W) bool by finding.

    A finding with solids of its own lies where they change the attenuation; an enlarged heart or
    mediastinum lies where the whole organ does; a parent lies where its children do, too.

    Args:
        truth: (14,) in {0, 1}.
        chest: The solids.
        projection: What the rays met.
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
    """Returns which rays meet any of the solids, (H, W) bool."""
    return np.any([chords([solid], [], rays)[0] > 0.0 for solid in solids], axis=0)


def pack(found: dict[str, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Returns one picture, (H, W) uint16: bit i is set where CheXpert's finding i lies."""
    bits = np.zeros(shape, dtype=np.uint16)
    for name, place in found.items():
        bits |= place.astype(np.uint16) << np.uint16(CHEXPERT.index(name))
    return bits


def unpack(bits: np.ndarray, finding: str) -> np.ndarray:
    """Returns where a finding lies, (H, W) bool, from a mask file's pixels."""
    return (bits >> np.uint16(CHEXPERT.index(finding)) & np.uint16(1)).astype(bool)
