"""Checks that the images of a label file exist and are inside the data set's folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.errors import InputError

SUFFIXES: tuple[str, ...] = (".jpg", ".jpeg", ".png", ".dcm", ".dicom")
_MIN_FILES_TO_LIST = 8


def inside(labels: LabelFile, paths: pd.Series) -> pd.Series:
    """Returns paths with slashes, after checking that none is outside the data set's folder.

    Args:
        labels: The label file.
        paths: Its column of paths, by row number.

    Raises:
        InputError: A path is empty, absolute, or contains `..`.
    """
    clean = [path.replace("\\", "/") for path in paths.tolist()]
    for index, path in enumerate(clean):
        if not path or path[0] == "/" or path[1:2] == ":" or "\0" in path or _has_parent(path):
            labels.complain(
                paths.index[index], "must name an image inside the data set's folder", path
            )
    return pd.Series(clean, index=paths.index, dtype=object)


def _has_parent(path: str) -> bool:
    return ".." in path and ".." in path.split("/")


def missing(root: Path, paths: Iterable[str]) -> np.ndarray:
    """Returns which files do not exist, (N,) bool.

    A folder with many paths is listed once, instead of checking each file. For folders with one or
    two images (a study of CheXpert), checking each file is faster.

    Args:
        root: The folder that the paths are relative to.
        paths: (N,) relative paths with slashes.
    """
    every = list(paths)
    folders = [path.rpartition("/")[0] for path in every]
    large = {name for name, count in Counter(folders).items() if count >= _MIN_FILES_TO_LIST}
    names = {name: set(listed(root / name)) for name in large}
    top = f"{root}/"
    return np.fromiter(
        (
            path.rpartition("/")[2] not in names[folder]
            if folder in large
            else not os.path.isfile(top + path)  # noqa: PTH113
            for path, folder in zip(every, folders, strict=True)
        ),
        dtype=bool,
        count=len(every),
    )


def listed(folder: Path) -> list[str]:
    """Returns the sorted names in a folder; empty if it cannot be read or is not a folder."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return []


def images_in(folder: Path) -> list[str]:
    """Returns the names of the images in a folder, sorted, by their suffix."""
    return [name for name in listed(folder) if name.lower().endswith(SUFFIXES)]


def check_present(labels: LabelFile, root: Path, paths: pd.Series) -> None:
    """Checks that every image of a label file exists.

    Raises:
        InputError: Images are missing; the message has the first one, its row and the number.
    """
    absent = missing(root, paths)
    if absent.any():
        first = int(np.argmax(absent))
        labels.complain(
            paths.index[first],
            f"must name an image below {root}; {absent.sum():,} of {len(paths):,} are missing or "
            "not readable",
            paths.iloc[first],
        )


def by_stem(labels: LabelFile, root: Path, folder: str, images: pd.Series) -> pd.Series:
    """Returns the path of each image in a folder, with any suffix.

    Args:
        labels: The label file.
        root: The folder that paths are relative to.
        folder: The folder of the images, in `root`.
        images: Names without a suffix, by row number.

    Raises:
        InputError: An image is missing, or exists with two suffixes.
    """
    path_of: dict[str, str] = {}
    for name in images_in(root / folder):
        stem = name.rpartition(".")[0]
        if stem in path_of:
            raise InputError(
                f"{root / folder}: each image must have one file. "
                f"Received: {path_of[stem]} and {folder}/{name}"
            )
        path_of[stem] = f"{folder}/{name}"
    absent = ~images.isin(path_of.keys()).to_numpy()
    if absent.any():
        first = int(np.argmax(absent))
        labels.complain(
            images.index[first],
            f"must name an image in {root / folder}; {absent.sum():,} of {len(images):,} are "
            "missing",
            images.iloc[first],
        )
    return images.map(path_of)
