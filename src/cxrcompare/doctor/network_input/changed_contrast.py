"""Alterations of the grey levels of images, each image by itself."""

from __future__ import annotations

import cv2
import numpy as np


def full_range(images: np.ndarray) -> np.ndarray:
    """Returns images whose darkest pixel is 0 and whose brightest is 255; black bars are ignored.

    Args:
        images: (B, S, S) uint8.
    """
    stretched = np.zeros(images.shape, np.float32)
    for image, new in zip(images, stretched, strict=True):
        inside = image > 0
        if inside.any():
            low, high = int(image[inside].min()), int(image.max())
            new[inside] = (image[inside] - np.float32(low)) * (255 / max(high - low, 1))
    return stretched


def equalised(images: np.ndarray) -> np.ndarray:
    """Returns images with equalised histograms.

    Args:
        images: (B, S, S) uint8.
    """
    return np.stack([cv2.equalizeHist(image) for image in images])
