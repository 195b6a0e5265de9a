"""The images that a finished network is to see: those of a split of a store, or files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.filesystem import outside_links
from cxrcompare.images.prepare import open_store
from cxrcompare.images.store import ImageStore
from cxrcompare.training.feeding.batches import checked_batches
from cxrcompare.training.feeding.file_batches import Files, file_batches, image_files
from cxrcompare.training.feeding.store_check import StoreCheck

BATCH = 32
"""Images of one forward pass."""


@dataclass
class ImageSource:
    """Images that can be read in batches, several times and in any size.

    Attributes:
        input: The store, file or folder.
        store: The store, or None.
        rows: The rows of the store.
        paths: The paths of the files below `root`.
        root: The folder of the files.
        strict: Whether a file that cannot be decoded is an error.
        found: The files that were decoded and rejected, after the last reading.
        outside: {path: reason} of files behind links that lead outside; they count as rejected.
    """

    input: Path
    store: ImageStore | None
    rows: np.ndarray
    paths: list[str]
    root: Path
    strict: bool = False
    found: Files = field(default_factory=Files)
    outside: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Returns the number of images, with those that cannot be decoded."""
        return len(self.rows) + len(self.paths) + len(self.outside)

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """Returns batches of the images, (BATCH, size, size, 1) uint8; the last has padding.

        Args:
            size: Side of the images in pixels.

        Raises:
            InputError: A file cannot be decoded, and `strict` is set; raised while reading.
        """
        if self.store is not None:
            check = StoreCheck(self.store.folder)
            return checked_batches(self.store.pixels, self.rows, BATCH, size, check)
        self.found = Files(rejected=dict(self.outside))
        return file_batches(self.found, self.root, self.paths, size, self.strict, BATCH)

    def ids(self) -> dict[str, list[str]]:
        """Returns ids as `write_predictions` takes them, complete after the images were read.

        They are the image, study and patient of a store's images, and the paths of decoded files.
        """
        if self.store is None:
            return {"image_ids": self.found.accepted}
        known = self.store.table.rows.iloc[self.rows]
        return {f"{name}_ids": known[f"{name}_id"].tolist() for name in _IDS}


_IDS = ("image", "study", "patient")


def open_source(
    input: Path, split: str, strict: bool = False, follow_links: bool = False
) -> ImageSource:
    """Opens a store or lists image files.

    Args:
        input: A store, an image or DICOM file, or a folder of such files.
        split: The split of a store.
        strict: Whether a file that cannot be decoded is an error; a single file always is.
        follow_links: Whether links may lead out of the folder. If not, files behind such links
            are rejected.

    Raises:
        InputError: There are no images, or none that may be read.
    """
    if (input / "store.json").is_file():
        store = open_store(input)
        rows = np.flatnonzero(store.table.rows["split"] == split)
        if not len(rows):
            raise InputError(f"{input}: must hold images of the split {split!r}. Received: none")
        return ImageSource(input, store, rows, [], input)
    root = input if input.is_dir() else input.parent
    paths = [path.relative_to(root).as_posix() for path in image_files(input)]
    strict = strict or input.is_file()
    if follow_links or input.is_file():
        return ImageSource(input, None, np.empty(0, int), paths, root, strict)
    links = outside_links.leading_outside(root, paths)
    if strict or len(links) == len(paths):
        outside_links.refuse(root, links)
    outside = {
        path.encode(errors="backslashreplace").decode(): f"{link} is a link that leads outside; "
        "--follow-links reads such files"
        for path, link in links.items()
    }
    left = [path for path in paths if path not in links]
    return ImageSource(input, None, np.empty(0, int), left, root, strict, outside=outside)
