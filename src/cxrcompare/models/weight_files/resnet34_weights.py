"""ResNet34's ImageNet weights from torchvision's and timm's checkpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.filesystem.files import sha256

ADDRESS = "https://download.pytorch.org/models/resnet34-b627a593.pth"
"""torchvision's ResNet34_Weights.IMAGENET1K_V1; its name has the first digits of its SHA-256."""


def convert(
    tensors: dict[str, np.ndarray], layers: list[str], where: str
) -> list[tuple[str, list[np.ndarray]]]:
    """Returns the arrays of each layer of `resnet34` in Keras's layout.

    A layer's name is the checkpoint's with underscores for dots. Kernels are transposed from
    (out, in, h, w) to (h, w, in, out); the four arrays of batch normalisation are unchanged. The
    classifier and the batch counters are left out.

    Args:
        tensors: A state dict of torchvision's or timm's resnet34.
        layers: The names of the layers that have weights, in order.
        where: The checkpoint's name for errors.

    Raises:
        InputError: A tensor is missing, or the network has no layer for one.
    """
    left = {
        name.replace(".", "_"): tensor
        for name, tensor in tensors.items()
        if not name.startswith("fc.") and not name.endswith(".num_batches_tracked")
    }
    converted = []
    try:
        for layer in layers:
            kernel = left.pop(f"{layer}_weight")
            if kernel.ndim == 4:
                arrays = [kernel.transpose(2, 3, 1, 0)]
            else:
                names = ("bias", "running_mean", "running_var")
                arrays = [kernel, *(left.pop(f"{layer}_{name}") for name in names)]
            converted.append((layer, [np.ascontiguousarray(x, np.float32) for x in arrays]))
    except KeyError as error:
        raise InputError(
            f"{where}: must contain resnet34's state dict. Received: no {error.args[0]}"
        ) from error
    if left:
        raise InputError(
            f"{where}: must contain resnet34's state dict. Received: another tensor, {min(left)}"
        )
    return converted


def download() -> Path:
    """Returns torchvision's checkpoint; Keras downloads it if its cache does not have it.

    The file's name has the first eight digits of its SHA-256. A file with another hash, such as
    the rest of a killed download, is downloaded once more.

    Raises:
        InputError: The file has another hash.
    """
    import keras

    name = ADDRESS.rpartition("/")[2]
    expected = name.rpartition("-")[2].removesuffix(".pth")
    for again in (False, True):
        path = Path(
            keras.utils.get_file(name, ADDRESS, cache_subdir="models", force_download=again)
        )
        if (received := sha256(path)).startswith(expected):
            return path
    raise InputError(f"{path}: its SHA-256 must begin with {expected}. Received: {received}")
