"""Batches depend on (seed, epoch, step) alone."""

import threading

import numpy as np
import pytest

from cxrcompare.training.feeding.batches import (
    Plan,
    Source,
    order,
    plain_batches,
    prefetch,
    steps,
    take,
    training_batches,
)
from cxrcompare.training.run_config import Augmentation

PLAIN = Augmentation()


def source(count: int = 21, size: int = 8) -> Source:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (count + 4, size, size), dtype=np.uint8)
    rows = rng.permutation(count + 4)[:count]
    values = rng.random((count, 2)).astype(np.float32)
    weights = (rng.random((count, 2)) < 0.8).astype(np.float32)
    return Source(pixels, rows, values, weights)


def test_an_epoch_shows_images_with_their_own_targets_each_once():
    data = source()
    batches = list(training_batches(data, Plan(0, 5, 8, PLAIN), 3))
    assert len(batches) == steps(21, 5) == 4
    pixels = np.concatenate([batch.pixels for batch in batches])
    assert pixels.shape == (20, 8, 8, 1)
    assert pixels.dtype == np.uint8
    indices = [
        int(np.flatnonzero((data.pixels[data.rows] == image[..., 0]).all(axis=(1, 2)))[0])
        for image in pixels
    ]
    assert len(set(indices)) == 20
    assert np.array_equal(np.concatenate([b.values for b in batches]), data.values[indices])
    assert np.array_equal(np.concatenate([b.weights for b in batches]), data.weights[indices])
    assert indices == order(0, 3, 21)[:20].tolist()


def test_order_changes_with_seed_and_epoch_and_comes_back():
    assert np.array_equal(order(1, 2, 50), order(1, 2, 50))
    assert not np.array_equal(order(1, 2, 50), order(1, 3, 50))
    assert not np.array_equal(order(1, 2, 50), order(2, 2, 50))
    assert not np.array_equal(order(1, 2, 50), order(2, 1, 50))


def test_batches_are_the_same_with_any_number_of_threads(monkeypatch):
    varied = Plan(4, 5, 8, Augmentation(rotation=20, brightness=0.3))
    found = []
    for threads in (1, 4):
        monkeypatch.setattr(
            "cxrcompare.training.feeding.batches.threads", lambda threads=threads: threads
        )
        found.append(list(training_batches(source(), varied, 2)))
    for one, other in zip(*found, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert np.array_equal(one.values, other.values)
        assert np.array_equal(one.weights, other.weights)


def test_augmentation_differs_between_epochs():
    varied = Plan(4, 21, 8, Augmentation(rotation=20))
    one, other = (next(training_batches(source(), varied, epoch)).pixels for epoch in (0, 1))
    assert not np.array_equal(np.sort(one.ravel()), np.sort(other.ravel()))


def test_fewer_images_than_a_batch_are_repeated():
    batches = list(training_batches(source(3), Plan(0, 8, 8, PLAIN), 0))
    assert [batch.pixels.shape for batch in batches] == [(8, 8, 8, 1)]


def test_plain_batches_are_in_order_and_filled_up():
    data = source()
    batches = list(plain_batches(data.pixels, data.rows, 8, 8))
    assert [batch.shape for batch in batches] == [(8, 8, 8, 1)] * 3
    assert np.array_equal(np.concatenate(batches)[:21, :, :, 0], data.pixels[data.rows])
    assert (batches[-1][5:] == batches[-1][4]).all()


def test_shrinking_averages_over_areas():
    pixels = np.arange(16, dtype=np.uint8).reshape(1, 4, 4) * 4
    # each new pixel is the mean of four: (0 + 4 + 16 + 20) / 4 = 10
    assert take(pixels, np.array([0]), 2)[0].tolist() == [[10, 18], [42, 50]]


def test_the_store_is_checked_before_images_are_read():
    def changed() -> None:
        raise OSError("changed")

    data = source()
    watched = Source(data.pixels, data.rows, data.values, data.weights, changed)
    with pytest.raises(OSError, match="changed"):
        next(training_batches(watched, Plan(0, 5, 8, PLAIN), 0))


def test_an_error_in_a_thread_comes_out_where_its_batch_is_due():
    def make(index: int) -> int:
        if index == 2:
            raise ValueError("third")
        return index

    items = prefetch(make, 5)
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(ValueError, match="third"):
        next(items)


def test_closing_early_stops_all_threads():
    items = prefetch(lambda index: index, 1_000)
    assert next(items) == 0
    items.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batches")]
