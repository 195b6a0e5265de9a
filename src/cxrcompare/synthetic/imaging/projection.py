"""The attenuation along each ray through a chest, in total and by finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cxrcompare.synthetic.chest.anatomy import BONE, SOFT, VESSEL, Chest, Cloud, Lung
from cxrcompare.synthetic.shapes import drawing_kernels
from cxrcompare.synthetic.shapes.geometry import Rays
from cxrcompare.synthetic.shapes.solids import Ellipsoid, Tube, chords, contained, splat

PLEURA = 0.988
"""Size of a collapsed lung without pleura, divided by its size with pleura (a thin white line)."""


@dataclass(frozen=True)
class Projection:
    """Line integrals along the rays of one exposure.

    Attributes:
        attenuation: (H, W), the line integral of the linear attenuation (no unit).
        lung: (H, W), centimetres of aerated lung.
        cavity: (H, W), centimetres of pleural space: lung, fluid or air.
        parts: The change of attenuation by each finding, (H, W) by finding.
    """

    attenuation: np.ndarray
    lung: np.ndarray
    cavity: np.ndarray
    parts: dict[str, np.ndarray]


@dataclass
class _Sum:
    """The sum of attenuation, in total and by finding."""

    total: np.ndarray
    parts: dict[str, np.ndarray]

    def add(self, values: np.ndarray, finding: str = "") -> None:
        """Adds attenuation, optionally of a finding."""
        self.total += values
        if finding:
            self.note(values, finding)

    def note(self, values: np.ndarray, finding: str) -> None:
        """Attributes attenuation that is already in the total to a finding."""
        self.parts[finding] = self.parts.get(finding, 0.0) + values


def project(chest: Chest, rays: Rays) -> Projection:
    """Returns the line integrals of a chest's attenuation (Beer-Lambert's exponent).

    Args:
        chest: The solids.
        rays: The geometry.
    """
    sums = _Sum(SOFT * _coat(chest, rays), {})
    middle = [*chest.column, *chest.heart]
    share, lung, cavity = {}, np.zeros(rays.shape), np.zeros(rays.shape)
    for side, space in chest.lungs.items():
        whole, dry, share[side] = _lung(space, middle, rays, sums)
        lung += dry
        cavity += whole
    _add_rest(chest, rays, sums, share)
    return Projection(np.maximum(sums.total, 0.0), lung, cavity, sums.parts)


def _coat(chest: Chest, rays: Rays) -> np.ndarray:
    """Returns centimetres of soft tissue: the trunk, and the parts of other solids outside it."""
    trunk, *others = chest.coat
    return chords([trunk], [], rays)[0] + sum(chords([part], [trunk], rays)[0] for part in others)


def _lung(
    space: Lung, middle: list[Ellipsoid], rays: Rays, sums: _Sum
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Adds one lung; returns lengths of pleural space and aerated lung, and the latter's share."""
    nested = [space.hull]
    if space.above is not None:
        nested.append(space.above)
    if space.within is not None:
        nested += [space.within, space.within.scaled(PLEURA)]
    lengths = list(chords(nested, [space.dome, *middle], rays))
    whole = wet = dry = lengths.pop(0)
    if space.above is not None:
        wet = dry = lengths.pop(0)
        sums.note((SOFT - space.density) * (whole - wet), "Pleural Effusion")
    if space.within is not None:
        dry, inner = lengths
        sums.add(-SOFT * (wet - dry))
        sums.add((SOFT - space.density) * (dry - inner))
        sums.note(-space.density * (wet - dry), "Pneumothorax")
    sums.add((space.density - SOFT) * dry)
    return whole, dry, dry / np.maximum(chords([space.hull], [], rays)[0], 1e-6)


def _add_rest(chest: Chest, rays: Rays, sums: _Sum, share: dict[str, np.ndarray]) -> None:
    for finding in sorted({cloud.finding for cloud in chest.clouds}):
        for side, part in share.items():
            clouds = [c for c in chest.clouds if (c.finding, c.side) == (finding, side)]
            if clouds:
                sums.add(_clouds(clouds, rays) * part, finding)
    for lump in chest.lumps:
        bounds = [chest.lungs[lump.inside].hull] if lump.inside else []
        sums.add(lump.density * chords([lump.solid, *bounds], [], rays)[-1], lump.finding)
    sums.add(_spine(chest, rays))
    sums.add(_fine_structure(chest, rays))
    for finding in sorted({tube.finding for tube in chest.tubes}):
        tubes = [tube for tube in chest.tubes if tube.finding == finding]
        sums.add(splat(*_line(tubes), rays), finding)


def _clouds(clouds: Sequence[Cloud], rays: Rays) -> np.ndarray:
    """Returns the projected attenuation of clouds; a 3-D Gaussian projects to a 2-D Gaussian."""
    centres = np.stack([cloud.centre for cloud in clouds])
    covariances = np.stack([cloud.covariance for cloud in clouds])
    column, row, scale = rays.project(centres)
    toward = centres - rays.source
    toward /= np.linalg.norm(toward, axis=1, keepdims=True)
    plane = np.stack([rays.column, rays.row]) / np.linalg.norm(rays.column)
    flat = plane @ covariances @ plane.T * (scale**2)[:, None, None]
    inside = np.einsum("ni,nij,nj->n", toward, np.linalg.inv(covariances), toward)
    heights = np.array([cloud.density for cloud in clouds]) * np.sqrt(2 * np.pi / inside)
    result = np.zeros(rays.shape)
    drawing_kernels.clouds(np.stack([column, row], axis=1), flat, heights, result)
    return result


Line = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Points of tubes, (N, 3), with radius and weight, (N,) each."""


def _line(tubes: Sequence[Tube]) -> Line:
    points = np.concatenate([tube.points for tube in tubes])
    counts = np.array([len(tube.points) for tube in tubes])
    density = np.repeat([tube.density for tube in tubes], counts)
    return (
        points,
        np.concatenate([tube.radius for tube in tubes]),
        density * drawing_kernels.lengths(points, np.cumsum(counts)),
    )


def _fine_structure(chest: Chest, rays: Rays) -> np.ndarray:
    """Returns the attenuation of bones, airways, and vessels inside aerated lung."""
    lines = [_line([*chest.bones, *chest.air])]
    for side, space in chest.lungs.items():
        tree = chest.vessels[side]
        bounds = [space.hull, *(solid for solid in (space.above, space.within) if solid)]
        inside = contained(tree.points, bounds, [space.dome, *chest.heart, *chest.column])
        lines.append((tree.points[inside], tree.radius[inside], VESSEL * tree.weight[inside]))
    points, radius, weight = (np.concatenate(values) for values in zip(*lines, strict=True))
    return splat(points, radius, weight, rays)


def _spine(chest: Chest, rays: Rays) -> np.ndarray:
    """Returns the attenuation of vertebral bodies with denser end plates, separated by discs."""
    z = chest.spine[:, 2]
    column, row, scale = rays.project(chest.spine)
    order = np.argsort(row)
    at = np.interp(rays.rows[:, 0], row[order], column[order])
    pixels = np.interp(rays.rows[:, 0], row[order], scale[order])
    height = np.interp(rays.rows[:, 0], row[order], z[order])
    k = chest.body.scale
    phase = np.mod(height / (2.75 * k), 1.0)
    edge = np.abs(phase - 0.5) * 2.0
    bone = np.clip((0.86 - edge) / 0.06, 0.0, 1.0)
    plate = np.exp(-(((edge - 0.80) / 0.07) ** 2))
    strength = BONE * (0.10 * bone + 0.08 * plate)
    radius = (1.75 - 0.012 * height) * k
    away = (rays.columns - at[:, None]) / pixels[:, None]
    chord = 2.0 * np.sqrt(np.maximum(radius[:, None] ** 2 - away**2, 0.0))
    slab = strength[:, None] * chord
    return cv2.GaussianBlur(slab, (0, 0), 0.6)
