"""Positions of source and detector: the rays of one exposure in the body's coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

VIEWS: tuple[str, ...] = ("PA", "AP", "lateral")


@dataclass(frozen=True)
class Exposure:
    """The geometry and settings of one exposure.

    Attributes:
        view: PA, AP or lateral.
        height: Rows.
        width: Columns.
        pixel: Centimetres per pixel at the detector.
        distance: Centimetres from the source to the detector.
        gap: Centimetres from the body's centre to the detector.
        yaw: Rotation of the patient about the long axis in radians.
        tilt: Rotation of the patient in the image plane in radians.
        offset: Centimetres (across, up) from the body's origin to the image's centre.
        upright: Whether the patient stands or sits; supine, fluid spreads behind the lung.
        inspiration: From 0, shallow, to 1, deep.
        dose: Thousands of quanta per square centimetre of the detector in air.
        scatter: Scattered signal over the blurred product of primary signal and attenuation.
        marker: Letter of the marker, or empty.
        marker_position: Position of its centre in shares of width and height.
    """

    view: str
    height: int
    width: int
    pixel: float
    distance: float
    gap: float
    yaw: float = 0.0
    tilt: float = 0.0
    offset: tuple[float, float] = (0.0, -2.0)
    upright: bool = True
    inspiration: float = 1.0
    dose: float = 1000.0
    scatter: float = 0.06
    marker: str = ""
    marker_position: tuple[float, float] = (0.93, 0.08)

    @cached_property
    def rays(self) -> Rays:
        """The rays from the source to every pixel's centre."""
        toward, across = {
            "PA": (np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])),
            "AP": (np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0])),
            "lateral": (np.array([1.0, 0.0, 0.0]), np.array([0.0, -1.0, 0.0])),
        }[self.view]
        down = np.array([0.0, 0.0, -1.0])
        cos, sin = np.cos(self.tilt), np.sin(self.tilt)
        across, down = cos * across + sin * down, cos * down - sin * across
        middle = toward * self.gap + across * self.offset[0] - down * self.offset[1]
        source = middle - toward * self.distance
        first = (
            middle
            - across * self.pixel * (self.width - 1) / 2
            - down * self.pixel * (self.height - 1) / 2
        )
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        return Rays(
            turn @ source,
            turn @ (first - source),
            turn @ (across * self.pixel),
            turn @ (down * self.pixel),
            (self.height, self.width),
        )


@dataclass(frozen=True)
class Rays:
    """The rays to all pixels: from `source` by `corner + u column + v row` for column u, row v.

    Attributes:
        source: (3,) centimetres.
        corner: (3,) from the source to the centre of the first pixel.
        column: (3,) from a pixel to its right neighbour.
        row: (3,) from a pixel to the one below.
        shape: (H, W).
    """

    source: np.ndarray
    corner: np.ndarray
    column: np.ndarray
    row: np.ndarray
    shape: tuple[int, int]

    @cached_property
    def columns(self) -> np.ndarray:
        """Column numbers, (1, W)."""
        return np.arange(self.shape[1], dtype=float)[None, :]

    @cached_property
    def rows(self) -> np.ndarray:
        """Row numbers, (H, 1)."""
        return np.arange(self.shape[0], dtype=float)[:, None]

    @cached_property
    def length(self) -> np.ndarray:
        """Centimetres from the source to each pixel, (H, W)."""
        way = self.corner + self.columns[..., None] * self.column + self.rows[..., None] * self.row
        return np.sqrt((way**2).sum(axis=2))

    @cached_property
    def inverse(self) -> np.ndarray:
        """(3, 3), maps a vector from the source to a multiple of (1, column, row)."""
        return np.linalg.inv(np.stack([self.corner, self.column, self.row], axis=1))

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the projections of points: column, row, and pixels per centimetre.

        Args:
            points: (N, 3) centimetres.
        """
        along, across, down = self.inverse @ (points - self.source).T
        return across / along, down / along, 1.0 / (along * np.linalg.norm(self.column))
