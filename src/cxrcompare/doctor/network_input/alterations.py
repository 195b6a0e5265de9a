"""Alterations of images, each of which corrects one frequent defect of the input of a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from cxrcompare.doctor.network_input import changed_contrast, changed_shape
from cxrcompare.models.backbones import Normalisation, scales_and_offsets

Change = Callable[[np.ndarray], np.ndarray]

_PREPARE = "Correct the files, or convert them, and run `cxrcompare prepare` again."
_RESIZE = (
    "Prepare the store from images that were resized as the training images were: `prepare` keeps "
    "the aspect ratio and pads the shorter side with black."
)
_NORMALISE = (
    "The weights expect other input values than the network computes from its pixels. Train again "
    "with the other `--normalisation`, or from weights that belong to the network."
)
_TWICE = (
    "The weights expect images that were normalised before the network normalised them again. "
    "Give raw pixels from 0 to 255 in training."
)
_CONTRAST = (
    "The grey levels were windowed or rescaled differently from the training images. " + _PREPARE
)


@dataclass(frozen=True)
class Alteration:
    """One alteration.

    Attributes:
        name: What was done to the images.
        apply: Maps (B, S, S) uint8 images to (B, S, S) images of any number type.
        advice: What to do if the network does better on these images.
    """

    name: str
    apply: Change
    advice: str


def alterations(scale: float, offset: float) -> tuple[Alteration, ...]:
    """Returns the alterations to test for a network.

    Args:
        scale: The factor of the network's own normalisation, pixel * scale + offset.
        offset: Its offset.
    """
    return (
        Alteration(
            "grey levels inverted",
            lambda images: 255 - images,
            "Bones must be bright. MONOCHROME1 files that were exported without inversion are "
            f"the usual cause. {_PREPARE}",
        ),
        Alteration(
            "mirrored left to right",
            lambda images: images[:, :, ::-1],
            f"The heart must be on the right of the image. {_PREPARE}",
        ),
        Alteration(
            "rotated by 180 degrees",
            lambda images: images[:, ::-1, ::-1],
            f"The head must be at the top. {_PREPARE}",
        ),
        Alteration(
            "black bars removed, then stretched to the square", changed_shape.stretched, _RESIZE
        ),
        Alteration(
            "black bars removed, then cropped to the square", changed_shape.short_side, _RESIZE
        ),
        Alteration("cropped to the central 7/8", changed_shape.cropped, _RESIZE),
        Alteration("shrunk to 7/8 and padded with black", changed_shape.padded, _RESIZE),
        Alteration(
            "grey range of each image stretched to 0 to 255", changed_contrast.full_range, _CONTRAST
        ),
        Alteration("histogram of each image equalised", changed_contrast.equalised, _CONTRAST),
        *_normalisations(scale, offset),
    )


def own_normalisation(model: Any) -> tuple[float, float]:
    """Returns factor and offset of a network's first rescaling; 1 and 0 if it has none.

    Args:
        model: A Keras network of one input channel.
    """
    for layer in model.layers:
        if hasattr(layer, "layers"):
            return own_normalisation(layer)
        if type(layer).__name__ == "Rescaling" and np.ndim(layer.scale) == 0:
            return float(layer.scale), float(layer.offset)
    return 1.0, 0.0


def _normalisations(scale: float, offset: float) -> list[Alteration]:
    """Returns alterations after which the network sees the values of another normalisation.

    The channels of a family's normalisation are averaged, because the input has one channel.
    """
    families: dict[str, Normalisation] = {
        "0 to 1": "unit",
        "-1 to 1": "tf",
        "ImageNet mean and deviation": "torch",
        "ImageNet mean subtracted": "caffe",
    }
    listed = []
    for name, family in families.items():
        factor, shift = (float(np.mean(values)) for values in scales_and_offsets(family))
        if not np.allclose([factor, shift], [scale, offset], rtol=0.02, atol=0.02 * scale):
            change = partial(_affine, factor / scale, (shift - offset) / scale)
            text = f"normalised to {name} instead of by the network"
            listed.append(
                Alteration(text.replace("to ImageNet", "by ImageNet"), change, _NORMALISE)
            )
        if family in ("unit", "torch"):
            text = f"normalised to {name} before the network's own normalisation"
            change = partial(_affine, factor, shift)
            listed.append(Alteration(text.replace("to ImageNet", "by ImageNet"), change, _TWICE))
    if not np.allclose([1, 0], [scale, offset]):
        change = partial(_affine, 1 / scale, -offset / scale)
        listed.append(Alteration("not normalised at all (0 to 255)", change, _NORMALISE))
    return listed


def _affine(factor: float, shift: float, images: np.ndarray) -> np.ndarray:
    return images * np.float32(factor) + np.float32(shift)
