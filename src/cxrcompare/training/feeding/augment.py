"""Augmentation of images: one affine map and one grey-level lookup table per image and epoch.

The random numbers come from a counter-based generator, a hash of (seed, epoch, image, index), and
not from a stream. The augmentation of an image is therefore the same on every backend, in any
order, and after an interruption.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from cxrcompare.training.run_config import Augmentation

_DRAWS = 10
_BORDER = {"nearest": cv2.BORDER_REPLICATE, "black": cv2.BORDER_CONSTANT}


def uniforms(seed: int, epoch: int, images: np.ndarray, draws: int = _DRAWS) -> np.ndarray:
    """Returns random numbers in [0, 1), (B, draws) float64, which depend on the arguments alone.

    Args:
        seed: The run's seed.
        epoch: The epoch's number.
        images: (B,) the images' rows in the store.
        draws: Number of random numbers per image.

    Source: SplitMix64 (Steele, Lea, Flood 2014, doi 10.1145/2660193.2660195) as a hash.
    """
    key = _mix(_mix(np.array([seed], np.uint64)) ^ np.array([epoch], np.uint64))
    state = _mix(key ^ np.asarray(images, np.uint64))
    counters = np.arange(1, draws + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (_mix(state[:, None] + counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def affine_maps(random: np.ndarray, augmentation: Augmentation, size: int) -> np.ndarray:
    """Returns the affine map of each image, from output to input coordinates, (B, 2, 3).

    The transforms are relative to the centre and are applied to output coordinates in the reverse
    of this order: rotation, shift, shear, zoom, mirror. Order and meaning are those of Keras's
    `ImageDataGenerator`.

    Args:
        random: (B, at least 7) in [0, 1).
        augmentation: The ranges.
        size: Side of the images in pixels.
    """
    centred = 2 * random - 1
    angle = np.deg2rad(centred[:, 0] * augmentation.rotation)
    shift = centred[:, 1:3] * augmentation.shift * size
    shear = np.deg2rad(centred[:, 3] * augmentation.shear)
    zoom = 1 + centred[:, 4:6] * augmentation.zoom
    if augmentation.zoom_axes == "same":
        zoom[:, 1] = zoom[:, 0]
    mirror = np.where(random[:, 6] < 0.5, -1.0, 1.0) if augmentation.flip else 1.0
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)
    one, none = np.ones_like(shear), np.zeros_like(shear)
    slant = np.stack([np.stack([one, -np.sin(shear)], -1), np.stack([none, np.cos(shear)], -1)], -2)
    scale = np.stack(
        [np.stack([zoom[:, 0] * mirror, none], -1), np.stack([none, zoom[:, 1]], -1)], -2
    )
    linear = turn @ slant @ scale
    centre = np.full(2, (size - 1) / 2)
    offset = (turn @ shift[:, :, None])[:, :, 0] + centre - linear @ centre
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def lookup_tables(random: np.ndarray, augmentation: Augmentation) -> np.ndarray:
    """Returns the grey-level lookup table of each image, (B, 256) uint8.

    Args:
        random: (B, at least 9) in [0, 1).
        augmentation: The ranges.
    """
    centred = 2 * random - 1
    brightness = 1 + centred[:, 7:8] * augmentation.brightness
    contrast = 1 + centred[:, 8:9] * augmentation.contrast
    levels = (np.arange(256) * brightness - 127.5) * contrast + 127.5
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def augment(
    images: Iterable[np.ndarray], random: np.ndarray, augmentation: Augmentation, out: np.ndarray
) -> None:
    """Writes the augmented images to `out`, with one interpolation and one copy per image.

    Args:
        images: B images, (S, S) uint8 each; not modified.
        random: (B, draws) in [0, 1), from `uniforms`.
        augmentation: The ranges.
        out: (B, S, S) uint8.
    """
    size = out.shape[1]
    matrices = affine_maps(random, augmentation, size) if augmentation.geometric else None
    lookup = lookup_tables(random, augmentation) if augmentation.photometric else None
    for index, image in enumerate(images):
        target = out[index]
        if matrices is None:
            target[...] = image
        else:
            cv2.warpAffine(
                image,
                matrices[index],
                (size, size),
                dst=target,
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=_BORDER[augmentation.fill],
            )
        if lookup is not None:
            cv2.LUT(target, lookup[index], dst=target)


def _mix(value: np.ndarray) -> np.ndarray:
    """Returns SplitMix64's finaliser of each value; uint64 arithmetic wraps around."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
