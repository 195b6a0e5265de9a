"""Batches of pictures and targets straight from the memory-mapped store, made ahead by threads.

What a batch holds depends on nothing but (seed, epoch, step): training can start at any epoch and
sees the same pictures on every backend and with any number of threads.
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
from cxrcompare.training.feeding.augment import uniforms, vary
from cxrcompare.training.run_config import Augmentation

Item = TypeVar("Item")

cv2.setNumThreads(1)  # the threads here are the parallelism


@dataclass(frozen=True)
class Batch:
    """One step's input.

    Attributes:
        pixels: (B, S, S, 1) uint8, or features (B, C) float32.
        values: (B, F) float32 targets in [0, 1].
        weights: (B, F) float32, 0 where a target is not to count.
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
        weights: (n, F) float32.
        check: Called before pictures are read; raises where the store has changed.
    """

    pixels: np.ndarray | Pixels
    rows: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    check: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Plan:
    """How an epoch's batches are made.

    Attributes:
        seed: The run's seed.
        batch_size: Images in a batch.
        size: Side of the pictures in pixels.
        augmentation: How they vary.
    """

    seed: int
    batch_size: int
    size: int
    augmentation: Augmentation


def order(seed: int, epoch: int, count: int) -> np.ndarray:
    """Returns the order of an epoch, a permutation of `count`."""
    return np.random.default_rng([seed, epoch, count]).permutation(count)


def steps(count: int, batch_size: int) -> int:
    """Returns how many full batches an epoch has; the rest differs from epoch to epoch."""
    return max(1, count // batch_size)


def training_batches(source: Source, plan: Plan, epoch: int) -> Iterator[Batch]:
    """Yields an epoch's batches, all of one shape, in the order that (seed, epoch) gives.

    Fewer images than a batch holds are repeated until they fill one.

    Args:
        source: The images.
        plan: How batches are made.
        epoch: The epoch's number.
    """
    count = len(source.rows)
    places = order(plan.seed, epoch, count)
    if count < plan.batch_size:
        places = np.resize(places, plan.batch_size)
    chunks = [
        places[step * plan.batch_size : (step + 1) * plan.batch_size]
        for step in range(steps(count, plan.batch_size))
    ]
    return ahead(lambda index: _training_batch(source, plan, epoch, chunks[index]), len(chunks))


def plain_batches(
    pixels: np.ndarray | Pixels, rows: np.ndarray, batch_size: int, size: int
) -> Iterator[np.ndarray]:
    """Yields pictures as they are, (batch_size, size, size, 1) uint8; the last one is filled up.

    Args:
        pixels: (N, H, H) uint8.
        rows: The rows to take, in order; the last is repeated to fill the last batch.
        batch_size: Images in a batch.
        size: Side of the pictures in pixels.
    """
    count = -(-len(rows) // batch_size)
    filled = np.concatenate([rows, np.repeat(rows[-1:], count * batch_size - len(rows))])

    def make(index: int) -> np.ndarray:
        chunk = filled[index * batch_size : (index + 1) * batch_size]
        return take(pixels, chunk, size)[..., None]

    return ahead(make, count)


def store_batches(
    source: Source, rows: np.ndarray, batch_size: int, size: int
) -> Iterator[np.ndarray]:
    """Yields `plain_batches` of a run's store; raises JobError where the store has changed."""
    for pixels in plain_batches(source.pixels, rows, batch_size, size):
        source.check()
        yield pixels


def take(pixels: np.ndarray | Pixels, rows: np.ndarray, size: int) -> np.ndarray:
    """Returns pictures in the size asked for, (B, size, size) uint8.

    Shrinking averages over areas, growing is linear, as in the store.
    """
    if pixels.shape[1] == size:
        return pixels[rows]
    how = cv2.INTER_AREA if pixels.shape[1] > size else cv2.INTER_LINEAR
    out = np.empty((len(rows), size, size), np.uint8)
    for index, row in enumerate(rows):
        cv2.resize(pixels[row], (size, size), dst=out[index], interpolation=how)
    return out


def ahead(make: Callable[[int], Item], count: int) -> Iterator[Item]:
    """Yields make(0), make(1), ... in order, made ahead of use by a few threads.

    An error in `make` is raised where its item is due. Leaving early stops the threads.
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
    """Returns how many threads make batches: the cores less one for the device's own, 1 to 8."""
    return min(8, max(1, environment.cores() - 1))


def _training_batch(source: Source, plan: Plan, epoch: int, places: np.ndarray) -> Batch:
    source.check()
    rows = source.rows[places]
    values, weights = source.values[places], source.weights[places]
    random = uniforms(plan.seed, epoch, rows)
    pixels = np.empty((len(rows), plan.size, plan.size), np.uint8)
    same = source.pixels.shape[1] == plan.size
    pictures = (
        (source.pixels[row] for row in rows) if same else take(source.pixels, rows, plan.size)
    )
    vary(pictures, random, plan.augmentation, pixels)
    return Batch(pixels[..., None], values, weights)
