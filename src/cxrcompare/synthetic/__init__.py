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
    shortcut_strength: float | None = None,
    shortcuts_in_test: str = "broken",
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
        shortcuts: Spurious correlations to plant: "drain", "marker" or "marker:FINDING".
        shortcut_strength: Share of the images with the finding that have the marker or drain in
            training and validation, in [0.5, 1]; by default 0.9 of the marker and 1 of the drain.
        shortcuts_in_test: Whether the correlation is "broken" or "kept" in the test images.
        masks: Whether to write masks of each finding's area in each image, of lungs and heart, and
            of a planted marker or drain.
        workers: Number of drawing processes; by default one per processor core.

    Raises:
        InputError: A number is out of range, or the folder contains something other than a sample.
    """
    from cxrcompare.synthetic.layout import write

    return write(
        Path(out),
        images,
        size,
        seed,
        tuple(shortcuts),
        strength=shortcut_strength,
        in_test=shortcuts_in_test,
        masks=masks,
        workers=workers,
    )
