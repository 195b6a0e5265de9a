"""Aligns one image with a window of another and returns the correlation of their detail.

The window is first looked for near its presumed position at three scales, by normalised
cross-correlation. An affine alignment then maximises the correlation (Evangelidis and Psarakis
2008, doi:10.1109/TPAMI.2008.113). Black padding at the edges is left out.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from cxrcompare.images.copies.windows import CENTRAL, SIDE, Window

ROUGH = 0.5
"""Least correlation before the alignment; pairs below it are not aligned."""

MOST_DISTORTED = 0.05
"""Largest distortion of an alignment: crops and rotations have none."""

_SCALES = (0.94, 1.0, 1.06)
_MARGIN = 5
"""Distance in pixels to which a window is looked for."""
_BLUR = 2.0
"""Standard deviation in pixels of the blur that detail lacks."""
_REGION = 4.0
"""Standard deviation in pixels of the region in which contrast is made equal."""
_FLOOR = 0.1
"""Contrast that counts as noise, in units of the mean variance of detail."""
_STEPS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)


class _Match(NamedTuple):
    """Correlation, position and size of a window, in pixels."""

    correlation: float
    left: int
    top: int
    width: int
    height: int


def correlation(whole: np.ndarray, part: np.ndarray, presumed: Window) -> float:
    """Returns the correlation of detail of two aligned images; 0 if they cannot be aligned.

    Args:
        whole: (64, 64) uint8.
        part: (64, 64) uint8, whose central window is compared.
        presumed: The window of `whole` that shows about the same as that of `part`.
    """
    match = _look(whole, part, presumed)
    if match.correlation < ROUGH:
        return 0.0
    left, top, right, bottom = CENTRAL
    start = np.array(
        [
            [match.width / (right - left), 0, match.left],
            [0, match.height / (bottom - top), match.top],
        ],
        np.float32,
    )
    central = part[top:bottom, left:right]
    try:
        _, warp = cv2.findTransformECC(
            central.astype(np.float32),
            whole.astype(np.float32),
            start,
            cv2.MOTION_AFFINE,
            _STEPS,
            None,
            3,
        )
    except cv2.error:  # the alignment did not converge
        return 0.0
    if _distortion(warp[:, :2]) > MOST_DISTORTED:
        return 0.0
    moved = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float32)
    return _compare(whole, part, (warp @ moved).astype(np.float32))


def _distortion(warp: np.ndarray) -> float:
    """Returns how much a 2 x 2 map stretches one direction more than another; 0 if it does not."""
    largest, smallest = np.linalg.svd(warp, compute_uv=False)
    return float(largest / max(smallest, 1e-6)) - 1


def _look(whole: np.ndarray, part: np.ndarray, presumed: Window) -> _Match:
    """Returns the position of the central window of an image in another, near the presumed one."""
    left, top, right, bottom = CENTRAL
    central = part[top:bottom, left:right].astype(np.float32)
    detail = _detail(whole)
    best = _Match(-1.0, 0, 0, 1, 1)
    for scale in _SCALES:
        width = round((presumed.right - presumed.left) * scale)
        height = round((presumed.bottom - presumed.top) * scale)
        if max(width, height) > SIDE:
            continue
        way = cv2.INTER_AREA if width < central.shape[1] else cv2.INTER_LINEAR
        template = _detail(cv2.resize(central, (width, height), interpolation=way))
        x0, x1 = _range(presumed.left, presumed.right, width)
        y0, y1 = _range(presumed.top, presumed.bottom, height)
        found = cv2.matchTemplate(detail[y0:y1, x0:x1], template, cv2.TM_CCOEFF_NORMED)
        _, value, _, (x, y) = cv2.minMaxLoc(found)
        if value > best.correlation:
            best = _Match(float(value), x0 + x, y0 + y, width, height)
    return best


def _range(first: int, last: int, length: int) -> tuple[int, int]:
    """Returns the pixels in which a length is looked for around the middle of two pixels."""
    start = max(round((first + last - length) / 2) - _MARGIN, 0)
    end = min(start + length + 2 * _MARGIN, SIDE)
    return min(start, end - length), end


def _compare(whole: np.ndarray, part: np.ndarray, warp: np.ndarray) -> float:
    """Returns the correlation of detail where both images have no padding."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(whole, warp, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(_shown(whole), warp, (SIDE, SIDE), flags=flags) & _shown(part)
    left, top, right, bottom = CENTRAL
    inside = (slice(top, bottom), slice(left, right))
    mask = shown[inside].astype(bool)
    if mask.mean() < 0.5:
        return 0.0
    first, second = (_smooth_detail(image)[inside][mask] for image in (moved, part))
    first, second = first - first.mean(), second - second.mean()
    norms = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / norms if norms > mask.sum() * 0.01 else 0.0


def _shown(image: np.ndarray) -> np.ndarray:
    """Returns 1 where an image has no black padding within reach of the blur, (64, 64) uint8."""
    columns, rows = np.flatnonzero(image.any(axis=0)), np.flatnonzero(image.any(axis=1))
    mask = np.zeros((SIDE, SIDE), np.uint8)
    if len(rows):
        reach = round(2 * _BLUR)
        x0, x1 = (int(columns[0]), int(columns[-1]) + 1)
        y0, y1 = (int(rows[0]), int(rows[-1]) + 1)
        x0, y0 = (x0 + reach if x0 else 0), (y0 + reach if y0 else 0)
        x1, y1 = (x1 - reach if x1 < SIDE else x1), (y1 - reach if y1 < SIDE else y1)
        mask[y0:y1, x0:x1] = 1
    return mask


def _detail(image: np.ndarray) -> np.ndarray:
    levels = image.astype(np.float32)
    return np.asarray(levels - cv2.GaussianBlur(levels, (0, 0), _BLUR))


def _smooth_detail(image: np.ndarray) -> np.ndarray:
    """Returns detail of equal contrast everywhere, without the noise of single pixels.

    Without equal contrast, a few sharp edges, as of a collimator, decide the correlation.
    """
    detail = cv2.GaussianBlur(_detail(image), (0, 0), 0.7)
    local = cv2.GaussianBlur(detail**2, (0, 0), _REGION)
    return np.asarray(detail / np.sqrt(local + _FLOOR * local.mean() + 1e-3))
