"""Finds the regions of a data set, or reads those of a given file."""

from __future__ import annotations

from pathlib import Path

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable
from cxrcompare.localisation.regions import boxes, chexlocalize, sample_masks
from cxrcompare.localisation.regions.image_regions import RegionSource

_VINDR = {"train": "annotations_train.csv", "test": "annotations_test.csv"}


def in_data_set(table: ImageTable, split: str) -> RegionSource | None:
    """Returns the regions that a data set's folder contains; None if there are none.

    They are the masks of the sample, `masks/`; the boxes of NIH, `BBox_List_2017.csv`; or the
    boxes of VinDr-CXR, `annotations/annotations_test.csv` or `..._train.csv`.

    Args:
        table: The images.
        split: The split of the images; only VinDr-CXR has a file for each.

    Raises:
        InputError: A file is damaged.
    """
    root = table.root
    paths = dict(zip(table.rows["image_id"], table.rows["path"], strict=True))
    if (root / "sample.json").is_file() and (root / "masks").is_dir():
        return sample_masks.read(root, paths)
    if (root / boxes.NIH_FILE).is_file():
        return boxes.read_nih(root / boxes.NIH_FILE)
    name = _VINDR["test" if split == "test" else "train"]
    for file in (root / "annotations" / name, root / name):
        if table.dataset == "vindr" and file.is_file():
            return boxes.read_vindr(file, _Sizes(root, paths))
    return None


def in_file(path: Path, table: ImageTable | None = None) -> RegionSource:
    """Returns the regions of a file: CheXlocalize's JSON, or the boxes of NIH or VinDr-CXR as CSV.

    Args:
        path: The file.
        table: The images, which the boxes of VinDr-CXR need for their sizes.

    Raises:
        InputError: The file is none of these, or damaged.
    """
    if path.suffix.lower() == ".json":
        return chexlocalize.read(path)
    if not path.is_file():
        raise InputError(f"{path}: must be a file of masks or boxes. Received: no such file")
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline(10_000)
    if "Bbox" in header:
        return boxes.read_nih(path)
    if "class_name" in header and table is not None:
        paths = dict(zip(table.rows["image_id"], table.rows["path"], strict=True))
        return boxes.read_vindr(path, _Sizes(table.root, paths))
    raise InputError(
        f"{path}: must be masks of CheXlocalize (.json), boxes of NIH (a column Bbox), or, for an "
        f"image store, boxes of VinDr-CXR (a column class_name). Received: {header.strip()[:60]!r}"
    )


class _Sizes:
    """Height and width in pixels of the images of a data set, read from their files once."""

    def __init__(self, root: Path, paths: dict[str, str]) -> None:
        self._root, self._paths = root, paths
        self._known: dict[str, tuple[int, int]] = {}

    def __call__(self, image: str) -> tuple[int, int] | None:
        from cxrcompare.images.decoding.decode import decode

        if image not in self._paths:
            return None
        if image not in self._known:
            height, width = decode(self._root / self._paths[image]).shape
            self._known[image] = height, width
        return self._known[image]
