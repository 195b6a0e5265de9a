"""Data sets and image stores: the sample, the reading of a data set, and its preparation."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxrcompare import extras
from cxrcompare.options.experiment import DataSet
from cxrcompare.options.image_commands import Prepare, Sample

if TYPE_CHECKING:
    from cxrcompare.image_table import ImageTable
    from cxrcompare.images.store import ImageStore


def make_sample(
    folder: str | os.PathLike[str],
    images: int = Sample.images,
    size: int = Sample.size,
    seed: int = Sample.seed,
    *,
    shortcuts: Sequence[str] = Sample.shortcuts,
    shortcut_strength: float | None = Sample.shortcut_strength,
    shortcuts_in_test: str = Sample.shortcuts_in_test,
    masks: bool = Sample.masks,
) -> Path:
    """Writes the embedded sample: synthetic radiographs as a data set in CheXpert's layout.

    Args:
        folder: The folder of the sample; an existing sample is replaced, nothing else is.
        images: Number of images in all splits, at least 10.
        size: Longer side of each image in pixels, 32 to 1024.
        seed: Seed of all random numbers.
        shortcuts: Spurious correlations to plant: "drain", "marker" or "marker:FINDING".
        shortcut_strength: Share of the images with the finding that have the marker or drain, in
            [0.5, 1]; by default 0.9 of the marker and 1 of the drain.
        shortcuts_in_test: Whether they are "broken" or "kept" in the test images.
        masks: Whether to write masks of the findings, lungs and heart.

    Returns:
        The folder.

    Raises:
        InputError: A number is out of range, the folder contains something else, or the extra
            `images` is not installed.
    """
    extras.need("make_sample", "fast", "images")
    from cxrcompare.synthetic import write_sample

    return write_sample(
        Path(folder),
        images=images,
        size=size,
        seed=seed,
        shortcuts=tuple(shortcuts),
        shortcut_strength=shortcut_strength,
        shortcuts_in_test=shortcuts_in_test,
        masks=masks,
    )


def read_dataset(
    folder: str | os.PathLike[str],
    dataset: str | None = None,
    *,
    findings: str | Sequence[str] = "all",
    columns: Mapping[str, Any] | str | os.PathLike[str] | None = None,
    follow_links: bool = DataSet.follow_links,
) -> ImageTable:
    """Reads the images of a data set with their metadata and labels; opens no image.

    Args:
        folder: The folder of the data set.
        dataset: The name, see `cxrcompare datasets`; by default it is recognised by its layout.
        findings: The findings of your own label file; others ignore it.
        columns: The meaning of the columns of your own label file: a dict, or a TOML file
            (docs/datasets.md).
        follow_links: Whether symbolic links may lead out of the folder.

    Returns:
        The table: `rows` is a data frame with a row per image, `findings` their names.

    Raises:
        InputError: The layout is not recognised, or a file is not valid; the message names file
            and row.
    """
    from cxrcompare import datasets, experiment

    own = None
    if isinstance(columns, Mapping):
        own = experiment.load_columns(None, {f"columns.{name}": columns[name] for name in columns})
    elif columns is not None:
        own = experiment.load_columns(Path(columns), {})
    return datasets.read(dataset, folder, own, findings, follow_links)


def prepare(
    data: ImageTable | str | os.PathLike[str],
    store: str | os.PathLike[str],
    size: int = Prepare.size,
    *,
    workers: int | None = Prepare.workers,
    max_rejected: float = Prepare.max_rejected,
    preview: int | None = Prepare.preview,
) -> ImageStore:
    """Decodes every image of a data set once into an image store; splits it by patient.

    The same call continues an interrupted one.

    Args:
        data: A table from `read_dataset`, or the folder of a data set.
        store: The folder of the store: new, empty, or a store of the same data.
        size: Side of the square images in pixels, 1 to 4096.
        workers: Number of decoding processes; by default one per core.
        max_rejected: The largest share of images, 0 to 1, that may be undecodable.
        preview: The number of images of a contact sheet, `preview.png` in the store; none by
            default.

    Returns:
        The store: `images` is (N, size, size) uint8, `table` has a row per image.

    Raises:
        InputError: Too many images are rejected, or an argument is not valid.
        JobError: The store cannot be written.
    """
    extras.need("prepare", "images")
    from cxrcompare.images.prepare import prepare as decode
    from cxrcompare.labels import splits

    table = read_dataset(data) if isinstance(data, str | os.PathLike) else data
    found = decode(splits.assign(table), store, size, workers=workers, max_rejected=max_rejected)
    splits.check_disjoint(found.table, found.hashes)
    if preview:
        from cxrcompare.images.preview import preview as contact_sheet

        contact_sheet(found, preview, Path(store) / "preview.png")
    return found


def list_datasets() -> pd.DataFrame:
    """Returns the supported data sets: columns `name`, `title`, `source` and `terms`."""
    from cxrcompare import datasets

    return pd.DataFrame(datasets.describe(), columns=["name", "title", "source", "terms"])
