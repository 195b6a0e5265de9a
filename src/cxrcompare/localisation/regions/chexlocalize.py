"""CheXlocalize: a JSON file of masks by image and finding, as run lengths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare import findings as vocabulary
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.localisation.regions import grid
from cxrcompare.localisation.regions.image_regions import ImageRegions, RegionSource, from_mask
from cxrcompare.localisation.regions.run_lengths import decode

_NAME = re.compile(r"(patient\d+)[/_](study\d+)[/_](view\d+_\w+?)(\.\w+)?$")


def read(path: Path) -> RegionSource:
    """Returns the masks of a file in the format of CheXlocalize.

    The file is an object {image: {finding: {"size": [height, width], "counts": text}}}. An image is
    named `patient64541_study1_view1_frontal`, which is matched with CheXpert's path
    `.../patient64541/study1/view1_frontal.jpg`; other names are matched as they are. A finding
    without pixels has no region.

    Raises:
        InputError: The file has another structure.

    Source: Saporta et al. 2022, doi 10.1038/s42256-022-00536-x.
    """
    content = files.read_json(path)
    if not isinstance(content, dict) or not content:
        raise InputError(
            f"{path}: must be an object {{image: {{finding: {{size, counts}}}}}}. "
            f"Received: {type(content).__name__}"
        )
    found: dict[str, Mapping[str, Any]] = {}
    names: dict[str, None] = {}
    for image, masks in content.items():
        if not isinstance(masks, dict):
            raise InputError(
                f"{path}: {image} must have an object of findings. Received: {str(masks)[:40]}"
            )
        found[key(image)] = masks
        names |= dict.fromkeys(vocabulary.canonical(name) or name for name in masks)

    def of(image_id: str) -> ImageRegions | None:
        masks = found.get(key(image_id))
        return None if masks is None else _regions(path, image_id, masks)

    return RegionSource(f"masks of {path.name}", tuple(names), of)


def key(image: str) -> str:
    """Returns the name by which an image of CheXpert or CheXlocalize is matched."""
    match = _NAME.search(image)
    return "/".join(match.groups()[:3]) if match else image


def _regions(path: Path, image: str, masks: Mapping[str, Any]) -> ImageRegions | None:
    regions, shape = {}, None
    for name, entry in masks.items():
        mask = _mask(path, f"{image}, {name}", entry)
        if shape is not None and mask.shape != shape:
            raise InputError(
                f"{path}: all masks of {image} must have one size. Received: {mask.shape}, {shape}"
            )
        shape = mask.shape
        region = from_mask(mask)
        if region is not None:
            regions[vocabulary.canonical(name) or name] = region
    return None if shape is None else ImageRegions(grid.valid(*shape), regions)


def _mask(path: Path, where: str, entry: Any) -> np.ndarray:
    fields = entry if isinstance(entry, dict) else {}
    size, counts = fields.get("size"), fields.get("counts")
    sized = isinstance(size, list) and len(size) == 2 and all(type(side) is int for side in size)
    if not isinstance(size, list) or not sized or not isinstance(counts, str):
        raise InputError(
            f"{path}: {where}: must have a size of two whole numbers and counts as text. "
            f"Received: {str(entry)[:40]}"
        )
    try:
        return decode(counts, size[0], size[1])
    except InputError as error:
        raise InputError(f"{path}: {where}: {error}") from error
