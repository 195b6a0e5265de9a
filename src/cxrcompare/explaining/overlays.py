"""Overlays: an image with the map of a finding in colour."""

from __future__ import annotations

import cv2
import numpy as np

AGAINST = (59, 76, 192)
FOR = (221, 119, 0)
"""Red, green, blue of parts that speak against a finding, and for it: blue and orange, which
readers with a colour-vision deficiency tell apart."""

OPACITY = 0.6
"""The largest opacity, so that the image is never hidden."""


def common_scale(maps: list[np.ndarray]) -> float:
    """Returns the absolute value of full colour for the maps of all runs, above 0.

    Args:
        maps: Maps of any shape. The scale is the 99.5th percentile of their absolute values.
    """
    values = np.abs(np.concatenate([one.ravel() for one in maps]))
    scale = float(np.quantile(values, 0.995)) if values.size else 0.0
    return scale if scale > 0 else 1.0


def overlay(image: np.ndarray, values: np.ndarray, scale: float) -> np.ndarray:
    """Returns an image with a map in colour.

    The opacity of the colour is proportional to the absolute value of the map, which is
    interpolated linearly between the centres of its cells.

    Args:
        image: (S, S) uint8.
        values: (H, W), the map.
        scale: The absolute value of full colour.

    Returns:
        (S, S, 3) uint8, red, green, blue.
    """
    size = image.shape[1], image.shape[0]
    fine = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    opacity = np.clip(np.abs(fine) / scale, 0, 1)[:, :, None] * OPACITY
    colour = np.where(fine[:, :, None] > 0, np.array(FOR), np.array(AGAINST))
    mixed = image[:, :, None] * (1 - opacity) + colour * opacity
    return np.asarray(np.rint(mixed), dtype=np.uint8)


def png(image: np.ndarray) -> bytes:
    """Returns an RGB image as PNG."""
    return bytes(cv2.imencode(".png", image[:, :, ::-1])[1].tobytes())


def jpeg(image: np.ndarray) -> bytes:
    """Returns a grey image as JPEG."""
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())
