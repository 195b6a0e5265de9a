"""Simulation of the detector: beam, scatter, quantum noise, film curve, collimation, marker."""

from __future__ import annotations

import cv2
import numpy as np

from cxrcompare.synthetic.imaging.projection import Projection
from cxrcompare.synthetic.shapes.geometry import Exposure


def develop(projection: Projection, exposure: Exposure, rng: np.random.Generator) -> np.ndarray:
    """Returns the image, (H, W) uint8; dense tissue is bright.

    Args:
        projection: The attenuation along the rays.
        exposure: Geometry, dose and scatter.
        rng: Random numbers for texture and noise.
    """
    attenuation = projection.attenuation.astype(np.float32)
    texture = _texture(attenuation, projection.lung.astype(np.float32), exposure, rng)
    primary = np.exp(-(attenuation + texture))
    haze = _blur(primary * attenuation, 5.0 / exposure.pixel)
    signal = primary + exposure.scatter * np.maximum(haze, 0.0)
    quanta = exposure.dose * 1000.0 * exposure.pixel**2
    noisy = signal + rng.standard_normal(signal.shape, np.float32) * np.sqrt(signal / quanta)
    image = film(-np.log(np.maximum(noisy, 1e-4)), exposure, rng)
    return mark(collimate(image, rng), exposure)


def film(density: np.ndarray, exposure: Exposure, rng: np.random.Generator) -> np.ndarray:
    """Returns grey levels by a sigmoid film curve with a random window.

    Args:
        density: (H, W), minus the logarithm of the signal.
        exposure: The exposure, for the pixel size.
        rng: Random numbers for the window, which differs between departments.
    """
    sharp = density + 0.4 * (density - _blur(density, 1.0 / exposure.pixel))
    margin_y, margin_x = (max(1, side // 8) for side in density.shape)
    inner = sharp[margin_y:-margin_y, margin_x:-margin_x]
    inner = inner[inner > 0.5]
    low, high = np.quantile(inner, [0.05, 0.95]) if inner.size else (0.0, 1.0)
    level = low + (high - low) * rng.uniform(0.12, 0.34)
    width = max(high - low, 0.8) * rng.uniform(1.2, 2.4)
    value = 1.0 / (1.0 + np.exp(-3.7 * (sharp - level) / width))
    value = np.clip((value - 0.05) / 0.90, 0.0, 1.0)
    return np.round(rng.uniform(232.0, 252.0) * value + 2.0).astype(np.uint8)


def collimate(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns the image, with a probability of 1/4 with black collimated edges."""
    height, width = image.shape
    cut = rng.uniform(0.0, 0.06, 4) * (rng.random(4) < 0.5)
    if rng.random() < 0.25:
        top, low = int(cut[0] * height), height - int(cut[1] * height)
        left, right = int(cut[2] * width), width - int(cut[3] * width)
        inner = image[top:low, left:right].copy()
        image = np.zeros_like(image)
        image[top:low, left:right] = inner
    return image


def mark(image: np.ndarray, exposure: Exposure) -> np.ndarray:
    """Returns the image with its marker at the position given by the exposure."""
    if not exposure.marker:
        return image
    size = max(image.shape)
    middle = np.array(exposure.marker_position) * image.shape[::-1]
    tall = 0.028 * size
    for stroke in LETTERS[exposure.marker]:
        points = (middle + (np.array(stroke) - 0.5) * [0.62 * tall, tall]) * 16
        cv2.polylines(
            image,
            [points.round().astype(np.int32)],
            False,
            245,
            max(1, round(0.18 * tall)),
            cv2.LINE_AA,
            4,
        )
    return image


def marker_box(exposure: Exposure) -> np.ndarray:
    """Returns the area of the marker, (H, W) bool: its letter's box, the stroke and a pixel."""
    size = max(exposure.height, exposure.width)
    tall = 0.028 * size
    middle_y = exposure.marker_position[1] * exposure.height
    middle_x = exposure.marker_position[0] * exposure.width
    y, x = np.arange(exposure.height)[:, None], np.arange(exposure.width)
    margin = max(1, round(0.18 * tall)) / 2 + 1
    inside = (abs(y - middle_y) <= 0.5 * tall + margin) & (
        abs(x - middle_x) <= 0.31 * tall + margin
    )
    return np.asarray(inside & bool(exposure.marker))


LETTERS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "L": (((0, 0), (0, 1), (1, 1)),),
    "R": (((0, 1), (0, 0), (0.8, 0.05), (1, 0.25), (0.8, 0.48), (0, 0.52)), ((0.4, 0.5), (1, 1))),
    "A": (((0, 1), (0.5, 0), (1, 1)), ((0.2, 0.62), (0.8, 0.62))),
}
"""Strokes of the markers in a box from (0, 0) to (1, 1): left, right, and the marker of site A."""


_STRUCTURE: tuple[tuple[float, float, float], ...] = (
    (0.25, 0.016, 0.008),
    (0.6, 0.008, 0.010),
    (1.5, 0.006, 0.015),
    (4.0, 0.0, 0.03),
)
"""Size in centimetres, and amplitude per square root of lung and of soft tissue."""


def _texture(
    attenuation: np.ndarray, air: np.ndarray, exposure: Exposure, rng: np.random.Generator
) -> np.ndarray:
    """Returns random fine structure: alveoli and small vessels, muscle and fat."""
    lung_root, soft_root = np.sqrt(air), np.sqrt(attenuation)
    result = np.zeros_like(attenuation)
    for size, lung, soft in _STRUCTURE:
        noise = _noise(attenuation.shape, size / exposure.pixel, rng)
        result += noise * (lung * lung_root + soft * soft_root)
    return result


def _noise(shape: tuple[int, ...], size: float, rng: np.random.Generator) -> np.ndarray:
    """Returns smooth noise of unit variance with grains of `size` pixels."""
    step = max(1.0, size)
    coarse = rng.standard_normal([int(side / step) + 4 for side in shape], np.float32)
    smooth = cv2.GaussianBlur(coarse, (0, 0), max(size / step, 0.3))
    fine = cv2.resize(smooth, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
    fine = fine[: shape[0], : shape[1]]
    return fine / max(float(fine.std()), 1e-9)


def _blur(image: np.ndarray, size: float) -> np.ndarray:
    """Returns the image with a wide Gaussian blur, computed at lower resolution."""
    step = max(1, int(size / 4))
    height, width = (max(1, side // step) for side in image.shape)
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), size / step, borderType=cv2.BORDER_REFLECT)
    return cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_CUBIC)
