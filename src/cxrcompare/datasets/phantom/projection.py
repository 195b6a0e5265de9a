"""The attenuation that each ray meets in a chest, and where each finding lies on the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cxrcompare.datasets.phantom.anatomy import BONE, SOFT, VESSEL, Chest, Cloud, Lump, Lung
from cxrcompare.datasets.phantom.geometry import Rays
from cxrcompare.datasets.phantom.solids import (
    Box,
    Ellipsoid,
    Spans,
    Tube,
    lengths,
    spans,
    splat,
    uncovered,
)

PLEURA = 0.988
"""A fallen lung's size without its pleura over its size with it: the thin white line."""


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
        """Adds attenuation, which a finding may have brought."""
        self.total += values
        if finding:
            self.note(values, finding)

    def note(self, values: np.ndarray, finding: str) -> None:
        """Books attenuation, already in the total, to a finding."""
        self.parts[finding] = self.parts.get(finding, 0.0) + values


def project(chest: Chest, rays: Rays) -> Projection:
    """Returns the line integrals of a chest's attenuation (Beer-Lambert's exponent).

    Args:
        chest: The solids.
        rays: The geometry.
    """
    sums = _Sum(SOFT * rays.length * _coat(chest, rays), {})
    middle = [spans(part, rays) for part in (*chest.column, *chest.heart)]
    share, lung, cavity = {}, np.zeros(rays.shape), np.zeros(rays.shape)
    for side, space in chest.lungs.items():
        whole, dry, share[side] = _lung(space, middle, rays, sums)
        lung += dry
        cavity += whole
    _add_rest(chest, rays, sums, share)
    return Projection(np.maximum(sums.total, 0.0), lung, cavity, sums.parts)


def _lung(
    space: Lung, middle: list[Spans], rays: Rays, sums: _Sum
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Adds one lung; returns lengths of its space and of lung with air, and the latter's share."""
    span = spans(space.hull, rays)
    holes = [spans(space.dome, rays), *middle]
    hull = _full(span, rays, span.length())
    whole = wet = dry = _full(span, rays, uncovered(span, holes))
    if space.above is not None:
        span = span.meet(spans(space.above, rays))
        wet = dry = _full(span, rays, uncovered(span, holes))
        sums.note((SOFT - space.density) * (whole - wet), "Pleural Effusion")
    if space.within is not None:
        span = span.meet(spans(space.within, rays))
        dry = _full(span, rays, uncovered(span, holes))
        sums.add(-SOFT * (wet - dry))
        inner = span.meet(spans(space.within.scaled(PLEURA), rays))
        line = dry - _full(inner, rays, uncovered(inner, holes))
        sums.add((SOFT - space.density) * line)
        sums.note(-space.density * (wet - dry), "Pneumothorax")
    sums.add((space.density - SOFT) * dry)
    return whole, dry, dry / np.maximum(hull, 1e-6)


def _full(span: Spans, rays: Rays, lengths: np.ndarray) -> np.ndarray:
    """Returns centimetres on the whole image from fractions of the way in a window."""
    result = np.zeros(rays.shape)
    result[span.box] = lengths * rays.length[span.box]
    return result


def _add_rest(chest: Chest, rays: Rays, sums: _Sum, share: dict[str, np.ndarray]) -> None:
    for finding in sorted({cloud.finding for cloud in chest.clouds}):
        clouds = np.zeros(rays.shape)
        for cloud in chest.clouds:
            if cloud.finding == finding:
                box, values = _cloud(cloud, rays)
                clouds[box] += values * share[cloud.side][box]
        sums.add(clouds, finding)
    for lump in chest.lumps:
        sums.add(_lump(lump, chest, rays), lump.finding)
    sums.add(_spine(chest, rays))
    sums.add(_fine_structure(chest, rays))
    for finding in sorted({tube.finding for tube in chest.tubes}):
        sums.add(_tubes([t for t in chest.tubes if t.finding == finding], rays), finding)


def _coat(chest: Chest, rays: Rays) -> np.ndarray:
    """Lengths in the soft coat: the trunk, and of each other part what the trunk leaves."""
    trunk = spans(chest.coat[0], rays)
    total = np.zeros(rays.shape)
    total[trunk.box] = trunk.length()
    for part in chest.coat[1:]:
        span = spans(part, rays)
        total[span.box] += uncovered(span, [trunk])
    return total


def _lump(lump: Lump, chest: Chest, rays: Rays) -> np.ndarray:
    span = spans(lump.solid, rays)
    if lump.inside:
        span = span.meet(spans(chest.lungs[lump.inside].hull, rays))
    return lump.density * _full(span, rays, span.length())


def _cloud(cloud: Cloud, rays: Rays) -> tuple[Box, np.ndarray]:
    """A Gaussian in space projects to a Gaussian on the image; returns its window and values."""
    u, v, scale = (float(value[0]) for value in rays.project(cloud.centre[None]))
    toward = cloud.centre - rays.source
    toward = toward / np.linalg.norm(toward)
    plane = np.stack([rays.column, rays.row]) / np.linalg.norm(rays.column)
    flat = plane @ cloud.covariance @ plane.T * scale**2
    depth = np.sqrt(2 * np.pi / float(toward @ np.linalg.inv(cloud.covariance) @ toward))
    reach = 3.5 * np.sqrt(np.diag(flat)) + 1.0
    box = (_window(v, reach[1], rays.shape[0]), _window(u, reach[0], rays.shape[1]))
    (a, b), (_, c) = np.linalg.inv(flat)
    x, y = rays.columns[:, box[1]] - u, rays.rows[box[0]] - v
    return box, cloud.density * depth * np.exp(-0.5 * (a * x * x + 2 * b * x * y + c * y * y))


def _window(middle: float, reach: float, size: int) -> slice:
    low = min(max(int(middle - reach), 0), size)
    return slice(low, max(low, min(int(middle + reach) + 1, size)))


Line = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Points of tubes, (N, 3), their radius and their weight, (N,)."""


def _line(tubes: Sequence[Tube]) -> Line:
    return (
        np.concatenate([tube.points for tube in tubes]),
        np.concatenate([tube.radius for tube in tubes]),
        np.concatenate([tube.density * lengths(tube.points) for tube in tubes]),
    )


def _tubes(tubes: Sequence[Tube], rays: Rays) -> np.ndarray:
    return splat(*_line(tubes), rays)


def _fine_structure(chest: Chest, rays: Rays) -> np.ndarray:
    """Bones, airways, and the vessels where there is lung round them."""
    lines = [_line([*chest.bones, *chest.air])]
    for side, space in chest.lungs.items():
        tree = chest.vessels[side]
        bounds = [space.hull, *(solid for solid in (space.above, space.within) if solid)]
        holes = [space.dome, *chest.heart, *chest.column]
        line = (tree.points, tree.radius, VESSEL * tree.weight)
        lines.append(_within(line, bounds, holes))
    points, radius, weight = (np.concatenate(values) for values in zip(*lines, strict=True))
    return splat(points, radius, weight, rays)


def _within(line: Line, bounds: Sequence[Ellipsoid], holes: Sequence[Ellipsoid]) -> Line:
    """Returns the points inside all bounds and outside all holes."""
    points, radius, weight = line
    chosen = np.arange(len(points))
    for solid in bounds:
        chosen = chosen[solid.contains(points[chosen])]
    for solid in holes:
        chosen = chosen[~solid.contains(points[chosen])]
    return points[chosen], radius[chosen], weight[chosen]


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
    strength = BONE * (0.24 * bone + 0.13 * plate)
    radius = (1.75 - 0.012 * height) * k
    away = (rays.columns - at[:, None]) / pixels[:, None]
    chord = 2.0 * np.sqrt(np.maximum(radius[:, None] ** 2 - away**2, 0.0))
    slab = strength[:, None] * chord
    return cv2.GaussianBlur(slab, (0, 0), 0.6)
