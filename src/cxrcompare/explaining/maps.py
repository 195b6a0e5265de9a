"""The maps of a run's network for a sequence of images."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxrcompare.predictions import split_name
from cxrcompare.progress import Advance, silent

CELLS = 8
"""Maps with fewer rows or columns of cells are refined, see `fineness`."""

_FINEST = 8


@dataclass(frozen=True)
class Maps:
    """Maps of one network: how much each part of an image adds to each logit.

    Attributes:
        run: The name of the run, e.g. "densenet121__seed0".
        ids: The N images.
        findings: The F findings.
        values: (N, F, H, W) float32, signed. A cell is the H-th and W-th part of the square image.
        logits: (N, F) float32 logits of the images.
        image_size: Side of the network's images in pixels.
        fineness: The number of shifts in each direction whose maps were interleaved; 1: none.
        checkpoint: SHA-256 of the network's file; empty if unknown.
    """

    run: str
    ids: tuple[str, ...]
    findings: tuple[str, ...]
    values: np.ndarray
    logits: np.ndarray
    image_size: int
    fineness: int = 1
    checkpoint: str = ""

    @property
    def model(self) -> str:
        """The network's name, from the name of the run."""
        return split_name(self.run)[0]

    @property
    def seed(self) -> str:
        """The seed as text, from the name of the run; empty if it has none."""
        return split_name(self.run)[1]

    @property
    def method(self) -> str:
        """How the maps were made, in words."""
        plain = "class activation map of the logit, one forward pass"
        if self.fineness == 1:
            return plain
        return f"{plain} for each of {self.fineness} x {self.fineness} shifts of the image"

    @property
    def probabilities(self) -> np.ndarray:
        """The (N, F) probabilities of the network."""
        return np.asarray(1 / (1 + np.exp(-self.logits.astype(np.float64))))


def fineness(cells: int) -> int:
    """Returns the number of shifts in each direction that give at least `CELLS` cells.

    Args:
        cells: Rows of cells of the plain map, at least 1.

    Returns:
        1, 2, 4 or 8.
    """
    factor = 1
    while cells * factor < CELLS and factor < _FINEST:
        factor *= 2
    return factor


def compute(
    model: Any, batches: Iterable[np.ndarray], count: int, advance: Advance = silent
) -> tuple[np.ndarray, np.ndarray, int]:
    """Returns the logits and the maps of images.

    A network halves the image five times, so that a map of 64 pixels has 2 x 2 cells. Such maps are
    refined: the image is shifted by fractions of a cell in both directions, and the maps of all
    shifts are interleaved. The weights are the network's own. The mean of a refined map is the mean
    of the logits of the shifted images, less the bias; it equals the logit only as far as the
    network does not mind shifts.

    Args:
        model: From `models.with_maps`.
        batches: Batches of images of one shape, (B, S, S, 1) uint8; rows beyond `count` are padding
            and ignored.
        count: The number of images N; fewer are returned if `batches` has fewer.
        advance: Called with the number of new images after each batch.

    Returns:
        Logits (N, F), maps (N, F, H, W), both float32, and the number of shifts in each direction.
    """
    logits: list[np.ndarray] = []
    maps: list[np.ndarray] = []
    factor, done = 1, 0
    for images in batches:
        batch_logits, plain = _predict(model, images)
        factor = fineness(plain.shape[1])
        if factor > 1:
            plain = _interleaved(model, images, plain.shape[1:3], plain.shape[3], factor)
        kept = min(len(images), count - done)
        logits.append(batch_logits[:kept])
        maps.append(np.moveaxis(plain[:kept], 3, 1))
        done += kept
        advance(kept)
    if not logits:
        return np.empty((0, 0), np.float32), np.empty((0, 0, 1, 1), np.float32), 1
    return np.concatenate(logits), np.concatenate(maps), factor


def _interleaved(
    model: Any, images: np.ndarray, cells: tuple[int, int], findings: int, factor: int
) -> np.ndarray:
    """Returns the maps of shifted images, (B, H * factor, W * factor, F), each cell in its place.

    The edge pixels are repeated outside the image.
    """
    shifts = [_shifts(images.shape[1], count, factor) for count in cells]
    margin = max(map(abs, itertools.chain(*shifts)))
    edges = ((0, 0), (margin, margin), (margin, margin), (0, 0))
    padded = np.pad(images, edges, mode="edge")
    height, width = images.shape[1:3]
    fine = np.empty((len(images), cells[0] * factor, cells[1] * factor, findings), np.float32)
    for (row, down), (column, right) in itertools.product(*map(enumerate, shifts)):
        top, left = margin + down, margin + right
        _, part = _predict(model, padded[:, top : top + height, left : left + width])
        fine[:, row::factor, column::factor] = part
    return fine


def _shifts(size: int, cells: int, factor: int) -> list[int]:
    """Returns the shifts in pixels that put the centres of cells into the centres of their parts.

    With 2 cells of 32 pixels and a factor of 4: -12, -4, 4, 12.
    """
    cell = size / cells
    return [round(((part + 0.5) / factor - 0.5) * cell) for part in range(factor)]


def _predict(model: Any, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    logits, maps = model.predict_on_batch(images)
    return np.asarray(logits, np.float32), np.asarray(maps, np.float32)
