"""map_maker: logits and maps of batches of images, by the exact method or by a contrast."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from cxrcompare import models
from cxrcompare.options.image_commands import MapMethod

CELLS = 8
"""Maps with fewer rows or columns of cells are refined, see `fineness`."""

_FINEST = 8

WORDS: dict[MapMethod, str] = {
    "class-map": "class activation map of the logit, one forward pass",
    "grad-cam++": "contrast: Grad-CAM++, without sign or unit",
    "integrated-gradients": "contrast: integrated gradients from a black image",
    "occlusion": "contrast: fall of the logit if a part of the image is grey",
}
"""The methods in words."""


class MapMaker(NamedTuple):
    """Makes the maps of a network.

    Attributes:
        model: The network, with maps as a second output for the method class-map.
        fineness: The number of shifts in each direction whose maps are interleaved; 1: none.
        make: Images (B, S, S, 1) uint8 -> logits (B, F) and maps (B, F, h, w), both float32.
        renewed: Returns a maker for the same network after its weights have changed.
    """

    model: Any
    fineness: int
    make: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    renewed: Callable[[], MapMaker]


def map_maker(
    model: Any, findings: Sequence[int] | None = None, method: MapMethod = "class-map"
) -> MapMaker:
    """Returns what makes the maps of a network.

    Class maps with few cells are refined: the image is shifted by fractions of a cell in both
    directions, and the maps of all shifts are interleaved. The weights are the network's own. The
    mean of a refined map is the mean of the logits of the shifted images, less the bias; it equals
    the logit only as far as shifts do not change the output.

    Args:
        model: A network of `load` or `build`.
        findings: Indices of the logits; all by default.
        method: The method.

    Raises:
        InputError: The network has another head, or no feature map.
    """
    chosen = [*range(model.output.shape[-1])] if findings is None else list(findings)
    if method == "class-map":
        both = models.with_maps(model)
        factor = fineness(int(both.output[1].shape[1]))
        exact = MapMaker(
            both, factor, lambda images: class_maps(both, images, chosen), lambda: exact
        )
        return exact
    from cxrcompare.explaining.methods import contrasts

    functions = {
        "grad-cam++": contrasts.grad_cam_plus_plus,
        "integrated-gradients": contrasts.integrated_gradients,
        "occlusion": contrasts.occlusion,
    }
    contrast: contrasts.Contrast = functions[method](model, chosen)

    def make(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits = np.asarray(model.predict_on_batch(images), np.float32)
        return logits[:, chosen], contrast(images)

    return MapMaker(model, 1, make, lambda: map_maker(model, chosen, method))


def class_maps(
    model: Any, images: np.ndarray, findings: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns logits (B, F) and class maps (B, F, H, W), refined if there are few cells.

    Args:
        model: From `models.with_maps`.
        images: (B, S, S, 1) uint8.
        findings: Indices of the logits.
    """
    logits, maps = _predict(model, images)
    factor = fineness(maps.shape[1])
    if factor > 1:
        maps = _interleaved(model, images, maps.shape[1:3], maps.shape[3], factor)
    chosen = list(findings)
    return logits[:, chosen], np.ascontiguousarray(np.moveaxis(maps, 3, 1)[:, chosen])


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
