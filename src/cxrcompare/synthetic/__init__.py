"""The embedded sample: synthetic chest radiographs with known truth.

Nothing in these images is a claim about medicine; `docs/sample.md` says how they are drawn.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def write_sample(
    out: str | os.PathLike[str],
    images: int,
    size: int,
    seed: int,
    *,
    shortcuts: Sequence[str] = (),
    masks: bool = False,
    workers: int | None = None,
) -> Path:
    """Writes a synthetic data set in CheXpert's layout, whole or not at all, and returns its path.

    The folder gets `train.csv`, `valid.csv`, `test.csv`, the images below `train/`, `valid/` and
    `test/`, `sample.json` (says that it is synthetic, and how it was made), `truth.csv` (the truth
    of every study), `readers/` (three simulated readers of the test studies), and, where asked,
    `masks/`. A sample that is already there with the same settings is kept; one with other
    settings is replaced.

    Args:
        out: The folder to make.
        images: Images over all splits, at least 10: 70 % train, 10 % valid, 20 % test.
        size: Pixels of each image's longer side, 32 to 1024.
        seed: Start of all random numbers.
        shortcuts: Shortcuts to build in, of `SHORTCUTS`.
        masks: Whether to write where each finding lies in each image.
        workers: Processes that draw; by default one for each processor core.

    Raises:
        InputError: A number is out of range, or the folder holds something that is no sample.
    """
    from cxrcompare.synthetic.layout import write

    return write(Path(out), images, size, seed, tuple(shortcuts), masks, workers)
