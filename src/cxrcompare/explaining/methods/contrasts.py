"""Grad-CAM++, integrated gradients, occlusion and HiResCAM by gradients, for some findings.

They are contrasts to the exact map of `models.with_maps`. Each function compiles what it needs once
and returns a function from images, (B, S, S, 1), to maps, (B, F, h, w) float32, with a map for each
finding in the order given. A unit of HiResCAM, integrated gradients and occlusion is a logit;
Grad-CAM++ has no unit and no sign. The weights of the network must not change afterwards.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.explaining.methods.gradients import gradient, parts
from cxrcompare.training.feeding.image_source import BATCH

Contrast = Callable[[np.ndarray], np.ndarray]
"""Images (B, S, S, 1) -> maps (B, F, h, w)."""


def hirescam(model: keras.Model, findings: Sequence[int]) -> Contrast:
    """Returns HiResCAM by gradients (Draelos and Carin 2020, arXiv 2011.08891), for any head.

    The map is the sum over channels of features times gradients, times the number of cells. For the
    heads of this package it equals the exact map.

    Args:
        model: A network of `build` or `load`.
        findings: Indices of the logits.
    """

    def one(features: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        return np.asarray((features * slopes).sum(-1) * (features.shape[1] * features.shape[2]))

    return _of_features(model, findings, one)


def grad_cam_plus_plus(model: keras.Model, findings: Sequence[int]) -> Contrast:
    """Returns Grad-CAM++ (Chattopadhay et al. 2018, arXiv 1710.11063): not signed, 0 or more.

    Args:
        model: A network of `build` or `load`.
        findings: Indices of the logits.
    """

    def one(features: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        features, slopes = features.astype(np.float64), slopes.astype(np.float64)
        totals = features.sum((1, 2), keepdims=True)
        below = 2 * slopes**2 + totals * slopes**3
        alphas = np.divide(slopes**2, below, out=np.zeros_like(below), where=below != 0)
        weights = (alphas * np.maximum(slopes, 0)).sum((1, 2), keepdims=True)
        return np.asarray(np.maximum((weights * features).sum(-1), 0))

    return _of_features(model, findings, one)


def integrated_gradients(
    model: keras.Model, findings: Sequence[int], steps: int = 32, cells: int = 16
) -> Contrast:
    """Returns integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365), summed in cells.

    The baseline is a black image, and the path is integrated by the midpoint rule. A cell is the
    sum of its pixels times the number of cells, so that the mean of the map is the logit of the
    image minus that of a black image, up to the error of the integration.

    Args:
        model: A network of `build` or `load`.
        findings: Indices of the logits.
        steps: Number of points of the path, at least 1.
        cells: Rows and columns of cells; at most S are made.

    Raises:
        InputError: `steps` or `cells` is below 1.
    """
    _check(steps=steps, cells=cells)
    differentiate = gradient(model)

    def maps(images: np.ndarray) -> np.ndarray:
        found = []
        for finding in findings:
            total = np.zeros(images.shape)
            for step in range(steps):
                point = images.astype(np.float32) * ((step + 0.5) / steps)
                total += differentiate(point, finding)[1]
            attributions = (images * total / steps)[..., 0]
            found.append(_summed(attributions, min(cells, images.shape[1])))
        return np.stack(found, axis=1).astype(np.float32)

    return maps


def occlusion(model: keras.Model, findings: Sequence[int], cells: int = 8) -> Contrast:
    """Returns how much each logit falls if a part of the image is grey (Zeiler and Fergus 2014).

    Source: arXiv 1311.2901. Each of cells x cells parts is replaced by the mean grey level of its
    image, one part at a time; each pass gives a cell of the maps of all findings.

    Args:
        model: A network of `build` or `load`.
        findings: Indices of the logits.
        cells: Rows and columns of parts; at most S are made.

    Raises:
        InputError: `cells` is below 1.
    """
    chosen = list(findings)

    def logits(images: np.ndarray) -> np.ndarray:
        parts = [
            np.asarray(model.predict_on_batch(images[start : start + BATCH]), np.float32)
            for start in range(0, len(images), BATCH)
        ]
        return np.concatenate(parts)[:, chosen]

    return occlusion_of(logits, cells)


def occlusion_of(logits: Callable[[np.ndarray], np.ndarray], cells: int = 8) -> Contrast:
    """Returns the occlusion of a function, see `occlusion`.

    Args:
        logits: Images (B, S, S, 1) uint8 -> logits (B, F) float32.
        cells: Rows and columns of parts; at most S are made.

    Raises:
        InputError: `cells` is below 1.
    """
    _check(cells=cells)

    def maps(images: np.ndarray) -> np.ndarray:
        size = images.shape[1]
        edges = np.linspace(0, size, min(cells, size) + 1).round().astype(int)
        grey = images.mean((1, 2), keepdims=True).round().astype(images.dtype)
        whole = logits(images)
        fall = np.empty((*whole.shape, len(edges) - 1, len(edges) - 1), np.float32)
        columns = [*itertools.pairwise(edges)]
        for row, (top, bottom) in enumerate(columns):
            hidden = np.stack([images] * len(columns))
            for one, (left, right) in zip(hidden, columns, strict=True):
                one[:, top:bottom, left:right] = grey
            found = logits(hidden.reshape(-1, *images.shape[1:]))
            fall[:, :, row] = np.moveaxis(whole - found.reshape(-1, *whole.shape), 0, 2)
        return fall

    return maps


def _of_features(
    model: keras.Model,
    findings: Sequence[int],
    one: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> Contrast:
    """Returns a method that reads the last feature map and its gradients, (B, h, w, C) each."""
    first, second = parts(model)
    differentiate = gradient(second)

    def maps(images: np.ndarray) -> np.ndarray:
        features = _array(first(images.astype(np.float32), training=False))
        found = [one(features, differentiate(features, finding)[1]) for finding in findings]
        return np.stack(found, axis=1).astype(np.float32)

    return maps


def _summed(values: np.ndarray, cells: int) -> np.ndarray:
    """Returns the sums of (B, S, S) in cells x cells parts, times the number of parts."""
    edges = np.linspace(0, values.shape[1], cells + 1).round().astype(int)[:-1]
    return np.add.reduceat(np.add.reduceat(values, edges, 1), edges, 2) * cells**2


def _array(tensor: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor), np.float32)


def _check(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"`{name}` must be 1 or more. Received: {count}")
