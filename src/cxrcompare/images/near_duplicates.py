"""Finds nearly equal images in different splits by a perceptual hash and the correlation of detail.

An image is reduced to 32 x 32 pixels. Its hash has 64 bits: the signs of the horizontal differences
of an 8 x 9 reduction (a difference hash), each relative to the median difference of all images, as
radiographs share their coarse structure. Images are compared if their hashes share one of four
16-bit parts and differ in few bits, so not all pairs are compared. A pair is reported if the
correlation of the detail of the two reduced images, i.e. what a blur removes, is high. Copies that
are re-encoded, resized, or changed in brightness or noise are found so. Cropped and mirrored copies
are found by `copies.changed_copies`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from cxrcompare.image_table import SPLITS, ImageTable
from cxrcompare.images.copies import changed_copies, windows
from cxrcompare.progress import track

CORRELATION = 0.97
"""Least correlation of detail of a reported pair.

The highest value of images of different patients is 0.83 in 498,823 pairs of NIH ChestX-ray14, and
0.96 in the synthetic sample at 48 pixels, whose images are made by one program.
"""

DISTANCE = 8
"""Largest number of different bits of the hashes of two images that are compared."""

MOST = 100_000
"""Largest number of reported pairs."""

COLUMNS = (
    "image_a",
    "split_a",
    "patient_a",
    "image_b",
    "split_b",
    "patient_b",
    "correlation",
    "change",
)

SAME_FRAME, CROPPED, MIRRORED = "same frame", "cropped", "mirrored"
"""What differs between two images: brightness and noise; also their frame; also their direction."""

_SIDE = 32
_BITS = 64
_PARTS = 4
_FEW = 1000
"""With at most this number of images, all pairs are compared."""
_CHUNK = 1 << 14
"""Number of pairs or images that are processed together."""


class Pair(NamedTuple):
    """Two images in different splits with nearly equal content.

    Attributes:
        first: The row of the first image.
        second: The row of the second image, which is larger.
        correlation: The correlation of the detail of both images, aligned if the change is not
            "same frame".
        change: "same frame", "cropped" or "mirrored"; a mirrored copy may be cropped.
    """

    first: int
    second: int
    correlation: float
    change: str = SAME_FRAME


def find(images: np.ndarray, splits: np.ndarray, changed: bool = True) -> list[Pair]:
    """Returns the pairs of nearly equal images in different splits, by row; at most `MOST`.

    Images of one grey level are not compared. Working memory is 2.7 kB per image.

    Args:
        images: (N, size, size) uint8; may be memory-mapped.
        splits: (N,) int, the split of each image; images with a negative number are ignored.
        changed: Whether cropped and mirrored copies are searched, too.
    """
    rows = np.flatnonzero(splits >= 0)
    if len(np.unique(splits[rows])) < 2:
        return []
    detail, differences, levels = _reduce(images, rows)
    varied = detail.any(axis=1)
    rows, detail, differences, levels = (
        array[varied] for array in (rows, detail, differences, levels)
    )
    found: dict[tuple[int, int], float] = {}
    for first, second in _candidates(_hashes(differences), splits[rows]):
        correlations = np.einsum(
            "pd,pd->p", detail[first].astype(np.float32), detail[second].astype(np.float32)
        )
        close = np.flatnonzero(correlations >= CORRELATION)
        for index in close:
            one, other = sorted((int(rows[first[index]]), int(rows[second[index]])))
            found[one, other] = min(float(correlations[index]), 1.0)
        if len(found) >= MOST:
            break
    pairs = {pair: Pair(*pair, found[pair]) for pair in found}
    if changed:
        for pair in _changed(images, rows, splits[rows], levels):
            pairs.setdefault((pair.first, pair.second), pair)
    return [pairs[pair] for pair in sorted(pairs)][:MOST]


def _changed(
    images: np.ndarray, rows: np.ndarray, splits: np.ndarray, levels: np.ndarray
) -> Iterator[Pair]:
    """Yields the cropped and mirrored copies in different splits.

    Args:
        images: (N, size, size) uint8.
        rows: (R,) rows of the compared images.
        splits: (R,) int.
        levels: (R, 64), the grey levels of their central windows.
    """
    how = windows.basis(levels)
    for one, other in combinations(np.unique(splits), 2):
        first_set, second_set = np.flatnonzero(splits == one), np.flatnonzero(splits == other)
        for copy in changed_copies.find(images, rows, first_set, second_set, levels, how):
            first, second = sorted((int(rows[copy.first]), int(rows[copy.second])))
            yield Pair(first, second, copy.correlation, MIRRORED if copy.mirrored else CROPPED)


def find_in(table: ImageTable, images: np.ndarray) -> pd.DataFrame:
    """Returns the pairs of nearly equal images in different splits of a table.

    Cropped and mirrored copies are not searched among synthetic images, which all look alike.

    Args:
        table: The images and their splits.
        images: (N, size, size) uint8, in the order of the table.

    Returns:
        A row per pair with the columns `COLUMNS`; patients are blank if they are unknown.
    """
    codes = pd.Index(SPLITS[:3]).get_indexer(pd.Index(table.rows["split"]))
    pairs = find(images, codes, changed=not table.notes.get("synthetic"))
    columns: dict[str, object] = {}
    for side, rows in (("a", [p.first for p in pairs]), ("b", [p.second for p in pairs])):
        part = table.rows.iloc[rows]
        columns[f"image_{side}"] = part["image_id"].to_numpy()
        columns[f"split_{side}"] = part["split"].to_numpy()
        columns[f"patient_{side}"] = part["patient_id"].to_numpy() if table.patients_known else ""
    columns["correlation"] = [f"{pair.correlation:.3f}" for pair in pairs]
    columns["change"] = [pair.change for pair in pairs]
    return pd.DataFrame(columns, columns=list(COLUMNS))


def describe(pairs: int) -> str:
    """Returns a sentence on the search and its result, for the terminal and the protocol."""
    number = f"at least {MOST:,}" if pairs >= MOST else f"{pairs:,}" if pairs else "no"
    noun = "pair" if pairs == 1 else "pairs"
    return (
        f"{number} {noun} of nearly equal images in different splits "
        f"(correlation of detail {CORRELATION:g} or more; {changed_copies.CORRELATION:g} for "
        "cropped and mirrored copies)"
    )


def _reduce(images: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the detail, the differences and the grey levels of the central windows of images.

    Returns:
        (R, 1024) float16 of norm 1 or, for an image of one grey level, 0; and twice (R, 64)
        float32.
    """
    detail = np.zeros((len(rows), _SIDE**2), np.float16)
    differences = np.zeros((len(rows), _BITS), np.float32)
    levels = np.zeros((len(rows), windows.LEVELS), np.float32)
    with track("search near-duplicates", len(rows), "images") as advance:
        for position, row in enumerate(rows):
            image = images[row]
            levels[position] = windows.levels(windows.reduce(image), [windows.CENTRAL])[0]
            small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
            small = small.astype(np.float32)
            sharp = (small - cv2.GaussianBlur(small, (0, 0), 1.0)).ravel()
            sharp -= sharp.mean()
            norm = float(np.linalg.norm(sharp))
            if norm > 1.0:  # rounding errors of an image of one grey level are smaller
                detail[position] = sharp / norm
            coarse = cv2.resize(small, (9, 8), interpolation=cv2.INTER_AREA)
            differences[position] = np.diff(coarse, axis=1).ravel()
            if not (position + 1) % 256:
                advance(256)
    return detail, differences, levels


def _hashes(differences: np.ndarray) -> np.ndarray:
    """Returns the hash of each image, (R,) uint64; 0 for all if all pairs are to be compared."""
    if len(differences) <= _FEW:
        return np.zeros(len(differences), np.uint64)
    bits = differences > np.median(differences, axis=0)
    return np.packbits(bits, axis=1).view(np.uint64).ravel()


def _candidates(hashes: np.ndarray, splits: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the pairs to compare, each once, in chunks of two arrays of positions."""
    parts = hashes[:, None].view(np.uint16)
    waiting: list[np.ndarray] = []
    for part in range(_PARTS):
        for pairs in _equal(parts[:, part]):
            first, second = pairs
            kept = splits[first] != splits[second]
            kept &= np.bitwise_count(hashes[first] ^ hashes[second]) <= DISTANCE
            kept &= ~(parts[first, :part] == parts[second, :part]).any(axis=1)  # yielded already
            waiting.append(pairs[:, kept])
            if sum(block.shape[1] for block in waiting) >= _CHUNK:
                yield from _chunks(waiting)
                waiting = []
    if waiting:
        yield from _chunks(waiting)


def _chunks(blocks: list[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    pairs = np.concatenate(blocks, axis=1)
    for start in range(0, pairs.shape[1], _CHUNK):
        yield pairs[0, start : start + _CHUNK], pairs[1, start : start + _CHUNK]


def _equal(keys: np.ndarray) -> Iterator[np.ndarray]:
    """Yields all pairs of positions with equal keys, each once, in arrays of shape (2, P).

    The work is proportional to the number of pairs: the sorted keys are compared with themselves
    shifted by 1, 2, ..., and a position whose group has ended is dropped.
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    active = np.arange(len(keys))
    shift = 1
    while True:
        active = active[: np.searchsorted(active, len(keys) - shift)]
        active = active[ordered[active] == ordered[active + shift]]
        if not len(active):
            return
        yield np.stack([order[active], order[active + shift]])
        shift += 1
