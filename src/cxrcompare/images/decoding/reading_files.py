"""Decodes untrusted image files in processes with limits of time and memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from cxrcompare.images.decoding.pool import Block, Pool, block_rows


def read_images(
    root: Path, paths: Sequence[str], size: int, workers: int
) -> Generator[tuple[Block, np.ndarray]]:
    """Yields blocks of consecutive files in order, decoded as for a store.

    A file that is damaged, or that crashes or hangs the decoder, is rejected alone. A temporary
    file holds a few blocks of images at a time.

    Args:
        root: The folder of the files.
        paths: The files' paths below it.
        size: Side of the images in pixels.
        workers: Number of decoding processes.

    Yields:
        A block, whose `rejected` maps rows of `paths` to reasons, and the images of its other rows,
        (N, size, size) uint8.

    Raises:
        JobError: The temporary file cannot be written, or no process can be started.
    """
    rows = block_rows(size)
    blocks = [
        Block(start, paths[start : start + rows], _unencodable(paths[start : start + rows], start))
        for start in range(0, len(paths), rows)
    ]
    with tempfile.NamedTemporaryFile(prefix="cxrcompare-", suffix=".pixels") as file:
        pool = Pool(workers, Path(file.name), root, size, reuse=True)
        with closing(pool.run(blocks, 0)) as decoded:
            for block in decoded:
                content = os.pread(file.fileno(), len(block.hashes) * size**2, block.offset or 0)
                yield block, np.frombuffer(content, np.uint8).reshape(-1, size, size)


def _unencodable(paths: Sequence[str], start: int) -> dict[int, str]:
    """Returns {row: reason} of the files whose names cannot be written to a table."""
    return {
        row: "the file's name must be UTF-8"
        for row, path in enumerate(paths, start)
        if not path.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in path)
    }
