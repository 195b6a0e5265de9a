"""Image files of others -> pixels, decoded in processes with limits of time and memory."""

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
    """Yields blocks of neighbouring files in order, decoded as a store would hold them.

    A file that is damaged, or that crashes or hangs the decoder, is rejected alone. The images
    pass through a temporary file that holds a few blocks at a time.

    Args:
        root: The folder of the files.
        paths: The files' paths below it.
        size: Side of the images in pixels.
        workers: Decoding processes.

    Yields:
        A block, whose `rejected` maps rows of `paths` to reasons, and the images of its other rows,
        (N, size, size) uint8.

    Raises:
        JobError: The temporary file cannot be written, or no process can be started.
    """
    rows = block_rows(size)
    blocks = [
        Block(start, paths[start : start + rows], _unnamed(paths[start : start + rows], start))
        for start in range(0, len(paths), rows)
    ]
    with tempfile.NamedTemporaryFile(prefix="cxrcompare-", suffix=".pixels") as file:
        pool = Pool(workers, Path(file.name), root, size, reuse=True)
        with closing(pool.run(blocks, 0)) as decoded:
            for block in decoded:
                held = os.pread(file.fileno(), len(block.hashes) * size**2, block.offset or 0)
                yield block, np.frombuffer(held, np.uint8).reshape(-1, size, size)


def _unnamed(paths: Sequence[str], start: int) -> dict[int, str]:
    """Returns the rows whose names no table can hold, and why."""
    return {
        row: "the file's name must be UTF-8"
        for row, path in enumerate(paths, start)
        if not path.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in path)
    }
