"""The attenuation that each ray meets in a chest, and where each finding lies on the image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from cxrcompare.datasets.phantom.anatomy import BONE, SOFT, VESSEL, Chest, Cloud, Lump
from cxrcompare.datasets.phantom.geometry import Rays
from cxrcompare.datasets.phantom.solids import lengths, spans, splat, uncovered


@dataclass(frozen=True)
class Projection:
    """What the rays of one exposure met.

    Attributes:
        attenuation: (H, W), the line integral of the linear attenuation (no unit).
        lung: (H, W), centimetres of lung with air in it.
        cavity: (H, W), centimetres of pleural space: lung, fluid or air.
        parts: The attenuation that each finding added or took away, (H, W) by finding.
    """

    attenuation: np.ndarray
    lung: np.ndarray
    cavity: np.ndarray
    parts: dict[str, np.ndarray]


@dataclass
class _Sum:
    """Attenuation as it adds up."""

    total: np.ndarray
    parts: dict[str, np.ndarray]

    def add(self, values: np.ndarray, finding: str = "") -> None:
        self.total += values
        if finding:
            self.parts[finding] = self.parts.get(finding, 0.0) + values


def project(chest: Chest, rays: Rays) -> Projection:
    """Returns the line integrals of a chest's attenuation (Beer-Lambert's exponent).

    Args:
        chest: The solids.
        rays: The geometry.
    """
    way = rays.length
    sums = _Sum(SOFT * way * _coat(chest, rays), {})
    middle = [spans(part, rays) for part in (*chest.column, *chest.heart)]
    lung, cavity = np.zeros(rays.shape), np.zeros(rays.shape)
    share: dict[str, np.ndarray] = {}
    for side, space in chest.lungs.items():
        hull = spans(space.hull, rays)
        holes = [spans(space.dome, rays), *middle]
        whole = way * uncovered(hull, holes)
        wet = dry = whole
        if space.above is not None:
            hull = hull.meet(spans(space.above, rays))
            wet = dry = way * uncovered(hull, holes)
        if space.within is not None:
            hull = hull.meet(spans(space.within, rays))
            dry = way * uncovered(hull, holes)
        sums.add((space.density - SOFT) * dry)
        if space.within is not None:
            sums.add(-SOFT * (wet - dry), "Pneumothorax")
        if space.above is not None:
            sums.parts["Pleural Effusion"] = sums.parts.get("Pleural Effusion", 0.0) + (
                SOFT - space.density
            ) * (whole - wet)
        lung += dry
        cavity += whole
        share[side] = dry / np.maximum(way * hull.length(), 1e-6)
    _add_rest(chest, rays, sums, share)
    return Projection(np.maximum(sums.total, 0.0), lung, cavity, sums.parts)


def _add_rest(chest: Chest, rays: Rays, sums: _Sum, share: dict[str, np.ndarray]) -> None:
    for cloud in chest.clouds:
        sums.add(_cloud(cloud, rays) * share[cloud.side], cloud.finding)
    for lump in chest.lumps:
        sums.add(_lump(lump, chest, rays), lump.finding)
    sums.add(_spine(chest, rays))
    sums.add(_tubes([(t.points, t.radius, t.density) for t in (*chest.bones, *chest.air)], rays))
    sums.add(_vessels(chest, rays))
    for finding in sorted({tube.finding for tube in chest.devices}):
        group = [(t.points, t.radius, t.density) for t in chest.devices if t.finding == finding]
        sums.add(_tubes(group, rays), finding)


def _coat(chest: Chest, rays: Rays) -> np.ndarray:
    """Lengths in the soft coat: the trunk, and of each other part what the trunk leaves."""
    trunk = spans(chest.coat[0], rays)
    total = trunk.length()
    for part in chest.coat[1:]:
        total = total + uncovered(spans(part, rays), [trunk])
    return total


def _lump(lump: Lump, chest: Chest, rays: Rays) -> np.ndarray:
    span = spans(lump.solid, rays)
    if lump.inside:
        span = span.meet(spans(chest.lungs[lump.inside].hull, rays))
    return lump.density * rays.length * span.length()


def _cloud(cloud: Cloud, rays: Rays) -> np.ndarray:
    """A Gaussian in space projects to a Gaussian on the image."""
    centre = cloud.centre[None]
    u, v, scale = (float(value[0]) for value in rays.project(centre))
    toward = cloud.centre - rays.source
    toward = toward / np.linalg.norm(toward)
    across = rays.column / np.linalg.norm(rays.column)
    down = rays.row / np.linalg.norm(rays.row)
    plane = np.stack([across, down])
    flat = plane @ cloud.covariance @ plane.T * scale**2
    inverse = np.linalg.inv(cloud.covariance)
    depth = np.sqrt(2 * np.pi / float(toward @ inverse @ toward))
    (a, b), (_, c) = np.linalg.inv(flat)
    x, y = rays.columns - u, rays.rows - v
    return cloud.density * depth * np.exp(-0.5 * (a * x * x + 2 * b * x * y + c * y * y))


def _tubes(tubes: list[tuple[np.ndarray, np.ndarray, float]], rays: Rays) -> np.ndarray:
    if not tubes:
        return np.zeros(rays.shape)
    points = np.concatenate([points for points, _, _ in tubes])
    radius = np.concatenate([radius for _, radius, _ in tubes])
    weight = np.concatenate([density * lengths(points) for points, _, density in tubes])
    return splat(points, radius, weight, rays)


def _vessels(chest: Chest, rays: Rays) -> np.ndarray:
    kept = []
    for side, space in chest.lungs.items():
        tree = chest.vessels[side]
        points, radius, weight = tree.points, tree.radius, VESSEL * tree.weight
        inside = space.hull.contains(points) & ~space.dome.contains(points)
        for bound in (space.above, space.within):
            if bound is not None:
                inside &= bound.contains(points)
        for part in (*chest.heart, *chest.column):
            inside &= ~part.contains(points)
        kept.append((points[inside], radius[inside], weight[inside]))
    points, radius, weight = (np.concatenate(values) for values in zip(*kept, strict=True))
    return splat(points, radius, weight, rays)


def _spine(chest: Chest, rays: Rays) -> np.ndarray:
    """A column of vertebral bodies with denser end plates, and thinner discs between them."""
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
    strength = BONE * (0.42 * bone + 0.22 * plate)
    radius = (1.75 - 0.012 * height) * k
    away = (rays.columns - at[:, None]) / pixels[:, None]
    chord = 2.0 * np.sqrt(np.maximum(radius[:, None] ** 2 - away**2, 0.0))
    slab = strength[:, None] * chord
    return cv2.GaussianBlur(slab, (0, 0), 0.6)
