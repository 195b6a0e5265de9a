"""One study: a body, its findings, and its images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cxrcompare.synthetic.chest import devices, parenchyma, pleura
from cxrcompare.synthetic.chest.anatomy import Chest, build_chest
from cxrcompare.synthetic.chest.body import SIDES, Body
from cxrcompare.synthetic.imaging.projection import Projection, project
from cxrcompare.synthetic.imaging.radiograph import develop
from cxrcompare.synthetic.shapes.geometry import Exposure
from cxrcompare.synthetic.truth import present


@dataclass(frozen=True)
class Study:
    """The body and the findings of one study.

    Attributes:
        body: The patient's healthy chest.
        severities: The severity of each finding, without parents that follow from a child.
        seed: Seed of the random numbers for the appearance of its findings.
        upright: Whether the patient stands or sits.
        drain: The side of a chest drain for a pneumothorax, or empty.
        site: The site whose marker is on the image, or empty.
    """

    body: Body
    severities: Mapping[str, float]
    seed: tuple[int, ...]
    upright: bool
    drain: str = ""
    site: str = ""

    @property
    def truth(self) -> np.ndarray:
        """The true findings, (14,) in {0, 1}."""
        return present([*self.severities, *(["Support Devices"] if self.drain else [])])

    def _rng(self, part: int) -> np.random.Generator:
        return np.random.default_rng([*self.seed, 7, part])


def collapsed_side(study: Study) -> str:
    """Returns the side on which the study's lung has lost volume."""
    return str(study._rng(1).choice(list(SIDES)))


def pneumothorax_side(study: Study) -> str:
    """Returns the side of a study's pneumothorax."""
    return "left" if study._rng(4).random() < 0.45 else "right"


def reshape(study: Study, inspiration: float) -> Body:
    """Returns the body with its sizes changed by disease and inspiration.

    Cardiomegaly requires a cardiothoracic ratio over 0.5 (Danzer 1919). Volume loss raises the
    diaphragm and shifts the mediastinum.

    Args:
        study: The study.
        inspiration: From 0, shallow, to 1, deep.
    """
    body, found = study.body, study.severities
    lift = 2.2 * (1.0 - inspiration) * body.scale
    dome = {"left": body.dome[0] + lift, "right": body.dome[1] + lift}
    heart, mediastinum, shift = body.heart, body.mediastinum, body.shift
    if "Cardiomegaly" in found:
        heart = 0.525 + 0.155 * found["Cardiomegaly"]
    if "Enlarged Cardiomediastinum" in found:
        mediastinum *= 1.28 + 0.75 * found["Enlarged Cardiomediastinum"]
    if "Atelectasis" in found:
        side, amount = collapsed_side(study), found["Atelectasis"]
        dome[side] += (0.8 + 3.0 * amount) * body.scale
        shift += SIDES[side] * 1.3 * amount
    return replace(
        body, dome=(dome["left"], dome["right"]), heart=heart, mediastinum=mediastinum, shift=shift
    )


def chest_of(study: Study, exposure: Exposure) -> Chest:
    """Returns the chest with all findings of a study, for one exposure."""
    found = study.severities
    hunched = {"PA": 0.1, "AP": 0.9, "lateral": 0.0}[exposure.view]
    chest = build_chest(
        reshape(study, exposure.inspiration),
        exposure.view == "lateral",
        hunched,
        0.8 * exposure.pixel,
    )
    if "Fracture" in found:
        chest = devices.fracture(chest, found["Fracture"], study._rng(3))
    if "Pneumothorax" in found:
        side = pneumothorax_side(study)
        chest = pleura.pneumothorax(chest, found["Pneumothorax"], side)
    if "Pleural Effusion" in found:
        chest = pleura.effusion(chest, found["Pleural Effusion"], exposure.upright, study._rng(5))
    if "Pleural Other" in found:
        chest = pleura.pleural_other(chest, found["Pleural Other"], study._rng(6))
    if "Edema" in found:
        chest = parenchyma.edema(chest, found["Edema"], study._rng(8))
    for part, finding in ((9, "Consolidation"), (10, "Pneumonia")):
        if finding in found:
            chest = parenchyma.consolidation(chest, found[finding], study._rng(part), finding)
    if "Atelectasis" in found:
        side = collapsed_side(study)
        chest = parenchyma.atelectasis(chest, side, found["Atelectasis"], study._rng(11))
    if "Lung Lesion" in found:
        chest = parenchyma.lesion(chest, found["Lung Lesion"], study._rng(12))
    if "Lung Opacity" in found:
        chest = parenchyma.opacity(chest, found["Lung Opacity"], study._rng(13))
    if "Support Devices" in found:
        lying = not study.upright
        chest = devices.add_devices(chest, found["Support Devices"], lying, study._rng(14))
    if study.drain:
        tube = devices.drain(chest, study.drain, study._rng(15))
        chest = replace(chest, tubes=(*chest.tubes, tube))
    return chest


@dataclass(frozen=True)
class Shot:
    """One image with the intermediate results of its simulation.

    Attributes:
        exposure: The geometry.
        chest: The solids.
        projection: The attenuation along the rays.
        pixels: (H, W) uint8.
    """

    exposure: Exposure
    chest: Chest
    projection: Projection
    pixels: np.ndarray


def expose(study: Study, view: str, size: int, rng: np.random.Generator) -> Shot:
    """Returns an image of a study.

    Args:
        study: The study.
        view: PA, AP or lateral.
        size: Longer side of the image in pixels.
        rng: Random numbers of this image: geometry, dose, noise.
    """
    exposure = draw_exposure(study, view, size, rng)
    chest = chest_of(study, exposure)
    projection = project(chest, exposure.rays)
    return Shot(exposure, chest, projection, develop(projection, exposure, rng))


def draw_exposure(study: Study, view: str, size: int, rng: np.random.Generator) -> Exposure:
    """Returns a typical clinical geometry: PA and lateral at 180 cm, AP at about 1 m.

    Args:
        study: The study.
        view: PA, AP or lateral.
        size: Longer side of the image in pixels.
        rng: Random numbers.
    """
    body = study.body
    shape = float(rng.uniform(0.82, 1.0))
    tall = rng.random() < (0.9 if view == "lateral" else 0.5)
    height, width = (size, round(size * shape)) if tall else (round(size * shape), size)
    thick = (body.depth if view != "lateral" else body.width) + 3.0 + 0.7 * body.fat
    field = body.scale * rng.uniform(39.0, 45.0) * (1.08 if view == "AP" else 1.0)
    exposure = Exposure(
        view=view,
        height=height,
        width=width,
        pixel=field / min(height, width) * (0.93 if view != "lateral" else 0.95),
        distance=180.0 if view != "AP" else float(rng.uniform(100.0, 125.0)),
        gap=thick + (1.0 if view != "AP" else 2.5),
        yaw=float(rng.normal(0.0, 0.03 if view != "AP" else 0.06)),
        tilt=float(rng.normal(0.0, 0.02 if view != "AP" else 0.045)),
        offset=(
            float(rng.normal(0.0 if view != "lateral" else -1.0, 0.7)),
            float(rng.normal(-0.3, 0.9)) * body.scale,
        ),
        upright=study.upright or view != "AP",
        inspiration=float(np.clip(rng.normal(0.85 if study.upright else 0.5, 0.15), 0.0, 1.0)),
        dose=float(np.exp(rng.normal(7.6, 0.3))),
        scatter=float(rng.uniform(0.06, 0.13) if view != "AP" else rng.uniform(0.11, 0.24)),
        marker=str(rng.choice(["L", "R", ""], p=[0.55, 0.3, 0.15])),
        marker_position=(0.0, float(rng.uniform(0.05, 0.14))),
    )
    across = float(rng.uniform(0.04, 0.09))
    if study.site:
        return replace(exposure, marker=study.site, marker_position=(0.06, 0.07))
    side = 1.0 - across if exposure.marker == "L" else across
    return replace(exposure, marker_position=(side, exposure.marker_position[1]))
