"""Predicts images of a store as they are, and altered in each of several ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxrcompare import progress
from cxrcompare.doctor.network_input.alterations import Alteration
from cxrcompare.images.store import ImageStore
from cxrcompare.training.feeding.batches import plain_batches
from cxrcompare.training.running.predicting import predict_batches, prediction_step

_BATCH = 32


@dataclass(frozen=True)
class Altered:
    """The logits of the same images in several versions.

    Attributes:
        logits: (1 + A, N, F): first of the images as they are.
        effective: (A,) bool, whether an alteration changed any image.
    """

    logits: np.ndarray
    effective: np.ndarray


def predict_altered(
    model: Any, store: ImageStore, rows: np.ndarray, size: int, listed: Sequence[Alteration]
) -> Altered:
    """Returns the logits of images and of their altered copies.

    Args:
        model: A network of grey pixels, 0 to 255.
        store: The image store.
        rows: (N,) rows of the store.
        size: Side of the network's images in pixels.
        listed: The A alterations.
    """
    effective = np.zeros(len(listed), bool)

    def versions() -> Iterator[np.ndarray]:
        """Yields each batch as it is, then each of its altered copies."""
        for batch in plain_batches(store.pixels, rows, _BATCH, size):
            images = batch[..., 0]
            yield _input(images)
            for index, alteration in enumerate(listed):
                new = alteration.apply(images)
                effective[index] |= not np.array_equal(new, images)
                yield _input(new)

    kinds = 1 + len(listed)
    batches = -(-len(rows) // _BATCH)
    with progress.track("altered images", batches * kinds * _BATCH, "images") as advance:
        step = prediction_step(model)
        found = predict_batches(step, versions(), batches * kinds * _BATCH, advance).values
    ordered = found.reshape(batches, kinds, _BATCH, -1).swapaxes(0, 1)
    logits = ordered.reshape(kinds, batches * _BATCH, -1)[:, : len(rows)]
    return Altered(logits.astype(np.float64), effective)


def _input(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(images, np.float32)[..., None]
