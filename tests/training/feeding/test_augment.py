"""Augmentation of an image depends on (seed, epoch, image) alone."""

import numpy as np
from scipy.stats import kstest

from cxrcompare.training.feeding.augment import affine_maps, augment, lookup_tables, uniforms
from cxrcompare.training.run_config import Augmentation

FULL = Augmentation(
    rotation=30,
    shift=0.2,
    shear=10,
    zoom=0.2,
    zoom_axes="independent",
    brightness=0.2,
    contrast=0.2,
    flip=True,
)


def test_random_numbers_depend_on_their_arguments_alone():
    together = uniforms(3, 5, np.array([7, 1, 9]))
    assert np.array_equal(together[1], uniforms(3, 5, np.array([1]))[0])
    for seed, epoch, image in [(4, 5, 1), (3, 6, 1), (3, 5, 2)]:
        assert not np.isclose(uniforms(seed, epoch, np.array([image]))[0], together[1]).any()


def test_random_numbers_are_uniform_and_independent():
    numbers = uniforms(0, 0, np.arange(20_000))
    assert numbers.min() >= 0
    assert numbers.max() < 1
    for draw in numbers.T:
        assert kstest(draw, "uniform").pvalue > 1e-4
    correlation = np.corrcoef(numbers, rowvar=False) - np.eye(numbers.shape[1])
    assert np.abs(correlation).max() < 5 / np.sqrt(20_000)
    neighbours = np.corrcoef(numbers[:-1, 0], numbers[1:, 0])[0, 1]
    assert abs(neighbours) < 5 / np.sqrt(20_000)


def test_the_middle_of_every_range_changes_nothing():
    # random 0.5 is the middle: no rotation, shift, shear; zoom 1; mirror only below 0.5
    middle = np.full((1, 10), 0.5)
    assert np.allclose(affine_maps(middle, FULL, 17), [[[1, 0, 0], [0, 1, 0]]])
    assert np.array_equal(lookup_tables(middle, FULL)[0], np.arange(256))


def test_a_quarter_turn_by_hand():
    # rotation 180 and random 0.75 give 90 degrees. With y down, output (x, y) is read from
    # (c - (y - c), c + (x - c)) with c = (size - 1) / 2 = 1: output (2, 0) from (2, 2).
    random = np.full((1, 10), 0.5)
    random[0, 0] = 0.75
    linear = affine_maps(random, Augmentation(rotation=180), 3)[0]
    assert np.allclose(linear @ [2, 0, 1], [2, 2])
    image = np.arange(9, dtype=np.uint8).reshape(1, 3, 3)
    out = np.empty_like(image)
    augment(image, random, Augmentation(rotation=180), out)
    assert np.array_equal(out[0], np.rot90(image[0], 1))


def test_a_mirror_mirrors():
    image = np.arange(64, dtype=np.uint8).reshape(1, 8, 8)
    out = np.empty_like(image)
    augment(image, np.full((1, 10), 0.4), Augmentation(flip=True), out)
    assert np.array_equal(out[0], image[0][:, ::-1])


def test_a_shift_by_hand():
    # shift 0.25 of 8 pixels, random 1.0 -> output x is read from x + 2
    random = np.full((1, 10), 0.5)
    random[0, 1] = 1.0
    image = np.arange(64, dtype=np.uint8).reshape(1, 8, 8)
    for fill, border in (("black", 0), ("nearest", image[0, :, 7:])):
        out = np.empty_like(image)
        augment(image, random, Augmentation(shift=0.25, fill=fill), out)
        assert np.array_equal(out[0, :, :6], image[0, :, 2:])
        assert (out[0, :, 6:] == border).all()


def test_brightness_and_contrast_by_hand():
    # brightness 1.2: 100 -> 120; contrast 1.2: (100 - 127.5) * 1.2 + 127.5 = 94.5 -> 94 (even)
    random = np.full((1, 10), 0.5)
    random[0, 7] = 1.0
    assert lookup_tables(random, Augmentation(brightness=0.2))[0, [0, 100, 250]].tolist() == [
        0,
        120,
        255,
    ]
    random[0, 7:9] = 0.5, 1.0
    assert lookup_tables(random, Augmentation(contrast=0.2))[0, 100] == 94


def test_an_image_does_not_depend_on_its_batch():
    images = np.random.default_rng(0).integers(0, 255, (4, 16, 16), dtype=np.uint8)
    before = images.copy()
    random = uniforms(0, 1, np.arange(4))
    out, alone = np.empty_like(images), np.empty_like(images[:1])
    augment(images, random, FULL, out)
    augment(images[2:3], random[2:3], FULL, alone)
    assert np.array_equal(out[2], alone[0])
    assert np.array_equal(images, before)
    assert not np.array_equal(out, images)
