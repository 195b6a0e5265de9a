"""From attenuation to the grey image: beam, scatter, quantum noise, film curve, collimation."""

from __future__ import annotations

import cv2
import numpy as np

from cxrcompare.datasets.phantom.geometry import Exposure
from cxrcompare.datasets.phantom.projection import Projection


def develop(projection: Projection, exposure: Exposure, rng: np.random.Generator) -> np.ndarray:
    """Returns the image, (H, W) uint8, bright where the body is dense.

    Args:
        projection: What the rays met.
        exposure: Geometry, dose and scatter.
        rng: Random numbers for texture and noise.
    """
    texture = _texture(projection, exposure, rng)
    primary = np.exp(-(projection.attenuation + texture))
    spread = 5.0 / exposure.pixel
    haze = cv2.GaussianBlur(primary, (0, 0), spread, borderType=cv2.BORDER_REFLECT)
    signal = (1.0 - exposure.scatter) * primary + exposure.scatter * haze
    quanta = exposure.dose * 1000.0 * exposure.pixel**2
    noisy = signal + rng.standard_normal(signal.shape) * np.sqrt(signal / quanta)
    return film(-np.log(np.maximum(noisy, 1e-4)), exposure, rng)


def film(density: np.ndarray, exposure: Exposure, rng: np.random.Generator) -> np.ndarray:
    """Returns grey levels: the range between lung and mediastinum is spread, the ends are bent.

    Args:
        density: (H, W), minus the logarithm of the signal.
        exposure: For the pixel's size.
        rng: Random numbers: no two departments set the window alike.
    """
    sharp = density + 0.4 * (density - cv2.GaussianBlur(density, (0, 0), 1.0 / exposure.pixel))
    margin_y, margin_x = (max(1, side // 8) for side in density.shape)
    inner = sharp[margin_y:-margin_y, margin_x:-margin_x]
    inner = inner[inner > 0.4]
    low, high = np.quantile(inner, [0.04, 0.93]) if inner.size else (0.0, 1.0)
    level = low + (high - low) * rng.uniform(0.42, 0.56)
    width = max(high - low, 0.8) * rng.uniform(1.0, 1.25)
    value = 1.0 / (1.0 + np.exp(-3.6 * (sharp - level) / width))
    value = np.clip((value - 0.08) / 0.82, 0.0, 1.0)
    return np.round(250.0 * value).astype(np.uint8)


def _texture(projection: Projection, exposure: Exposure, rng: np.random.Generator) -> np.ndarray:
    """Fine structure that the solids lack: alveoli and small vessels, muscle and fat."""
    result = np.zeros(projection.attenuation.shape)
    for size, lung, soft in (
        (0.25, 0.010, 0.004),
        (0.6, 0.012, 0.008),
        (1.5, 0.010, 0.015),
        (4.0, 0.0, 0.03),
    ):
        blur = max(size / exposure.pixel, 0.3)
        noise = cv2.GaussianBlur(rng.standard_normal(result.shape), (0, 0), blur)
        noise *= 1.0 / max(float(noise.std()), 1e-9)
        result += noise * (
            lung * np.sqrt(projection.lung / 1.0) + soft * np.sqrt(projection.attenuation)
        )
    return result
