"""Overlays: an image with the map of a finding in colour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import simplejpeg

from cxrcompare.explaining.maps import Maps

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


def scales(found: Sequence[Maps], shown: int) -> dict[str, float]:
    """Returns the absolute value of full colour for each finding, of all runs and shown images.

    Args:
        found: The maps of each run.
        shown: The number of shown images, the first ones.
    """
    findings = dict.fromkeys(name for maps in found for name in maps.findings)
    return {
        name: common_scale(
            [
                maps.values[:shown, maps.findings.index(name)]
                for maps in found
                if name in maps.findings
            ]
        )
        for name in findings
    }


def overlay(image: np.ndarray, values: np.ndarray, scale: float) -> np.ndarray:
    """Returns an image with a map in colour.

    The opacity of the colour is proportional to the absolute value of the map, in 127 steps, and
    the map is interpolated linearly between the centres of its cells.

    Args:
        image: (S, S) uint8.
        values: (H, W), the map.
        scale: The absolute value of full colour.

    Returns:
        (S, S, 3) uint8, red, green, blue.
    """
    size = image.shape[1], image.shape[0]
    cells = values.astype(np.float32) * np.float32(_STEPS / scale) + np.float32(_STEPS + 0.5)
    fine = cv2.resize(cells, size, interpolation=cv2.INTER_LINEAR)
    np.clip(fine, 0.5, 2 * _STEPS + 0.5, out=fine)
    index = fine.astype(np.uint16)
    index <<= 8
    index |= image
    return np.asarray(
        _palette().take(index, axis=0).view(np.uint8).reshape(*index.shape, 4)[..., :3]
    )


_STEPS = 127


@cache
def _palette() -> np.ndarray:
    """Returns the colour of each step of a map, from -127 to 127, on each grey value.

    (256 * 256,) uint32, whose first three bytes are red, green and blue.
    """
    steps = np.arange(256)[:, None, None] - _STEPS
    opacity = np.clip(np.abs(steps) / _STEPS, 0, 1) * OPACITY
    colour = np.where(steps > 0, np.array(FOR), np.array(AGAINST))
    mixed = np.arange(256)[:, None] * (1 - opacity) + colour * opacity
    bytes_of = np.zeros((256, 256, 4), np.uint8)
    bytes_of[..., :3] = np.rint(mixed)
    return bytes_of.reshape(-1, 4).view(np.uint32)[:, 0]


def colour_jpeg(image: np.ndarray) -> bytes:
    """Returns an RGB image as JPEG, without loss of colour resolution."""
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(image), 90, "RGB", "444"))


def jpeg(image: np.ndarray) -> bytes:
    """Returns a grey image as JPEG."""
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())
