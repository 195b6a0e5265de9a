"""Batches of the images of files, decoded and resized as for a store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.images.decoding.pool import Block
from cxrcompare.images.decoding.reading_files import read_images
from cxrcompare.images.sources import check_still_there
from cxrcompare.training.feeding.batches import threads

SUFFIXES: frozenset[str] = frozenset({".jpg", ".jpeg", ".png", ".dcm", ".dicom", ""})
"""File extensions, in lower case, that are read from a folder; the content decides the format."""


@dataclass
class Files:
    """The accepted and the rejected files of a folder, as they are decoded.

    Attributes:
        accepted: Names of the decoded files, in order.
        rejected: {name: reason} of the others.
    """

    accepted: list[str] = field(default_factory=list)
    rejected: dict[str, str] = field(default_factory=dict)


def image_files(input: Path) -> list[Path]:
    """Returns a file, or the image files of a folder and its subfolders, sorted.

    Raises:
        InputError: The path does not exist, or the folder has no such file.
    """
    if input.is_file():
        return [input]
    if not input.is_dir():
        raise InputError(f"{input}: must be an image store, a file or a folder. Received: nothing")
    found = sorted(
        path
        for path in input.rglob("*")
        if not path.is_dir() and path.suffix.lower() in SUFFIXES and path.name[0] != "."
    )
    if not found:
        raise InputError(f"{input}: must hold JPEG, PNG or DICOM files. Received: none")
    return found


def file_batches(
    found: Files, root: Path, paths: Sequence[str], size: int, strict: bool, batch_size: int
) -> Iterator[np.ndarray]:
    """Yields full batches of images, preprocessed as in a store; zeros fill the last batch.

    Args:
        found: Collects the names of accepted and rejected files as they are decoded.
        root: The folder of the files.
        paths: The paths of the files, relative to `root`.
        size: Side of the images in pixels.
        strict: Whether the first rejected file is an error.
        batch_size: Images in a batch.

    Raises:
        InputError: A file is rejected, and `strict` is set; or the folder vanished meanwhile.
    """
    waiting = np.empty((0, size, size), np.uint8)
    with closing(read_images(root, paths, size, threads())) as blocks:
        for block, images in blocks:
            _collect(found, root, block, strict)
            waiting = np.concatenate([waiting, images])
            while len(waiting) >= batch_size:
                yield waiting[:batch_size, :, :, None]
                waiting = waiting[batch_size:]
    if len(waiting):
        padding = np.zeros((batch_size - len(waiting), size, size), np.uint8)
        yield np.concatenate([waiting, padding])[:, :, :, None]
    if found.rejected:
        check_still_there(root, next(iter(found.accepted), None))


def _collect(found: Files, root: Path, block: Block, strict: bool) -> None:
    for row, name in zip(block.rows, block.paths, strict=True):
        shown = name.encode(errors="backslashreplace").decode()
        if row not in block.rejected:
            found.accepted.append(name)
        elif strict:
            raise InputError(f"{root / shown}: {block.rejected[row]}")
        else:
            found.rejected[shown] = block.rejected[row]
