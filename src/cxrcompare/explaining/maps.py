"""The maps of a run's network for a sequence of images."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxrcompare.explaining.map_making import WORDS, MapMaker
from cxrcompare.filesystem.disk_array import DiskArray
from cxrcompare.options.image_commands import MapMethod
from cxrcompare.predictions import split_name
from cxrcompare.progress import Advance, silent


@dataclass(frozen=True)
class Maps:
    """Maps of one network: how much each part of an image adds to each logit.

    Attributes:
        run: The name of the run, e.g. "densenet121__seed0".
        ids: The N images.
        findings: The F findings.
        values: (N, F, H, W) float32, signed, except for Grad-CAM++. A cell is the H-th and W-th
            part of the square image.
        logits: (N, F) float32 logits of the images.
        image_size: Side of the network's images in pixels.
        fineness: The number of shifts in each direction whose maps were interleaved; 1: none.
        checkpoint: SHA-256 of the network's file; empty if unknown.
        made_by: The method of the maps.
    """

    run: str
    ids: tuple[str, ...]
    findings: tuple[str, ...]
    values: np.ndarray
    logits: np.ndarray
    image_size: int
    fineness: int = 1
    checkpoint: str = ""
    made_by: MapMethod = "class-map"

    @property
    def model(self) -> str:
        """The network's name, from the name of the run."""
        return split_name(self.run)[0]

    @property
    def seed(self) -> str:
        """The seed as text, from the name of the run; empty if it has none."""
        return split_name(self.run)[1]

    @property
    def method(self) -> str:
        """How the maps were made, in words."""
        plain = WORDS[self.made_by]
        if self.fineness == 1:
            return plain
        return f"{plain} for each of {self.fineness} x {self.fineness} shifts of the image"

    @property
    def probabilities(self) -> np.ndarray:
        """The (N, F) probabilities of the network."""
        return np.asarray(1 / (1 + np.exp(-self.logits.astype(np.float64))))


def compute(
    maker: MapMaker,
    batches: Iterable[np.ndarray],
    count: int,
    advance: Advance = silent,
    folder: Path | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the logits and the maps of images; the maps are on disk, whatever their number.

    Args:
        maker: Makes the maps of a batch.
        batches: Batches of images of one shape, (B, S, S, 1) uint8; rows beyond `count` are padding
            and ignored.
        count: The number of images N; fewer are returned if `batches` has fewer.
        advance: Called with the number of new images after each batch.
        folder: The folder of the temporary file of the maps; by default the system's.

    Returns:
        Logits (N, F) and maps (N, F, H, W), both float32. The maps are read from a temporary file
        where they are used.
    """
    logits: list[np.ndarray] = []
    done = 0
    with DiskArray(folder) as maps:
        for images in batches:
            kept = min(len(images), count - done)
            # Padding keeps one shape, which a refined map has whatever the number of images.
            batch_logits, batch_maps = maker.make(images if maker.fineness == 1 else images[:kept])
            logits.append(batch_logits[:kept])
            maps.append(batch_maps[:kept])
            done += kept
            advance(kept)
        if not logits:
            return np.empty((0, 0), np.float32), np.empty((0, 0, 1, 1), np.float32)
        return np.concatenate(logits), maps.array()
