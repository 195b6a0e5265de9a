"""Image files that a label file names: inside the data set's folder, and there."""

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
_WORTH_LISTING = 8


def inside(labels: LabelFile, paths: pd.Series) -> pd.Series:
    """Returns paths with slashes, after checking that none leads out of the data set's folder.

    Args:
        labels: The file that names the images.
        paths: Its column of paths, by row number.

    Raises:
        InputError: A path is empty, absolute, or has `..` in it.
    """
    clean = [path.replace("\\", "/") for path in paths.tolist()]
    for place, path in enumerate(clean):
        if not path or path[0] == "/" or path[1:2] == ":" or "\0" in path or _climbs(path):
            labels.complain(
                paths.index[place], "must name an image inside the data set's folder", path
            )
    return pd.Series(clean, index=paths.index, dtype=object)


def _climbs(path: str) -> bool:
    return ".." in path and ".." in path.split("/")


def missing(root: Path, paths: Iterable[str]) -> np.ndarray:
    """Returns which files are not there, (N,) bool.

    A folder that many paths name is listed once, instead of asking for each file; where a folder
    holds one or two images (a study of CheXpert), asking is the faster of the two.

    Args:
        root: The folder that the paths are relative to.
        paths: (N,) relative paths with slashes.
    """
    every = list(paths)
    folders = [path.rpartition("/")[0] for path in every]
    worth = {name for name, number in Counter(folders).items() if number >= _WORTH_LISTING}
    names = {name: set(listed(root / name)) for name in worth}
    top = f"{root}/"
    return np.fromiter(
        (
            path.rpartition("/")[2] not in names[folder]
            if folder in worth
            else not os.path.isfile(top + path)  # noqa: PTH113
            for path, folder in zip(every, folders, strict=True)
        ),
        dtype=bool,
        count=len(every),
    )


def listed(folder: Path) -> list[str]:
    """Returns the names in a folder, sorted; none where it cannot be read or is no folder."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return []


def images_in(folder: Path) -> list[str]:
    """Returns the names of the images in a folder, sorted, by their suffix."""
    return [name for name in listed(folder) if name.lower().endswith(SUFFIXES)]


def check_present(labels: LabelFile, root: Path, paths: pd.Series) -> None:
    """Checks that every image that a label file names is there.

    Raises:
        InputError: One is not; the first is named, with its row and the number missing.
    """
    absent = missing(root, paths)
    if absent.any():
        first = int(np.argmax(absent))
        labels.complain(
            paths.index[first],
            f"must name an image below {root}; {absent.sum():,} of {len(paths):,} are not there "
            "or may not be read",
            paths.iloc[first],
        )


def by_stem(labels: LabelFile, root: Path, folder: str, images: pd.Series) -> pd.Series:
    """Returns the path of each image in a folder, whatever the suffix.

    Args:
        labels: The file that names the images.
        root: The folder that paths are relative to.
        folder: The folder of the images, in `root`.
        images: Names without a suffix, by row number.

    Raises:
        InputError: An image is not there, or is there with two suffixes.
    """
    place: dict[str, str] = {}
    for name in images_in(root / folder):
        stem = name.rpartition(".")[0]
        if stem in place:
            raise InputError(
                f"{root / folder}: each image must be there once. "
                f"Received: {place[stem]} and {folder}/{name}"
            )
        place[stem] = f"{folder}/{name}"
    absent = ~images.isin(place.keys()).to_numpy()
    if absent.any():
        first = int(np.argmax(absent))
        labels.complain(
            images.index[first],
            f"must name an image in {root / folder}; {absent.sum():,} of {len(images):,} are not "
            "there",
            images.iloc[first],
        )
    return images.map(place)
