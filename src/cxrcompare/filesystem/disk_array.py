"""DiskArray: an array that grows on disk, so that a large result does not fill the memory."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np


class DiskArray:
    """Rows of one shape and type, appended to a temporary file that has no name.

    Use it as a context manager, which closes the file. The file disappears when the last array of
    it is freed.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Opens a temporary file.

        Args:
            folder: The folder of the file, on a disk with enough space; by default the system's.
        """
        self._file = tempfile.TemporaryFile(dir=None if folder is None else Path(folder))  # noqa: SIM115
        self._shape: tuple[int, ...] | None = None
        self._type = np.dtype(np.float32)
        self._rows = 0

    def __enter__(self) -> DiskArray:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the file; arrays of it stay."""
        self._file.close()

    def append(self, block: np.ndarray) -> None:
        """Appends rows.

        Args:
            block: (n, ...); the shape of a row and the type are those of the first call.

        Raises:
            ValueError: The rows have another shape or type.
        """
        if self._shape is None:
            self._shape, self._type = block.shape[1:], block.dtype
        if (block.shape[1:], block.dtype) != (self._shape, self._type):
            raise ValueError(
                f"rows must be {self._shape} {self._type}. "
                f"Received: {block.shape[1:]} {block.dtype}"
            )
        self._file.write(np.ascontiguousarray(block).data)
        self._rows += len(block)

    def array(self) -> np.ndarray:
        """Returns the rows so far as an array that is read from the file where it is used."""
        shape = (self._rows, *(self._shape or ()))
        self._file.flush()
        if 0 in shape:
            return np.empty(shape, self._type)
        return np.memmap(self._file, self._type, "r", shape=shape)
