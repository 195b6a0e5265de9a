"""Weight files on disk: finds a network's file and reads it without running any of its code."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import h5py
import numpy as np

from cxrcompare.errors import InputError, reason
from cxrcompare.models.backbones import Backbone, get

SUFFIXES: tuple[str, ...] = (".h5", ".safetensors", ".pth", ".pt")
"""Suffixes of weight files; the last three are PyTorch's and are read for resnet34 only."""

Arrays = list[tuple[str, list[np.ndarray]]]
"""Names and weights of the layers with weights, in the network's order."""


def find_weights(name: str, folder: str | os.PathLike[str]) -> Path | None:
    """Returns the network's weight file in a folder, or None if there is none.

    A file belongs to a network if its name starts, in any case, with the network's name or with
    Keras's name of the file (`mobilenet_1_0_224_tf_no_top.h5`), and no letter or digit follows. Of
    several files, those without a classifier (`no_top`, `notop`) come first, then the first in
    alphabetical order.

    Args:
        name: A network of `names()`.
        folder: The folder to search, without its subfolders.

    Raises:
        InputError: The network is unknown, or the folder does not exist.
    """
    return file_of(get(name), Path(folder))


def file_of(entry: Backbone, folder: Path) -> Path | None:
    """Returns the result of `find_weights` for a network's entry."""
    if not folder.is_dir():
        raise InputError(
            f"`weights` must be imagenet, none, a file or a folder. Received: {folder}"
        )
    starts = [start.lower() for start in (entry.name, *entry.files)]
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES
        and any(_begins(path.name.lower(), start) for start in starts)
    ]
    return min(found, key=lambda path: ("top" not in path.name.lower(), path.name), default=None)


def _begins(file: str, start: str) -> bool:
    """Returns whether a file name starts with a network's name.

    `mobilenet.h5` is MobileNet's; `mobilenet_v2_...` and the narrow `mobilenet_5_0_...` are not.
    """
    return re.match(re.escape(start) + r"(?![a-z0-9]|_\d|[_-]v\d)", file) is not None


def keras_cache() -> Path:
    """Returns Keras's download folder, which may not exist."""
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"


def read_h5(path: str | os.PathLike[str]) -> Arrays:
    """Reads the weights of each layer, in the file's order, from Keras's `.h5` weights format.

    Args:
        path: A file like those that `keras.applications` downloads; of a `.h5` file of a whole
            model only the weights are read.

    Returns:
        Names of the layers that have weights, and their arrays.

    Raises:
        InputError: The file cannot be read, has another format, links to other files, or declares
            arrays that are larger than the file.
    """
    path = Path(path)
    try:
        with h5py.File(path) as file:
            group = _own(file, "model_weights") if "model_weights" in file else file
            layers = {layer: _own(group, layer) for layer in _texts(group, "layer_names")}
            found = [
                (name, [_dataset(layer, weight) for weight in weights])
                for name, layer in layers.items()
                if (weights := _texts(layer, "weight_names"))
            ]
            _check_size(path, [data for _, values in found for data in values])
            return [(layer, [np.asarray(data) for data in values]) for layer, values in found]
    except Exception as error:  # HDF5 can raise any exception for a damaged file
        raise InputError(
            f"{path}: must be weights in Keras's .h5 format. Received: {reason(error)}"
        ) from error


def copy_h5(source: Path, target: Path) -> None:
    """Copies the groups, attributes and arrays of an HDF5 file to a new file.

    Args:
        source: A file of numbers, such as the weights in a `.keras` file.
        target: The new file.

    Raises:
        ValueError: The file links to others, contains anything but numbers, or declares arrays
            that are larger than the file.
        OSError: The file is damaged.
    """
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        arrays: dict[str, h5py.Dataset] = {}
        _copy_groups(old, new, arrays)
        _check_size(source, list(arrays.values()))
        for name, array in arrays.items():
            new.create_dataset(name, data=np.asarray(array)).attrs.update(array.attrs)


def _copy_groups(old: h5py.Group, new: h5py.Group, arrays: dict[str, h5py.Dataset]) -> None:
    """Copies all groups below `old`, and collects their arrays by full name."""
    new.attrs.update(old.attrs)
    for name in old:
        if isinstance(_own(old, name), h5py.Group):
            _copy_groups(old[name], new.create_group(name), arrays)
        else:
            arrays[f"{new.name}/{name}"] = _dataset(old, name)


def _texts(group: h5py.Group, name: str) -> list[str]:
    """Returns a list of names; a long list is stored as `name0`, `name1`, ..."""
    parts = [name] if name in group.attrs else []
    while name not in parts and f"{name}{len(parts)}" in group.attrs:
        parts.append(f"{name}{len(parts)}")
    if not parts:
        raise ValueError(f"no {name} in {group.name}")
    return [
        text.decode() if isinstance(text, bytes) else str(text)
        for part in parts
        for text in group.attrs[part]
    ]


def _check_size(path: Path, arrays: list[h5py.Dataset]) -> None:
    """Raises ValueError for arrays much larger than the file, as weights hardly compress."""
    declared = sum(math.prod(data.shape) * data.dtype.itemsize for data in arrays)
    if declared > 4 * path.stat().st_size + (1 << 20):
        raise ValueError(f"arrays of {declared} bytes, many times the size of the file")


def _dataset(group: h5py.Group, name: str) -> h5py.Dataset:
    """Returns an array of numbers that are stored in the file itself."""
    data = _own(group, name)
    if not isinstance(data, h5py.Dataset) or data.external or data.is_virtual:
        raise ValueError(f"{name} is not an array of this file")
    if data.dtype.kind not in "fiub":
        raise ValueError(f"{name} is not an array of numbers")
    return data


def _own(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """Returns a part of the file itself; links are refused, as they could read any other file."""
    where = group
    for part in name.split("/"):
        inside = isinstance(where, h5py.Group)
        if not inside or not isinstance(where.get(part, getlink=True), h5py.HardLink):
            raise ValueError(f"{name} is a link, or does not exist")
        where = where[part]
    return where
