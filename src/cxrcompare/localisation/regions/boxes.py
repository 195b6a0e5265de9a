"""Boxes of findings in CSV files: NIH's BBox_List_2017.csv, and VinDr-CXR's annotations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from cxrcompare import findings as vocabulary
from cxrcompare.datasets import vindr
from cxrcompare.errors import InputError, reason
from cxrcompare.localisation.regions import grid
from cxrcompare.localisation.regions.image_regions import ImageRegions, RegionSource, from_boxes

NIH_FILE = "BBox_List_2017.csv"
NIH_SIDE = 1024
"""Side in pixels of the images to which NIH's boxes refer."""

_Box = tuple[float, float, float, float]


def read_nih(path: Path) -> RegionSource:
    """Returns the boxes of NIH ChestX-ray14: left, top, width, height in images of 1024 pixels.

    Raises:
        InputError: A column is missing, or a box is not four numbers within the image.

    Source: Wang et al. 2017, arXiv 1705.02315.
    """
    table = _table(path, ("Image Index", "Finding Label"))
    if table.shape[1] < 6:
        raise InputError(
            f"{path}: must have the columns Image Index, Finding Label and four of the box. "
            f"Received: {', '.join(table.columns)}"
        )
    boxes: dict[str, dict[str, list[_Box]]] = {}
    for row, cells in enumerate(table.iloc[:, :6].itertuples(index=False), start=2):
        left, top, width, height = _numbers(path, row, cells[2:6])
        name = {"Infiltrate": "Infiltration"}.get(cells[1], cells[1])
        box = (left, top, left + width, top + height)
        _add(path, row, boxes, (cells[0], vocabulary.canonical(name) or name), box)
    return _source(f"boxes of {path.name}", boxes, lambda _: (NIH_SIDE, NIH_SIDE))


def read_vindr(path: Path, size: Callable[[str], tuple[int, int] | None]) -> RegionSource:
    """Returns the boxes of VinDr-CXR: class_name, x_min, y_min, x_max, y_max in the image's pixels.

    The labels are mapped to findings as those of the images are. In the training set, the boxes of
    all readers count.

    Args:
        path: `annotations_train.csv` or `annotations_test.csv`.
        size: Returns height and width of an image in pixels; None if the image is not known.

    Raises:
        InputError: A column is missing, or a box is not four numbers with left below right and top
            below bottom.

    Source: Nguyen et al. 2022, doi 10.1038/s41597-022-01498-w.
    """
    columns = ("image_id", "class_name", "x_min", "y_min", "x_max", "y_max")
    table = _table(path, columns)
    findings: dict[str, list[str]] = {}
    for rule in vindr.MAPPING:
        if rule.finding is not None:
            findings.setdefault(rule.label.lower(), []).append(rule.finding)
    boxes: dict[str, dict[str, list[_Box]]] = {}
    for row, cells in enumerate(table[list(columns)].itertuples(index=False), start=2):
        label = str(cells[1]).strip().lower()
        if label == "no finding" or not any(cells[2:]):
            continue
        left, top, right, bottom = _numbers(path, row, cells[2:])
        for finding in findings.get(label, []):
            _add(path, row, boxes, (cells[0], finding), (left, top, right, bottom))
    return _source(f"boxes of {path.name}", boxes, size)


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False)
    except Exception as error:  # pandas can raise any exception for a damaged file
        raise InputError(
            f"{path}: must be a CSV file of boxes. Received: {reason(error)}"
        ) from error
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise InputError(
            f"{path}: must have the columns {', '.join(columns)}. Received: no {', '.join(missing)}"
        )
    return table


def _numbers(path: Path, row: int, cells: tuple[str, ...]) -> list[float]:
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        values = [math.nan]
    if not all(math.isfinite(value) for value in values):
        raise InputError(
            f"{path}: row {row}: a box must be four numbers. Received: {', '.join(cells)[:80]}"
        )
    return values


def _add(
    path: Path,
    row: int,
    boxes: dict[str, dict[str, list[_Box]]],
    key: tuple[str, str],
    box: _Box,
) -> None:
    if not (box[0] < box[2] and box[1] < box[3]):
        raise InputError(
            f"{path}: row {row}: a box must have left below right and top below bottom. "
            f"Received: {', '.join(f'{side:g}' for side in box)}"
        )
    boxes.setdefault(key[0], {}).setdefault(key[1], []).append(box)


def _source(
    name: str,
    boxes: Mapping[str, Mapping[str, list[_Box]]],
    size: Callable[[str], tuple[int, int] | None],
) -> RegionSource:
    by_stem = {image.rpartition(".")[0] or image: image for image in boxes}

    def of(image_id: str) -> ImageRegions | None:
        name = image_id if image_id in boxes else by_stem.get(image_id.rpartition("/")[2])
        pixels = None if name is None else size(image_id)
        if name is None or pixels is None:
            return None
        found = {finding: from_boxes(one, *pixels) for finding, one in boxes[name].items()}
        regions = {finding: region for finding, region in found.items() if region is not None}
        return ImageRegions(grid.valid(*pixels), regions)

    findings = dict.fromkeys(finding for one in boxes.values() for finding in one)
    return RegionSource(name, tuple(findings), of, boxes=True)
