"""Masks as run lengths in COCO's compressed text, as CheXlocalize publishes them."""

from __future__ import annotations

import numpy as np

from cxrcompare.errors import InputError

_MOST_PIXELS = 100_000_000


def decode(counts: str, height: int, width: int) -> np.ndarray:
    """Returns a mask, (H, W) bool, from the compressed text of its run lengths.

    Runs alternate between 0 and 1, begin with 0, and go down the columns. Each run is a number in
    base 32 from its lowest digit, one character of code 48 to 111 per digit; bit 5 says that
    another digit follows, and bit 4 of the last digit is the sign. From the fourth run on, the
    number is the difference to the run before the previous one.

    Args:
        counts: The text.
        height: Height of the image in pixels.
        width: Width of the image in pixels.

    Raises:
        InputError: The text is no such code, or its runs do not add up to the image.

    Source of the format: the Microsoft COCO API, `maskApi` (Lin et al. 2014, arXiv 1405.0312).
    """
    if not 0 < height * width <= _MOST_PIXELS:
        raise InputError(
            f"a mask must have 1 to {_MOST_PIXELS:,} pixels. Received: {height}x{width}"
        )
    runs: list[int] = []
    value, shift = 0, 0
    for character in counts:
        digit = ord(character) - 48
        if not 0 <= digit < 64 or shift > 60:
            raise InputError(f"run lengths must be COCO's text. Received: {counts[:30]!r}")
        value |= (digit & 31) << shift
        shift += 5
        if not digit & 32:
            value -= (1 << shift) if digit & 16 else 0
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value, shift = 0, 0
    if shift or any(run < 0 for run in runs) or sum(runs) != height * width:
        raise InputError(
            f"run lengths must add up to {height} x {width} pixels. Received: {sum(runs)} pixels"
        )
    pixels = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return np.asarray(pixels.reshape(width, height).T)


def encode(mask: np.ndarray) -> str:
    """Returns the compressed text of a mask, (H, W) bool; `decode` restores it."""
    pixels = mask.T.ravel()
    changes = np.flatnonzero(np.diff(pixels)) + 1
    ends = np.concatenate([[0], changes, [pixels.size]])
    runs = np.diff(ends).tolist()
    if pixels[0]:
        runs = [0, *runs]
    text = []
    for index, run in enumerate(runs):
        value = run - (runs[index - 2] if index > 2 else 0)
        while True:
            digit, value = value & 31, value >> 5
            last = value == (-1 if digit & 16 else 0)
            text.append(chr(48 + (digit if last else digit | 32)))
            if last:
                break
    return "".join(text)
