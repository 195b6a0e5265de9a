"""The images to explain: those of a split of a store, or files; read once for each image size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.images.prepare import open_store
from cxrcompare.images.store import ImageStore
from cxrcompare.training.feeding.batches import checked_batches
from cxrcompare.training.feeding.file_batches import Files, file_batches, image_files
from cxrcompare.training.feeding.run_data import StoreCheck

BATCH = 32


@dataclass
class ImageSource:
    """Images that can be read in batches of any size.

    Attributes:
        input: The store, file or folder.
        store: The store, or None.
        rows: The rows of the store.
        paths: The paths of the files below `root`.
        root: The folder of the files.
        rejected: {path: reason} of files that could not be decoded, after reading.
    """

    input: Path
    store: ImageStore | None
    rows: np.ndarray
    paths: list[str]
    root: Path
    rejected: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Returns the number of images, with those that cannot be decoded."""
        return len(self.rows) if self.store is not None else len(self.paths)

    def batches(self, size: int) -> tuple[Iterator[np.ndarray], list[str]]:
        """Returns an iterator of batches, and the list of ids, complete when it is used up.

        Args:
            size: Side of the images in pixels.

        Returns:
            Batches (B, size, size, 1) uint8; the last one has padding. The ids of the images.
        """
        if self.store is not None:
            ids = self.store.table.rows["image_id"].iloc[self.rows].tolist()
            check = StoreCheck(self.store.folder)
            return checked_batches(self.store.pixels, self.rows, BATCH, size, check), ids
        found = Files([], self.rejected)
        one = self.input.is_file()
        return file_batches(found, self.root, self.paths, size, one, BATCH), found.accepted


def open_source(input: Path, split: str) -> ImageSource:
    """Opens a store or lists image files.

    Args:
        input: A store, an image or DICOM file, or a folder of such files.
        split: The split of a store.

    Raises:
        InputError: There are no images.
    """
    if (input / "store.json").is_file():
        store = open_store(input)
        rows = np.flatnonzero(store.table.rows["split"] == split)
        if not len(rows):
            raise InputError(f"{input}: must hold images of the split {split!r}. Received: none")
        return ImageSource(input, store, rows, [], input)
    root = input if input.is_dir() else input.parent
    paths = [path.relative_to(root).as_posix() for path in image_files(input)]
    return ImageSource(input, None, np.empty(0, int), paths, root)
