"""The embedded sample: synthetic chest radiographs with a known truth.

The images support no medical conclusion; `docs/sample.md` describes how they are drawn.
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
    """Writes a synthetic data set in CheXpert's layout atomically, and returns its path.

    The folder contains `train.csv`, `valid.csv`, `test.csv`, the images below `train/`, `valid/`
    and `test/`, `sample.json` (settings, and a mark that the data are synthetic), `truth.csv` (the
    truth of every study), `readers/` (three simulated readers of the test studies), and, with
    `masks`, `masks/`. An existing sample with the same settings is kept; one with other settings is
    replaced.

    Args:
        out: The folder of the sample.
        images: Number of images in all splits, at least 10: 70 % train, 10 % valid, 20 % test.
        size: Longer side of each image in pixels, 32 to 1024.
        seed: Seed of all random numbers.
        shortcuts: Spurious correlations to inject, of `SHORTCUTS`.
        masks: Whether to write masks of each finding's area in each image.
        workers: Number of drawing processes; by default one per processor core.

    Raises:
        InputError: A number is out of range, or the folder contains something other than a sample.
    """
    from cxrcompare.synthetic.layout import write

    return write(Path(out), images, size, seed, tuple(shortcuts), masks=masks, workers=workers)
