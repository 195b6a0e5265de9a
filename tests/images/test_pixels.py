"""Tests of the images of a store: indexing, and the check of each image at its first read."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.errors import InputError
from cxrcompare.images import pixels as checked
from cxrcompare.images.pixels import Pixels, image_hash
from cxrcompare.images.prepare import open_store
from cxrcompare.images.preview import preview

from .conftest import flip


def made(count: int = 5) -> tuple[np.ndarray, Pixels]:
    """Returns random images, and the same images with their hashes."""
    images = np.random.default_rng(count).integers(0, 256, (count, 4, 4), dtype=np.uint8)
    hashes = np.array([list(image_hash(image)) for image in images], np.uint8).reshape(-1, 16)
    return images, Pixels(images, hashes, lambda row: InputError(f"changed: {row}"))


def test_the_hash_is_xxh3_of_the_rows_one_after_another():
    image = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert image_hash(image) == xxhash.xxh3_128_digest(bytes(range(16)))
    assert image_hash(image.T) == image_hash(np.ascontiguousarray(image.T)) != image_hash(image)


INDEX = st.one_of(
    st.integers(-5, 4),
    st.slices(5),
    st.lists(st.integers(-5, 4), max_size=8),
    st.lists(st.integers(-5, 4), min_size=1, max_size=8).map(np.array),
    st.lists(st.booleans(), min_size=5, max_size=5).map(np.array),
)


@settings(max_examples=200)
@given(st.lists(INDEX, min_size=1, max_size=4))
def test_any_index_gives_what_the_array_gives(indices):
    images, pixels = made()
    assert pixels.shape == images.shape
    assert len(pixels) == 5
    for index in indices:
        rows = np.array(index, int) if isinstance(index, list) else index
        assert np.array_equal(pixels[index], images[rows])


@settings(max_examples=200)
@given(INDEX, st.integers(0, 4))
def test_a_changed_image_is_refused_exactly_when_it_is_read(index, row):
    images, pixels = made()
    images[row, 2, 2] ^= 1
    rows = np.array(index, int) if isinstance(index, list) else index
    if row in np.atleast_1d(np.arange(5)[rows]):
        with pytest.raises(InputError, match=f"^changed: {row}$"):
            _ = pixels[index]
    else:
        assert np.array_equal(pixels[index], images[rows])


def test_a_row_beyond_the_last_is_an_error_of_indexing():
    _, pixels = made()
    for index in (5, -6, [0, 5]):
        with pytest.raises(IndexError):
            _ = pixels[index]


def test_a_changed_image_is_found_when_it_is_read_and_no_other(store):
    flip(store / "images.npy", 128 + 2 * 16 * 16 + 7)
    opened = open_store(store)
    assert opened.pixels[[0, 1, 3, 4]].shape == (4, 16, 16)
    for rows in (2, np.int64(2), [1, 2], np.array([4, 2]), slice(1, 3), np.arange(5) == 2, -3):
        with pytest.raises(InputError, match=r"store: .* for 0002 \(row 3 of images\.npy\)"):
            _ = opened.pixels[rows]
    with pytest.raises(InputError, match="0002"):
        opened.verify()
    with pytest.raises(InputError, match="0002"):
        preview(opened, 5, store / "preview.png")


def test_an_image_is_hashed_once_whichever_way_it_is_read(store, monkeypatch):
    hashed = []
    real = checked.image_hash
    monkeypatch.setattr(checked, "image_hash", lambda image: (hashed.append(1), real(image))[1])
    pixels = open_store(store).pixels
    for rows in (0, [0, 1], np.array([1, 0, 2]), slice(None), np.ones(5, bool), -1):
        _ = pixels[rows]
    assert len(hashed) == 5


def test_threads_share_the_check(store):
    flip(store / "images.npy", -1)
    pixels, found = open_store(store).pixels, []

    def work() -> None:
        for row in range(5):
            try:
                found.append((row, pixels[row].sum()))
            except InputError:
                found.append((row, None))

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    images = np.load(store / "images.npy")
    expected = [*((row, images[row].sum()) for row in range(4)), (4, None)]
    assert sorted(found, key=str) == sorted(expected * 8, key=str)
