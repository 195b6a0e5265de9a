"""map_maker: logits and maps of batches of images, by the exact method or by a contrast."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from cxrcompare import models
from cxrcompare.options.image_commands import MapMethod
from cxrcompare.training.feeding.image_source import BATCH

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
        logits: Images (B, S, S, 1) uint8 -> logits (B, F) float32.
        renewed: Returns a maker for the same network after its weights have changed.
    """

    model: Any
    fineness: int
    make: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    logits: Callable[[np.ndarray], np.ndarray]
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
            both,
            factor,
            lambda images: class_maps(both, images, chosen),
            lambda images: _predict(both, images)[0][:, chosen],
            lambda: exact,
        )
        return exact
    from cxrcompare.explaining.methods import contrasts

    functions = {
        "grad-cam++": contrasts.grad_cam_plus_plus,
        "integrated-gradients": contrasts.integrated_gradients,
        "occlusion": contrasts.occlusion,
    }
    contrast: contrasts.Contrast = functions[method](model, chosen)

    def logits(images: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict_on_batch(images), np.float32)[:, chosen]

    return MapMaker(
        model,
        1,
        lambda images: (logits(images), contrast(images)),
        logits,
        lambda: map_maker(model, chosen, method),
    )


def occluding(maker: MapMaker) -> MapMaker:
    """Returns what makes the occlusion maps of the same network, without compiling it again.

    Args:
        maker: Of the method class-map.
    """
    from cxrcompare.explaining.methods.contrasts import occlusion_of

    maps = occlusion_of(maker.logits)
    return maker._replace(
        make=lambda images: (maker.logits(images), maps(images)),
        renewed=lambda: occluding(maker.renewed()),
    )


def class_maps(
    model: Any, images: np.ndarray, findings: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns logits (B, F) and class maps (B, F, H, W), refined if there are few cells.

    Args:
        model: From `models.with_maps`.
        images: (B, S, S, 1) uint8.
        findings: Indices of the logits.
    """
    chosen = list(findings)
    cells = model.output[1].shape[1:3]
    factor = fineness(int(cells[0]))
    if factor > 1:
        logits, maps = _interleaved(model, images, cells, factor)
    else:
        logits, maps = _predict(model, images)
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
    model: Any, images: np.ndarray, cells: tuple[int, int], factor: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns logits, and the maps of shifted images, (B, H * factor, W * factor, F).

    Each cell is in its place. The edge pixels are repeated outside the image.
    """
    shifts = [_shifts(images.shape[1], count, factor) for count in cells]
    margin = max(map(abs, itertools.chain(*shifts)))
    edges = ((0, 0), (margin, margin), (margin, margin), (0, 0))
    padded = np.pad(images, edges, mode="edge")
    height, width = images.shape[1:3]
    moved = [
        padded[:, margin + down : margin + down + height, margin + right : margin + right + width]
        for down, right in itertools.product(*shifts)
    ]
    logits, maps = _predict(model, np.concatenate([images, *moved]))
    count, findings = len(images), logits.shape[1]
    # Shifts become rows and columns within their cell: (f, f, B, H, W, F) to (B, H, f, W, f, F).
    parts = maps[count:].reshape(factor, factor, count, *cells, findings)
    fine = parts.transpose(2, 3, 0, 4, 1, 5)
    return logits[:count], fine.reshape(count, cells[0] * factor, cells[1] * factor, findings)


def _shifts(size: int, cells: int, factor: int) -> list[int]:
    """Returns the shifts in pixels that put the centres of cells into the centres of their parts.

    With 2 cells of 32 pixels and a factor of 4: -12, -4, 4, 12.
    """
    cell = size / cells
    return [round(((part + 0.5) / factor - 0.5) * cell) for part in range(factor)]


def _predict(model: Any, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns logits and maps; more than `BATCH` images are predicted in parts of one size."""
    count = len(images)
    if count > BATCH:
        images = np.concatenate([images, np.repeat(images[-1:], -count % BATCH, axis=0)])
    found = [
        model.predict_on_batch(images[start : start + BATCH])
        for start in range(0, len(images), BATCH)
    ]
    logits, maps = (np.concatenate(parts)[:count] for parts in zip(*found, strict=True))
    return logits.astype(np.float32, copy=False), maps.astype(np.float32, copy=False)
