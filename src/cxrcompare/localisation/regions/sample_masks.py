"""Masks of the embedded sample: one 16-bit image of bits per radiograph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT
from cxrcompare.localisation.regions import grid
from cxrcompare.localisation.regions.image_regions import ImageRegions, RegionSource, from_mask
from cxrcompare.synthetic.imaging.masks import HEART, LUNGS, SHORTCUT, unpack


def read(folder: Path, paths: Mapping[str, str]) -> RegionSource:
    """Returns the masks of a sample that was written with masks.

    Args:
        folder: The folder of the sample.
        paths: {image id: path of the image below the folder}.

    Raises:
        InputError: A mask file is damaged.
    """

    def of(image_id: str) -> ImageRegions | None:
        path = paths.get(image_id)
        file = None if path is None else (folder / "masks" / path).with_suffix(".png")
        return None if file is None or not file.is_file() else _regions(file)

    return RegionSource("masks of the sample, from its simulation", CHEXPERT[1:], of)


def _regions(file: Path) -> ImageRegions:
    import cv2

    bits = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if bits is None or bits.dtype != np.uint16 or bits.ndim != 2:
        raise InputError(f"{file}: must be a 16-bit grey PNG of masks. Received: another file")
    present = np.bitwise_or.reduce(bits, axis=None)
    regions = {}
    for finding in CHEXPERT[1:]:
        if present >> np.uint16(CHEXPERT.index(finding)) & 1:
            region = from_mask(unpack(bits, finding))
            if region is not None:
                regions[finding] = region
    lungs, heart, planted = (unpack(bits, name) for name in (LUNGS, HEART, SHORTCUT))
    return ImageRegions(
        grid.valid(*bits.shape),
        regions,
        grid.shares(lungs | heart),
        grid.shares(lungs),
        grid.shares(planted) if planted.any() else None,
    )
