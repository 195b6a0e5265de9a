"""Writes overlays: an image file for each shown image, run and finding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cxrcompare import progress
from cxrcompare.explaining import overlays
from cxrcompare.explaining.maps import Maps
from cxrcompare.filesystem import files
from cxrcompare.threads import threads


def write_overlays(found: Sequence[Maps], pictures: np.ndarray, folder: Path) -> None:
    """Writes `RUN/IMAGE/FINDING.jpg`; the colours of a finding have one scale for all runs.

    Args:
        found: The maps of each run.
        pictures: (n, S, S) uint8, the first n images of the maps.
        folder: The folder.
    """
    scales = overlays.scales(found, len(pictures))
    titles = files.file_names(scales)
    images = files.file_names(found[0].ids[: len(pictures)])

    def write(row: int) -> None:
        image, picture = images[found[0].ids[row]], np.asarray(pictures[row])
        for maps in found:
            target = folder / maps.run / image
            target.mkdir(parents=True)
            for name, values in zip(maps.findings, maps.values[row], strict=True):
                coloured = overlays.overlay(picture, values, scales[name])
                (target / f"{titles[name]}.jpg").write_bytes(overlays.colour_jpeg(coloured))

    with (
        threads() as start,
        progress.track("overlays", len(pictures), "images") as advance,
    ):
        for written in [start(write, row) for row in range(len(pictures))]:
            written.result()
            advance(1)
