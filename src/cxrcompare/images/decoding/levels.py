"""Reduction of up to 16 bits to 8: lookup tables from stored values to grey levels 0..255."""

from __future__ import annotations

import numpy as np

LOW, HIGH = 0.001, 0.999
PERCENTILE_RULE = "linear from the 0.1th to the 99.9th percentile of the pixels to 0..255"


def percentile_levels(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns levels that rise linearly from the 0.1th to the 99.9th percentile of the pixels.

    A percentile is the smallest value that at least this share of the pixels does not exceed. If
    both percentiles are equal, the full range of the pixels is used. A constant image is black.

    Args:
        values: (K,) float, the possible values, in any order.
        counts: (K,) number of pixels with each value.

    Returns:
        (K,) uint8.
    """
    order = np.argsort(values, kind="stable")
    ordered, reached = values[order], np.cumsum(counts[order])
    total = reached[-1]
    if total == 0:
        return np.zeros(len(values), np.uint8)
    low, high = ordered[np.searchsorted(reached, np.array([LOW, HIGH]) * total)]
    if high <= low:
        low, high = ordered[np.searchsorted(reached, 1)], ordered[np.searchsorted(reached, total)]
    if high <= low:
        return np.zeros(len(values), np.uint8)
    return _to_bytes((values - low) / (high - low))


def window_levels(
    values: np.ndarray, center: float, width: float, function: str = "LINEAR"
) -> np.ndarray:
    """Returns the levels of a DICOM window (DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3).

    Args:
        values: (K,) float.
        center: The window's center.
        width: Its width, 1 or more for LINEAR, above 0 for the others.
        function: LINEAR, LINEAR_EXACT or SIGMOID.

    Returns:
        (K,) uint8.
    """
    if function == "SIGMOID":
        return _to_bytes(1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -500, 500))))
    if function == "LINEAR_EXACT":
        return _to_bytes((values - center) / width + 0.5)
    middle, span = center - 0.5, width - 1
    if span == 0:
        return np.where(values <= middle, 0, 255).astype(np.uint8)
    return _to_bytes((values - middle) / span + 0.5)


def full_levels(values: np.ndarray, bits: int) -> np.ndarray:
    """Returns the levels of values that span the full range of `bits` bits, 0 being black."""
    return _to_bytes(values / (2**bits - 1))


def eight_bits(pixels: np.ndarray) -> np.ndarray:
    """Returns (H, W) uint16 as uint8 by `percentile_levels`."""
    counts = np.bincount(pixels.ravel(), minlength=2**16)
    return percentile_levels(np.arange(2**16, dtype=np.float64), counts)[pixels]


def _to_bytes(shares: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)
