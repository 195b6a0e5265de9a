"""Batches of images and targets from the memory-mapped store, prefetched by threads.

The content of a batch depends on (seed, epoch, step) alone. Training can therefore resume at any
epoch, and gets the same images on every backend and with any number of threads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from cxrcompare import environment
from cxrcompare.images.pixels import Pixels
from cxrcompare.training.feeding.augment import augment, uniforms
from cxrcompare.training.run_config import Augmentation

Item = TypeVar("Item")

cv2.setNumThreads(1)  # the threads here are the parallelism


@dataclass(frozen=True)
class Batch:
    """The input of one training step.

    Attributes:
        pixels: (B, S, S, 1) uint8, or features (B, C) float32.
        values: (B, F) float32 targets in [0, 1].
        weights: (B, F) float32; 0 masks a target.
    """

    pixels: np.ndarray
    values: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Source:
    """The images to train on.

    Attributes:
        pixels: (N, H, H) uint8, the whole store; a store's `Pixels` checks each image.
        rows: (n,) rows of the store to use.
        values: (n, F) float32 targets of those rows.
        weights: (n, F) float32 weights of the targets.
        check: Called before images are read; raises an error if the store has changed.
    """

    pixels: np.ndarray | Pixels
    rows: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    check: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Plan:
    """The settings of the batches of an epoch.

    Attributes:
        seed: The run's seed.
        batch_size: Images in a batch.
        size: Side of the images in pixels.
        augmentation: The augmentation of the images.
    """

    seed: int
    batch_size: int
    size: int
    augmentation: Augmentation


def order(seed: int, epoch: int, count: int) -> np.ndarray:
    """Returns the order of the images in an epoch, a permutation of 0 to `count` - 1."""
    return np.random.default_rng([seed, epoch, count]).permutation(count)


def steps(count: int, batch_size: int) -> int:
    """Returns the number of full batches in an epoch; at least 1.

    The images that do not fill a batch are left out; they differ between epochs.
    """
    return max(1, count // batch_size)


def training_batches(source: Source, plan: Plan, epoch: int) -> Iterator[Batch]:
    """Yields the batches of an epoch, all of the same shape, in an order set by (seed, epoch).

    If there are fewer images than the batch size, images are repeated to fill one batch.

    Args:
        source: The images.
        plan: The settings of the batches.
        epoch: The epoch's number.
    """
    count = len(source.rows)
    indices = order(plan.seed, epoch, count)
    if count < plan.batch_size:
        indices = np.resize(indices, plan.batch_size)
    chunks = [
        indices[step * plan.batch_size : (step + 1) * plan.batch_size]
        for step in range(steps(count, plan.batch_size))
    ]
    return prefetch(lambda step: _training_batch(source, plan, epoch, chunks[step]), len(chunks))


def plain_batches(
    pixels: np.ndarray | Pixels, rows: np.ndarray, batch_size: int, size: int
) -> Iterator[np.ndarray]:
    """Yields batches of images without augmentation, (batch_size, size, size, 1) uint8.

    Args:
        pixels: (N, H, H) uint8.
        rows: The rows to read, in order; the last is repeated to fill the last batch.
        batch_size: Images in a batch.
        size: Side of the images in pixels.
    """
    count = -(-len(rows) // batch_size)
    filled = np.concatenate([rows, np.repeat(rows[-1:], count * batch_size - len(rows))])

    def make(index: int) -> np.ndarray:
        chunk = filled[index * batch_size : (index + 1) * batch_size]
        return take(pixels, chunk, size)[..., None]

    return prefetch(make, count)


def store_batches(
    source: Source, rows: np.ndarray, batch_size: int, size: int
) -> Iterator[np.ndarray]:
    """Yields `plain_batches` of a run's store.

    Raises:
        InputError: A file of the store is gone.
        JobError: The store has changed.
    """
    return checked_batches(source.pixels, rows, batch_size, size, source.check)


def checked_batches(
    pixels: np.ndarray | Pixels,
    rows: np.ndarray,
    batch_size: int,
    size: int,
    check: Callable[[], None],
) -> Iterator[np.ndarray]:
    """Yields `plain_batches`, with a check before each and after the last.

    Args:
        pixels: See `plain_batches`.
        rows: See `plain_batches`.
        batch_size: See `plain_batches`.
        size: See `plain_batches`.
        check: Raises an error if the store has changed, e.g. a `StoreCheck`.
    """
    check()
    for batch in plain_batches(pixels, rows, batch_size, size):
        check()
        yield batch
    check()


def take(pixels: np.ndarray | Pixels, rows: np.ndarray, size: int) -> np.ndarray:
    """Returns images resized to (B, size, size) uint8.

    Downsizing averages over areas and upsizing interpolates linearly, as in the store.
    """
    if pixels.shape[1] == size:
        return pixels[rows]
    interpolation = cv2.INTER_AREA if pixels.shape[1] > size else cv2.INTER_LINEAR
    out = np.empty((len(rows), size, size), np.uint8)
    for index, row in enumerate(rows):
        cv2.resize(pixels[row], (size, size), dst=out[index], interpolation=interpolation)
    return out


def prefetch(make: Callable[[int], Item], count: int) -> Iterator[Item]:
    """Yields make(0), make(1), ... in order, computed in advance by a few threads.

    An error in `make` is raised when its item is due. Closing the iterator early stops the threads.
    """
    workers = threads()
    with ThreadPoolExecutor(workers, thread_name_prefix="batches") as pool:
        waiting: deque[Future[Item]] = deque()
        try:
            for index in range(count):
                while len(waiting) < 2 * workers + 1 and index + len(waiting) < count:
                    waiting.append(pool.submit(make, index + len(waiting)))
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def threads() -> int:
    """Returns the number of loader threads: the cores minus one, which is left to the framework.

    It is at least 1 and at most 8.
    """
    return min(8, max(1, environment.cores() - 1))


def _training_batch(source: Source, plan: Plan, epoch: int, indices: np.ndarray) -> Batch:
    source.check()
    rows = source.rows[indices]
    values, weights = source.values[indices], source.weights[indices]
    random = uniforms(plan.seed, epoch, rows)
    pixels = np.empty((len(rows), plan.size, plan.size), np.uint8)
    same = source.pixels.shape[1] == plan.size
    images = (source.pixels[row] for row in rows) if same else take(source.pixels, rows, plan.size)
    augment(images, random, plan.augmentation, pixels)
    return Batch(pixels[..., None], values, weights)
